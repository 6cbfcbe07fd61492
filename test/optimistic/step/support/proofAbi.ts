/** The structs of IStepExecutor as the ABI has them. */
import type { DescriptorProof, PackedChunkProof, StepHeader, StepProof, TensorProof } from "../../../../src/optimistic/step/index.js";
import type { Abi } from "./abi.js";

export function headerAbi(header: StepHeader): Abi {
  const { structureRoot, stepsTop, parametersRoot, weightsRoot, tablesRoot, parametersLength, weightsLength, tablesLength, slots, inputs, outputs } = header;
  return { tuple: [structureRoot, stepsTop, parametersRoot, weightsRoot, tablesRoot, parametersLength, weightsLength, tablesLength, slots, inputs, { list: outputs }] };
}

export function descriptorAbi({ header, descriptor, siblings }: DescriptorProof): Abi {
  return { tuple: [headerAbi(header), descriptor, hashes(siblings)] };
}

export function chunksAbi({ indices, chunks, siblings }: PackedChunkProof): Abi {
  return { tuple: [indices, chunks, hashes(siblings)] };
}

export function tensorAbi({ chunks, siblings }: TensorProof): Abi {
  return { tuple: [chunksAbi(chunks), hashes(siblings)] };
}

export function stepAbi({ definition, operands, weights, tables, parameters }: StepProof): Abi {
  return { tuple: [descriptorAbi(definition), { list: operands.map(tensorAbi) }, chunksAbi(weights), chunksAbi(tables), chunksAbi(parameters)] };
}

export function hashes(siblings: readonly Uint8Array[]): Abi {
  return { list: siblings.map((hash) => `0x${Buffer.from(hash).toString("hex")}`) };
}
