/** Whether a ceremony's key file has the shape of the circuit's keys, and nothing besides. */
import { AssayError } from "../../errors.js";
import { headerMatches } from "../keys/auditChecks.js";
import { readProvingKey, type ProvingKey } from "../keys/provingKey.js";
import { assertTwoRoundFile } from "../keys/twoRoundFile.js";
import { assertZkeyFile, readCoefficients } from "../keys/zkeyFile.js";
import type { Protocol } from "../protocol.js";
import { CEREMONY_MARK } from "./twoRoundKeys.js";
import type { CeremonyCircuit } from "./verify.js";

/** The key, or what is wrong with its shape. @throws AssayError FILE_NOT_READABLE */
export function openKey(path: string, { r1cs, rounds }: CeremonyCircuit, protocol: Protocol): ProvingKey | string {
  try {
    const key = readProvingKey(path, "KEY_MISMATCH");
    if (key.protocol !== protocol) return "it is of another proof system than the transcript";
    const sized = key.protocol === (rounds === undefined ? "groth16" : "two-round") && headerMatches(r1cs, key)
      && (rounds === undefined || (key.challengeCount === rounds.challengeCount && key.firstRoundOneWire === rounds.firstRoundOneWire));
    if (!sized) return "it is for a circuit of other sizes";
    assertNothingElse(path, protocol);
    return key;
  } catch (error) {
    if (error instanceof AssayError && error.code === "KEY_MISMATCH") return error.message;
    throw error;
  }
}

function assertNothingElse(path: string, protocol: Protocol): void {
  switch (protocol) {
    case "groth16":
      assertZkeyFile(path, "KEY_MISMATCH");
      return;
    case "two-round":
      assertTwoRoundFile(path, CEREMONY_MARK, "KEY_MISMATCH");
  }
}

export function coefficientsOf(key: ProvingKey, path: string): Uint8Array | undefined {
  return key.protocol === "groth16" ? readCoefficients(path, "KEY_MISMATCH") : undefined;
}
