/**
 * What section 10 of a .zkey says of each contribution: deltaAfter, s, s·x (G1), s'·x (G2), snarkjs' own transcript hash; then a
 * u32 of 0, or 1 for a beacon; a u32 length, and that many bytes of parameters: 1 length name, 2 log2 of iterations, 3 length
 * value (snarkjs' zkey_utils.js).
 */
import { AssayError } from "../../errors.js";
import { withBinFile } from "./binFile.js";
import { G1_BYTES, G2_BYTES, Section, ZKEY_MAGIC } from "./zkeyFile.js";

const CIRCUIT_HASH_BYTES = 64;
/** log2 of a beacon's hashes. More are hours of work for every verifier: snarkjs takes up to 2^63, which never end. */
export const MOST_BEACON_ITERATIONS = 32;
const TYPE_AT = 3 * G1_BYTES + G2_BYTES + 64;
const PARAMETERS_AT = TYPE_AT + 8;

export interface PlainRecord {
  readonly bytes: Uint8Array;
  readonly deltaAfter: Uint8Array;
  /** s and s·x. */
  readonly points1: Uint8Array;
  /** s'·x. */
  readonly points2: Uint8Array;
  readonly name: string;
  /** Hex, and log2 of the number of hashes. */
  readonly beacon: { readonly value: string; readonly iterations: number } | undefined;
}

/** The contributions that a .zkey records, in order. @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH */
export function plainRecords(path: string): PlainRecord[] {
  const data = withBinFile(path, ZKEY_MAGIC, "KEY_MISMATCH", (file) => file.read(Section.contributions));
  const fail = (): never => {
    throw new AssayError("KEY_MISMATCH", "the contributions that the key records are malformed", { where: path });
  };
  if (data.byteLength < CIRCUIT_HASH_BYTES + 4) return fail();
  const count = new DataView(data.buffer).getUint32(CIRCUIT_HASH_BYTES, true);
  const records: PlainRecord[] = [];
  let at = CIRCUIT_HASH_BYTES + 4;
  while (records.length < count) {
    if (at + PARAMETERS_AT > data.byteLength) return fail();
    const end = at + PARAMETERS_AT + new DataView(data.buffer).getUint32(at + TYPE_AT + 4, true);
    if (end > data.byteLength) return fail();
    records.push(parsePlainRecord(data.slice(at, end)) ?? fail());
    at = end;
  }
  return at === data.byteLength ? records : fail();
}

/** @returns undefined when malformed */
function parsePlainRecord(bytes: Uint8Array<ArrayBuffer>): PlainRecord | undefined {
  const parameters = bytes.subarray(PARAMETERS_AT);
  const type = new DataView(bytes.buffer, bytes.byteOffset).getUint32(TYPE_AT, true);
  let name = "";
  const beacon: { value?: string; iterations?: number } = {};
  for (let at = 0; at < parameters.length; ) {
    const tag = parameters[at];
    const content = parameters.subarray(at + 2, at + 2 + (tag === 2 ? 0 : parameters[at + 1]));
    if (tag === 1) name = new TextDecoder().decode(content);
    else if (tag === 2) beacon.iterations = parameters[at + 1];
    else if (tag === 3) beacon.value = Buffer.from(content).toString("hex");
    else return undefined;
    at += 2 + content.length;
  }
  const { value, iterations } = beacon;
  if (iterations !== undefined && iterations > MOST_BEACON_ITERATIONS) return undefined;
  const [g1, g2] = [3 * G1_BYTES, 3 * G1_BYTES + G2_BYTES];
  const common = { bytes, deltaAfter: bytes.slice(0, G1_BYTES), points1: bytes.slice(G1_BYTES, g1), points2: bytes.slice(g1, g2), name };
  if (type === 0) return value === undefined && iterations === undefined ? { ...common, beacon: undefined } : undefined;
  return type === 1 && value !== undefined && iterations !== undefined ? { ...common, beacon: { value, iterations } } : undefined;
}

/** Contributions by people: a beacon's factor is public. @throws as {@link plainRecords} */
export function contributionCount(path: string): number {
  return plainRecords(path).filter(({ beacon }) => beacon === undefined).length;
}
