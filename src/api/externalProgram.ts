import type { Protocol } from "../zk/protocol.js";
import type { Job } from "./session.js";

/** The prover that was asked for, or ASSAY_PROVER where it can serve. */
export function externalProgram(session: Job, given: string | undefined, protocol: Protocol): string | undefined {
  const configured = process.env.ASSAY_PROVER ?? "";
  if (given !== undefined || configured === "") return given;
  if (protocol === "groth16") return configured;
  session.note(`note: ASSAY_PROVER is for groth16; this is ${protocol}, by Assay's own prover`);
  return undefined;
}
