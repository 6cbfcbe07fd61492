/** A compiled model's side of a ceremony, with the circuit that was rebuilt from its program. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Circuit } from "../circuit/circuit.js";
import type { AuditableModel } from "../compiledModel.js";
import { roundsOf } from "../proofSystem.js";
import { writeR1cs } from "../r1csFile.js";
import type { CeremonyCircuit } from "./verify.js";

/** Writes the circuit to a scratch file for the time of `use`. */
export async function withCeremonyCircuit<T>({ manifest }: AuditableModel, circuit: Circuit, use: (subject: CeremonyCircuit) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "assay-ceremony-"));
  try {
    const r1csPath = join(scratch, "circuit.r1cs");
    writeR1cs(r1csPath, circuit.r1cs);
    const rounds = circuit.choices.protocol === "two-round" ? roundsOf(circuit) : undefined;
    return await use({ modelId: manifest.modelId, r1cs: circuit.r1cs, r1csPath, rounds });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
