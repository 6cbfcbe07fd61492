import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Interface, type InterfaceAbi } from "ethers";
import { AssayError } from "../errors.js";
import { packageRoot } from "../packageRoot.js";
import type { Protocol } from "../zk/protocol.js";

/** The contracts that are deployed. */
export type ContractName = "Registry" | VerifierName | "StepExecutor" | "Claims";

/** The verifier contract of each proof system. */
export const VERIFIERS = { groth16: "Groth16Verifier", "two-round": "TwoRoundVerifier" } as const satisfies Record<Protocol, string>;
type VerifierName = (typeof VERIFIERS)[Protocol];

export interface Artifact {
  readonly abi: Interface;
  /** Creation code without constructor arguments. */
  readonly bytecode: string;
}

const cache = new Map<ContractName, Artifact>();

/** A compiled contract from dist/contracts. */
export function loadArtifact(name: ContractName): Artifact {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const path = join(packageRoot(), "dist", "contracts", `${name}.json`);
  let parsed: { abi: InterfaceAbi; bytecode: string };
  try {
    parsed = JSON.parse(readFileSync(path, "utf8")) as { abi: InterfaceAbi; bytecode: string };
  } catch (cause) {
    throw new AssayError("ARTEFACT_MISSING", "the compiled contracts are missing", {
      where: path,
      hint: "npm run build",
      cause,
    });
  }
  const artifact = { abi: new Interface(parsed.abi), bytecode: parsed.bytecode };
  cache.set(name, artifact);
  return artifact;
}
