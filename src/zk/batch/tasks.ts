/**
 * Worker side of a batch: each worker assembles the circuit once and shares the key with the others; a proof is made and verified
 * by the worker alone, with single-threaded curve arithmetic.
 *
 * The pool's threads are all that a batch computes with. A proof by one thread takes about as much processor time as one that the
 * curve's threads share (0.33 and 0.36 s for fashion_mlp, 1.9 and 2.0 s for fashion_lenet on 2 cores: bench/results.json), but
 * it never waits: witness, constraints and verification of one proof run beside another's curve arithmetic, where the curve's
 * threads stand idle. Starting both would only add threads to cores that are busy. `npm run bench -- --only batch` compares the
 * ways.
 */
import { deserialize, serialize } from "node:v8";
import type { TaskHandlers } from "../../pool/index.js";
import { Stages } from "../../progress.js";
import type { Sample } from "../../samples/samples.js";
import type { PrivateTensor, ProofDirectory } from "../bundle.js";
import { assembleCircuit, type Circuit } from "../circuit/circuit.js";
import { type AuditableModel, provingKeyPath } from "../compiledModel.js";
import { GadgetLibrary } from "../gadgets/library.js";
import { encodeKey, keyHash } from "../keyEncoding.js";
import { openProvingKey, threadedCurve } from "../keys/index.js";
import { type Destination, prove, publicSaturation } from "../prove.js";
import { prepareKey, type PreparedKey, Prover } from "../prover/prover.js";

/** A model in memory that all workers read; each makes its own objects of it once. */
export interface SharedModel {
  readonly id: string;
  readonly bytes: SharedArrayBuffer;
}

/** An input of the batch, read. */
export interface BatchInput {
  readonly number: number;
  readonly sample: Sample;
  readonly destination: Destination;
}

export interface ProvingTask extends BatchInput {
  readonly model: SharedModel;
  readonly key: PreparedKey;
}

export interface ProvenInput {
  readonly number: number;
  readonly content: ProofDirectory;
  readonly secrets: readonly PrivateTensor[];
  /** Clamped elements of public inputs, by name. */
  readonly saturated: Readonly<Record<string, number>>;
}

export interface BatchTasks {
  /** Loads the key, for all workers. */
  readonly open: { readonly input: SharedModel; readonly output: PreparedKey };
  readonly prove: { readonly input: ProvingTask; readonly output: ProvenInput };
}

export function shareModel({ directory, manifest, program, intervals, verificationKey, weights }: AuditableModel): SharedModel {
  const encoded = serialize({ directory, manifest, program, intervals, verificationKey, weights });
  const bytes = new SharedArrayBuffer(encoded.length);
  new Uint8Array(bytes).set(encoded);
  return { id: `${directory} ${manifest.contentHash}`, bytes };
}

interface LoadedModel {
  readonly id: string;
  readonly model: AuditableModel;
  readonly circuit: Circuit;
  prover?: Prover;
}

/** Of this thread. One at a time: a pool may outlive many batches. */
let loaded: LoadedModel | undefined;

function load({ id, bytes }: SharedModel): LoadedModel {
  if (loaded?.id === id) return loaded;
  loaded = undefined;
  const model = deserialize(new Uint8Array(bytes).slice()) as AuditableModel;
  const circuit = assembleCircuit(model.program, model.intervals, model.manifest.choices, new GadgetLibrary());
  return (loaded = { id, model, circuit });
}

function open(shared: SharedModel): PreparedKey {
  const { model, circuit } = load(shared);
  return prepareKey(circuit, openProvingKey(provingKeyPath(model.directory, model.manifest.choices.protocol)));
}

async function proverOf(own: LoadedModel, key: PreparedKey): Promise<Prover> {
  const { verificationKey, manifest } = own.model;
  return (own.prover ??= new Prover(await threadedCurve(), own.circuit, key, keyHash(encodeKey(verificationKey, manifest.setup))));
}

async function proveOne({ model: shared, key, number, sample, destination }: ProvingTask): Promise<ProvenInput> {
  const own = load(shared);
  const prover = await proverOf(own, key);
  const { content, secrets, execution } = await prove(own.model, own.circuit, prover, sample, destination, new Stages());
  return { number, content, secrets, saturated: publicSaturation(own.circuit, execution.saturated) };
}

export const tasks: TaskHandlers<BatchTasks> = { open, prove: proveOne };
