/** The step executor's structs (contracts/interfaces/IStepExecutor.sol) as the ABI encodes them. */
import { AbiCoder, type ParamType } from "ethers";
import type { DescriptorProof, StepProof } from "../../optimistic/step/index.js";
import { loadArtifact } from "../artifacts.js";

interface Structs {
  readonly DescriptorProof: DescriptorProof;
  readonly StepProof: StepProof;
}

/** Where the executor's ABI has each struct: a function, and the position of its parameter. */
const PLACES: Readonly<Record<keyof Structs, readonly [name: string, position: number]>> = {
  DescriptorProof: ["describe", 2],
  StepProof: ["execute", 4],
};

/** abi.encode of one struct, hex. */
export function abiEncode<K extends keyof Structs>(struct: K, value: Structs[K]): string {
  return AbiCoder.defaultAbiCoder().encode([typeOf(struct)], [value]);
}

function typeOf(struct: keyof Structs): ParamType {
  const [name, position] = PLACES[struct];
  const type = loadArtifact("StepExecutor").abi.getFunction(name)?.inputs[position];
  if (type === undefined) throw new TypeError(`the executor's ABI lacks ${struct}`);
  return type;
}
