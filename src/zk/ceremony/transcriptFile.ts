/** ceremony.json as a file: whole or absent, and checked field by field when read. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { asReadError, writeFileDurable } from "../../files.js";
import { type Protocol, PROTOCOLS } from "../protocol.js";
import { parseBeacon } from "./beacon.js";
import { objectAt, textAt } from "./fields.js";
import type { SecretName } from "./secretNames.js";
import { CEREMONY_FORMAT, type Entry, type SecretUpdate, type Transcript, type Update } from "./transcript.js";

export const TRANSCRIPT = "ceremony.json";

export function writeTranscript(directory: string, transcript: Transcript): void {
  writeFileDurable(join(directory, TRANSCRIPT), `${JSON.stringify(transcript, null, 1)}\n`);
}

/** @throws AssayError FILE_NOT_READABLE, CEREMONY_INVALID when malformed; {@link chainFault} is the caller's */
export function readTranscript(directory: string): Transcript {
  return readTranscriptFile(join(directory, TRANSCRIPT));
}

export function readTranscriptFile(path: string): Transcript {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw asReadError(path, cause);
  }
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError("CEREMONY_INVALID", `the transcript is malformed: ${message}`, { where: path, cause });
  }
}

const SHA256 = /^[0-9a-f]{64}$/;
const HASH = /^0x[0-9a-f]{64}$/;
const POINT1 = /^0x[0-9a-f]{128}$/;
const POINT2 = /^0x[0-9a-f]{256}$/;
const FILE = /^key-[0-9]{4,6}\.(zkey|as2r)$/;
export const NAME = /^[\x20-\x7e]{1,64}$/;

function parse(value: unknown): Transcript {
  const { format, protocol, modelId, circuit, powersOfTau, start, entries } = objectAt(value, "transcript");
  if (format !== CEREMONY_FORMAT) throw new SyntaxError(`not of the format ${CEREMONY_FORMAT}`);
  const known = PROTOCOLS.find((name) => name === protocol);
  if (known === undefined) throw new SyntaxError("unknown proof system");
  if (!Array.isArray(entries)) throw new SyntaxError("no entries");
  const first = objectAt(start, "start");
  return {
    format: CEREMONY_FORMAT,
    protocol: known,
    modelId: textAt(modelId, HASH, "modelId"),
    circuit: textAt(circuit, SHA256, "circuit"),
    powersOfTau: textAt(powersOfTau, SHA256, "powersOfTau"),
    start: { file: textAt(first.file, FILE, "start.file"), sha256: textAt(first.sha256, SHA256, "start.sha256"), hash: textAt(first.hash, HASH, "start.hash") },
    entries: entries.map((entry, i) => parseEntry(entry, known, `entry ${(i + 1).toString()}`)),
  };
}

function parseEntry(value: unknown, protocol: Protocol, where: string): Entry {
  const { kind, name, beacon, file, sha256, update, hash } = objectAt(value, where);
  if (kind !== "contribution" && kind !== "beacon") throw new SyntaxError(`${where} is neither contribution nor beacon`);
  if ((kind === "beacon") !== (beacon !== undefined)) throw new SyntaxError(`${where}: a beacon's value belongs to a beacon`);
  return {
    kind,
    name: textAt(name, NAME, `${where}, name`),
    ...(beacon === undefined ? {} : { beacon: parseBeacon(beacon, where) }),
    file: textAt(file, FILE, `${where}, file`),
    sha256: textAt(sha256, SHA256, `${where}, sha256`),
    update: parseUpdate(update, protocol, kind, where),
    hash: textAt(hash, HASH, `${where}, hash`),
  };
}

function parseUpdate(value: unknown, protocol: Protocol, kind: Entry["kind"], where: string): Update {
  const update = objectAt(value, `${where}, update`);
  if (update.protocol !== protocol) throw new SyntaxError(`${where} is of another proof system`);
  if (protocol === "groth16") return { protocol, record: textAt(update.record, /^0x([0-9a-f]{2}){388,1024}$/, `${where}, record`) };
  const secrets = objectAt(update.secrets, `${where}, secrets`);
  const secret = (name: SecretName): SecretUpdate => {
    const { g1, g2, proof } = objectAt(secrets[name], `${where}, ${name}`);
    return {
      ...(name === "gamma" ? {} : { g1: textAt(g1, POINT1, `${where}, ${name}.g1`) }),
      g2: textAt(g2, POINT2, `${where}, ${name}.g2`),
      ...(kind === "beacon" ? {} : { proof: textAt(proof, POINT1, `${where}, ${name}.proof`) }),
    };
  };
  return { protocol, secrets: { gamma: secret("gamma"), delta0: secret("delta0"), delta1: secret("delta1") } };
}

/** SHA-256 of a file that need not fit into memory, hex. @throws AssayError FILE_NOT_READABLE */
export function sha256Of(path: string): string {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 22);
  try {
    const file = openSync(path, "r");
    try {
      for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) hash.update(buffer.subarray(0, count));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw asReadError(path, cause);
  }
  return hash.digest("hex");
}
