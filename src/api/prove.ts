import { resolve } from "node:path";
import { settlementDestination } from "../chain/claims/settlement.js";
import { type ClaimsPlace, requireRpc, withClaims } from "../chain/claims/withClaims.js";
import { AssayError } from "../errors.js";
import { givenSample } from "../samples/given.js";
import type { Sample } from "../samples/samples.js";
import { assertProofMayGo, type ProofDirectory, writeProofDirectory } from "../zk/bundle.js";
import { type CompiledModel, provingKeyPath } from "../zk/compiledModel.js";
import { ExternalProver } from "../zk/prover/externalProver.js";
import { prepareCircuit } from "../zk/prepareCircuit.js";
import { loadProver } from "../zk/proofSystem.js";
import { type Destination, type OutputValues, outputValues, prove as proveSample, publicSaturation } from "../zk/prove.js";
import type { Compiled } from "./compile.js";
import { externalProgram } from "./externalProgram.js";
import { compiledModel, type ModelOptions, noteSaturation } from "./model.js";
import { type CallOptions, type Job, withSession } from "./session.js";
import { type ClaimTarget, destination, type Target } from "./target.js";

export interface ProveOptions extends ModelOptions, ClaimsPlace, CallOptions {
  /** A file (JSON, .npy, IDX), or the values of each input in the model's order, row-major. */
  readonly input: string | Sample;
  /** Where to put the proof directory; default: nowhere. */
  readonly output?: string;
  /** What the proof is for; default: the embedded node. A claim's proof needs `rpc`, as the chain says what it must be for. */
  readonly for?: Target | ClaimTarget;
  /** Who registers the entry; default: the embedded node's account. */
  readonly registrant?: string;
  /** Executable of an external prover of groth16 proofs, as rapidsnark; default: ASSAY_PROVER, else Assay's own. */
  readonly prover?: string;
}

/** A proof that has been verified, and what it shows. */
export interface Proven {
  /** The proof with all that is needed to verify it: what {@link verify} takes. Nothing hidden is in it. */
  readonly proof: ProofDirectory;
  /** Where it was written. */
  readonly directory: string | undefined;
  /** By output name; values only of public ones. */
  readonly outputs: Readonly<Record<string, OutputValues>>;
  /** Elements of public inputs that were clamped to their range, by input name. */
  readonly saturated: Readonly<Record<string, number>>;
  /** Milliseconds of the prover's stages. */
  readonly stageMs: Readonly<Record<string, number>>;
  /** The external prover that made the proof. */
  readonly prover: string | undefined;
  /** Of the compiled model, as in {@link Compiled}. */
  readonly model: Pick<Compiled, "directory" | "modelId" | "reason" | "setup" | "constraints" | "domain" | "publicSignals">;
}

/**
 * Proves one inference: every constraint is checked first, and the proof is verified before it is written.
 *
 * @param path a compiled directory, or an .onnx file, which is compiled into the cache
 * @throws AssayError as {@link compile}; INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE for the input; ARTEFACT_MISSING,
 *         ARTEFACT_STALE for the directory; CONSTRAINT_UNSATISFIED; as {@link settle} of a claim that cannot be settled
 */
export function prove(path: string, options: ProveOptions): Promise<Proven> {
  return withSession(options, async (session) => {
    const { stages } = session;
    const { input, output } = options;
    if (output !== undefined) assertProofMayGo(output);
    const model = await compiledModel(session, path, options, typeof input === "string" ? input : undefined);
    const sample = givenSample(input, model.graph.inputs, options.scale);
    const to = await destinationOf(session, model, sample, options);
    const { manifest, program, intervals, directory, verificationKey } = model;
    const { choices, setup, modelId, reason, constraints, domain, publicSignals } = manifest;
    const circuit = await prepareCircuit(program, intervals, choices, session.pool, stages);
    const keyPath = provingKeyPath(directory, choices.protocol);
    const external = externalProgram(session, options.prover, choices.protocol);
    const prover = external === undefined
      ? await stages.stage("key", () => loadProver(circuit, keyPath, verificationKey, setup))
      : new ExternalProver(external, circuit, keyPath, verificationKey);
    const { content, secrets, execution, stageMs } = await proveSample(model, circuit, prover, sample, to, stages, { signal: session.signal });
    noteSaturation(session, execution.saturated);
    const proofDirectory = output === undefined ? undefined : resolve(output);
    if (proofDirectory !== undefined) await stages.stage("write", () => writeProofDirectory(proofDirectory, content, secrets));
    return {
      proof: content,
      directory: proofDirectory,
      outputs: outputValues(circuit, execution.outputs),
      saturated: publicSaturation(circuit, execution.saturated),
      stageMs,
      prover: external,
      model: { directory, modelId, reason, setup, constraints, domain, publicSignals },
    };
  });
}

/** Of a proof that settles a claim, the chain says what it is for. */
async function destinationOf(session: Job, model: CompiledModel, sample: Sample, options: ProveOptions): Promise<Destination> {
  const { for: target, rpc, claims, registrant } = options;
  if (target !== undefined && "claimId" in target) {
    if (registrant !== undefined) throw new AssayError("BAD_USAGE", "the registrant follows from the claim", { hint: "leave out --registrant" });
    requireRpc(options);
    return session.stages.stage("chain", () =>
      withClaims(options, { writes: false }, (contract) => settlementDestination(contract, target.claimId, model, sample, target.recipient)),
    );
  }
  if (rpc !== undefined || claims !== undefined) throw new AssayError("BAD_USAGE", "--rpc and --claims need --for claim:ID");
  return destination(model.manifest.choices.protocol, target, registrant);
}
