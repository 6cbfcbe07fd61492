/**
 * What `prove` leaves behind: snarkjs' three files and bundle.json, which says what the proof is about. Hashed and private
 * values and salts never enter a bundle; they go to private.json, readable by its owner only.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { fillDirectory, placeOf, readWhole } from "../filling.js";
import { assertNoOthers } from "../outputDirectory.js";
import { decodeElements, encodeElements } from "../program/constantBytes.js";
import type { ElementType, TensorData } from "../program/types.js";
import type { ProgramCommitment } from "../program/steps/index.js";
import { elementBytes } from "../program/elementType.js";
import type { Proof, SetupKind, VerificationKey } from "./keyEncoding.js";
import { type Protocol, PROTOCOLS } from "./protocol.js";
import type { StatedCeremony } from "./statedCeremony.js";
import type { PublicPort, Role, Visibility } from "./visibility.js";

const BUNDLE = "bundle.json";
export const PROOF_FILES = { proof: "proof.json", signals: "public.json", key: "verification_key.json", private: "private.json" } as const;
export const BUNDLE_FORMAT = "assay-bundle-2";

/** An input or output as the proof shows it. */
export interface BundleTensor {
  /** The model's. */
  readonly name: string;
  /** In ONNX's order of axes; the elements are row-major. */
  readonly shape: readonly number[];
  /** Of the integers. */
  readonly type: ElementType;
  /** value = integer · mantissa · 2^exponent */
  readonly scale: {
    /** A positive integer, decimal. */
    readonly mantissa: string;
    /** Mostly negative. */
    readonly exponent: number;
  };
  /** Decides which of `data` and `commitment` is there. */
  readonly visibility: Visibility;
  /** Public tensors: the elements as little-endian two's complement, hex with 0x. */
  readonly data?: string;
  /** Hashed tensors: the commitment, decimal. */
  readonly commitment?: string;
}

/** What a proof is for: keccak of these, as the verifier contract encodes them, but for its last byte, is a public signal. */
export interface BundleContext {
  /** EIP-155, decimal. */
  readonly chainId: string;
  /** Address of the contract, 0x and 40 digits. */
  readonly verifier: string;
  /** keccak of model id, key hash and registrant, 0x and 64 digits. */
  readonly entryId: string;
  /** Below 2^256, decimal. */
  readonly jobId: string;
  /** Address, 0x and 40 digits. */
  readonly recipient: string;
}

/** bundle.json: what a proof is about. Nothing hashed or private is in it, and no salt. */
export interface Bundle {
  /** Another one is refused. */
  readonly format: typeof BUNDLE_FORMAT;
  /** Which proof system the proof and the key are of. */
  readonly protocol: Protocol;
  /** dev: whoever made the key could forge this proof. */
  readonly setup: SetupKind;
  /** What the registrant states of the key's ceremony: no proof shows it, an audit does. */
  readonly ceremony?: StatedCeremony;
  /** keccak of the program's commitment below. */
  readonly modelId: string;
  /** What the model id commits to: it binds the tensors' names, shapes, types and scales. */
  readonly program: ProgramCommitment;
  /** keccak of the key as the registry keeps it, 0x and 64 digits. */
  readonly keyHash: string;
  /** Who registers or has registered the entry: context.entryId = keccak(modelId, keyHash, registrant). */
  readonly registrant: string;
  /** Binds the proof to one job: anywhere else it does not hold. */
  readonly context: BundleContext;
  /** In the model's order. */
  readonly inputs: readonly BundleTensor[];
  /** In the model's order. */
  readonly outputs: readonly BundleTensor[];
  /** Where the program leaves weights open: the commitment to those that were used, 0x and 64 digits. */
  readonly weightsCommitment?: string;
}

/** Values and salts that the proof does not show. */
export interface PrivateTensor {
  readonly role: Role;
  readonly name: string;
  readonly data: string;
  readonly salt?: string;
}

/** A proof directory's files in memory, but for private.json. */
export interface ProofDirectory {
  /** bundle.json: what the proof is about. */
  readonly bundle: Bundle;
  /** proof.json, of the bundle's proof system. */
  readonly proof: Proof;
  /** public.json: field elements in decimal: outputs, context, inputs, weights, challenges. */
  readonly publicSignals: readonly string[];
  /** verification_key.json. */
  readonly verificationKey: VerificationKey;
}

export function bundleTensor(port: PublicPort, values: TensorData, commitment: bigint | undefined): BundleTensor {
  const { shape, type, visibility } = port;
  const { name, scale } = port.port;
  const head = { name, shape, type, scale: { mantissa: scale.mantissa.toString(), exponent: scale.exponent }, visibility };
  switch (visibility) {
    case "public":
      return { ...head, data: toHex(encodeElements(values, type)) };
    case "hashed":
      return { ...head, commitment: String(commitment) };
    case "private":
      return head;
  }
}

export function tensorValues({ data, type, name }: BundleTensor): TensorData {
  const bytes = data === undefined || !/^0x([0-9a-f]{2})*$/.test(data) ? undefined : Buffer.from(data.slice(2), "hex");
  if (bytes === undefined || bytes.length % elementBytes(type) !== 0) {
    throw new AssayError("PROOF_MALFORMED", "no data bytes, or not a whole number of elements", { where: `tensor ${name}` });
  }
  return decodeElements(Uint8Array.from(bytes), type);
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** @throws AssayError FILE_NOT_WRITABLE where a file would be replaced that is no proof's, as a compiled model's key */
export function assertProofMayGo(directory: string): void {
  assertNoOthers(directory, "a proof", Object.values(PROOF_FILES), BUNDLE);
}

/** @throws AssayError FILE_NOT_WRITABLE */
export async function writeProofDirectory(directory: string, content: ProofDirectory, secrets: readonly PrivateTensor[]): Promise<void> {
  assertProofMayGo(directory);
  // Secrets of an earlier proof must not stay beside a new one.
  await fillDirectory(directory, [PROOF_FILES.private, BUNDLE], async (temporary) => {
    writeProofFiles(temporary, content, secrets);
    return Promise.resolve();
  });
}

/** The files alone, into a directory that is there. */
export function writeProofFiles(directory: string, content: ProofDirectory, secrets: readonly PrivateTensor[]): void {
  const write = (name: string, value: unknown, mode?: number): void =>
    writeFileSync(join(directory, name), `${JSON.stringify(value, null, 1)}\n`, { mode });
  write(PROOF_FILES.proof, content.proof);
  write(PROOF_FILES.signals, content.publicSignals);
  write(PROOF_FILES.key, content.verificationKey);
  if (secrets.length > 0) write(PROOF_FILES.private, secrets, 0o600);
  write(BUNDLE, content.bundle);
}

/** The owner's file of a proof directory; undefined where there is none. @throws AssayError PROOF_MALFORMED */
export function readPrivateTensors(directory: string): readonly PrivateTensor[] | undefined {
  const path = placeOf(directory, PROOF_FILES.private);
  if (!existsSync(path)) return undefined;
  try {
    const tensors: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (Array.isArray(tensors) && tensors.every(isPrivateTensor)) return tensors;
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "the file is no JSON", { where: path, cause });
  }
  throw new AssayError("PROOF_MALFORMED", "expected an array of tensors", { where: path });
}

function isPrivateTensor(value: unknown): value is PrivateTensor {
  if (typeof value !== "object" || value === null) return false;
  const { role, name, data, salt } = value as Partial<Record<keyof PrivateTensor, unknown>>;
  const salted = salt === undefined || (typeof salt === "string" && /^[0-9]{1,77}$/.test(salt));
  return (role === "input" || role === "output") && typeof name === "string" && typeof data === "string" && salted;
}

/** @throws AssayError ARTEFACT_MISSING, PROOF_MALFORMED */
export function readProofDirectory(directory: string): ProofDirectory {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new AssayError("ARTEFACT_MISSING", "not a proof directory, but a file", { where: directory });
  }
  return readWhole(directory, BUNDLE, () => readFiles(directory));
}

function readFiles(directory: string): ProofDirectory {
  const read = (name: string): unknown => readJson(placeOf(directory, name));
  const { proof, signals, key } = PROOF_FILES;
  return checkParts({ bundle: read(BUNDLE), proof: read(proof), publicSignals: read(signals), verificationKey: read(key) }, (name) => join(directory, name));
}

/** What `prove` gave, as its files would say it; at run time it may be anything. @throws AssayError PROOF_MALFORMED */
export function parseProofDirectory(given: ProofDirectory): ProofDirectory {
  let parts: unknown;
  try {
    parts = JSON.parse(JSON.stringify(given));
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "expected a proof directory, or what prove gave", { cause });
  }
  return checkParts(asObject(parts, "the proof that is given"), (name) => name);
}

function checkParts(parts: { readonly [K in keyof ProofDirectory]?: unknown }, place: (name: string) => string): ProofDirectory {
  const { bundle, proof, publicSignals, verificationKey } = parts;
  assertBundle(bundle as { readonly [K in keyof Bundle]?: unknown } | null, place(BUNDLE));
  return {
    bundle: bundle as Bundle,
    proof: asObject(proof, place(PROOF_FILES.proof)) as Proof,
    publicSignals: publicSignals as string[],
    verificationKey: asObject(verificationKey, place(PROOF_FILES.key)) as VerificationKey,
  };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new AssayError("ARTEFACT_MISSING", "not a proof directory: a file is missing", { where: path, hint: "assay prove MODEL --input FILE -o DIR", cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "the file is no JSON", { where: path, cause });
  }
}

function asObject(value: unknown, where: string): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new AssayError("PROOF_MALFORMED", "expected an object", { where });
  return value;
}

const HASH = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

const CONTEXT_SHAPES: Readonly<Record<keyof BundleContext, RegExp>> = {
  chainId: /^[0-9]{1,78}$/,
  verifier: ADDRESS,
  entryId: HASH,
  jobId: /^[0-9]{1,78}$/,
  recipient: ADDRESS,
};

function isStatedCeremony(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { contributions, transcript } = value as { readonly [K in keyof StatedCeremony]?: unknown };
  const counted = typeof contributions === "number" && Number.isInteger(contributions) && contributions >= 0 && contributions < 2 ** 32;
  return counted && (transcript === undefined || (typeof transcript === "string" && HASH.test(transcript)));
}

function assertBundle(bundle: { readonly [K in keyof Bundle]?: unknown } | null, where: string): asserts bundle is Bundle {
  const fail = (message: string): never => {
    throw new AssayError("PROOF_MALFORMED", message, { where });
  };
  if (bundle?.format !== BUNDLE_FORMAT) return fail(`not of the format ${BUNDLE_FORMAT}`);
  const { context, inputs, outputs, setup, ceremony, protocol, weightsCommitment } = bundle;
  if (typeof context !== "object" || context === null) return fail("no context");
  for (const [field, shape] of Object.entries(CONTEXT_SHAPES)) {
    const value: unknown = (context as Partial<BundleContext>)[field as keyof BundleContext];
    if (typeof value !== "string" || !shape.test(value)) fail(`context.${field} is malformed`);
  }
  for (const field of ["chainId", "jobId"] as const) {
    if (BigInt((context as BundleContext)[field]) >= 2n ** 256n) fail(`context.${field} exceeds 256 bits`);
  }
  if (setup !== "dev" && setup !== "ceremony") fail("setup is neither dev nor ceremony");
  if (ceremony !== undefined && (setup === "dev" || !isStatedCeremony(ceremony))) fail("ceremony is malformed");
  if (!PROTOCOLS.some((known) => known === protocol)) fail("the protocol is unknown");
  if (!ADDRESS.test(String(bundle.registrant))) fail("registrant is malformed");
  const { structure, weightsRoot, tablesRoot } = (bundle.program ?? {}) as Partial<ProgramCommitment>;
  if (typeof structure !== "string" || !HASH.test(String(weightsRoot)) || !HASH.test(String(tablesRoot))) fail("program is malformed");
  for (const field of ["modelId", "keyHash"] as const) if (!HASH.test(String(bundle[field]))) fail(`${field} is malformed`);
  if (weightsCommitment !== undefined && !(typeof weightsCommitment === "string" && HASH.test(weightsCommitment))) fail("weightsCommitment is malformed");
  if (!Array.isArray(inputs) || !Array.isArray(outputs)) return fail("inputs or outputs are missing");
  const tensors: readonly unknown[] = [inputs, outputs].flat();
  for (const tensor of tensors) if (!isTensor(tensor)) fail("a tensor's description is malformed");
}

const TYPES: ReadonlySet<string> = new Set<ElementType>(["u8", "i8", "u16", "i16", "i32", "i64"]);
const VISIBILITIES: ReadonlySet<string> = new Set<Visibility>(["public", "hashed", "private"]);

function isTensor(value: unknown): boolean {
  const tensor = value as Partial<BundleTensor> | null;
  if (typeof tensor !== "object" || tensor === null) return false;
  const { name, shape, type, visibility, scale, data, commitment } = tensor;
  // Data beside a hashed or private tensor would be taken for what was proven.
  if ((data !== undefined) !== (visibility === "public") || (commitment !== undefined) !== (visibility === "hashed")) return false;
  const sized = Array.isArray(shape) && shape.every((size: unknown) => Number.isSafeInteger(size) && Number(size) > 0);
  const scaled = typeof scale === "object" && (scale as unknown) !== null && /^[0-9]{1,20}$/.test(scale.mantissa) && Number.isInteger(scale.exponent);
  return typeof name === "string" && sized && scaled && TYPES.has(type ?? "") && VISIBILITIES.has(visibility ?? "");
}
