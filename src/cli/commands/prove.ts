import { resolve } from "node:path";
import { settlementDestination } from "../../chain/claims/settlement.js";
import { AssayError } from "../../errors.js";
import { readSample, type Sample } from "../../samples/samples.js";
import { writeProofDirectory } from "../../zk/bundle.js";
import { type CompiledModel, provingKeyPath } from "../../zk/compiledModel.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { type Destination, outputValues, prove, publicSaturation } from "../../zk/prove.js";
import { loadProver } from "../../zk/proofSystem.js";
import type { Protocol } from "../../zk/protocol.js";
import { ExternalProver } from "../../zk/prover/externalProver.js";
import { claimsContract, type ClaimsOptions } from "../claims.js";
import { count, saturationNote, table, timingLines, valuesText, weightsRow } from "../format.js";
import { compiledModel, type ModelOptions } from "../model.js";
import { type ClaimTarget, destination, type Target } from "../options.js";
import { proveManyCommand } from "../proveMany.js";
import type { Session } from "../session.js";

export interface ProveOptions extends ModelOptions, ClaimsOptions {
  /** One of these two. */
  readonly input?: string;
  readonly inputs?: string;
  readonly output?: string;
  readonly for?: Target | ClaimTarget;
  readonly registrant?: string;
  /** An external prover's executable. */
  readonly prover?: string;
}

const DEFAULT_DIRECTORY = "proof";

export async function proveCommand(session: Session, path: string, options: ProveOptions): Promise<number> {
  const { input, inputs } = options;
  if (input !== undefined && inputs === undefined) return proveOne(session, path, options, input);
  if (inputs !== undefined && options.prover !== undefined) throw new AssayError("BAD_USAGE", "many inputs are proven by Assay's own prover", { where: "--prover", hint: "leave it out, or prove one by one" });
  if (inputs !== undefined && input === undefined) return proveManyCommand(session, path, options, inputs);
  throw new AssayError("BAD_USAGE", "one of --input FILE and --inputs DIR|FILE is needed", { hint: "--inputs takes many inputs and makes a proof of each" });
}

async function proveOne(session: Session, path: string, options: ProveOptions, input: string): Promise<number> {
  const { stages } = session;
  const model = await compiledModel(session, path, options, input);
  const sample = readSample(input, model.graph.inputs, options.scale);
  const to = await destinationOf(session, model, sample, options);
  const { manifest, program, intervals, directory, verificationKey } = model;
  const { choices, setup, modelId, constraints, domain, publicSignals } = manifest;
  const circuit = await prepareCircuit(program, intervals, choices, session.pool, stages);
  const keyPath = provingKeyPath(directory, choices.protocol);
  const external = externalProgram(session, options.prover, choices.protocol);
  const prover = external === undefined
    ? await stages.stage("key", () => loadProver(circuit, keyPath, verificationKey, setup))
    : new ExternalProver(external, circuit, keyPath, verificationKey);
  const { content, secrets, execution, stageMs } = await prove(model, circuit, prover, sample, to, stages, { signal: session.signal });
  const saturated = publicSaturation(circuit, execution.saturated);
  for (const line of saturationNote(execution.saturated)) session.note(line);
  const proofDirectory = resolve(options.output ?? DEFAULT_DIRECTORY);
  await stages.stage("write", () => writeProofDirectory(proofDirectory, content, secrets));
  const outputs = outputValues(circuit, execution.outputs);
  const timingsMs = { ...stages.timingsMs, ...stageMs };
  const { context, registrant, weightsCommitment } = content.bundle;
  const report = { modelId, protocol: choices.protocol, setup, constraints, domain, publicSignals, outputs, saturated, context, registrant, weightsCommitment, prover: external, timingsMs, proofDirectory };
  session.print(report, [
    ...table([
      ["proof", proofDirectory],
      ["model id", modelId],
      ...weightsRow(weightsCommitment),
      ["proof system", `${choices.protocol}: ${manifest.reason}`],
      ["constraints", `${count(constraints)}, domain 2^${Math.log2(domain)}, ${publicSignals} public signals`],
      ...(external === undefined ? [] : [["prover", external] as [string, string]]),
      ["key", setup === "dev" ? "dev: whoever made it could forge this proof" : "ceremony"],
      ["context", `chain ${context.chainId}, job ${context.jobId}, recipient ${context.recipient}`],
      ...Object.entries(outputs).map(([name, { dequantized }]): [string, string] => [
        `output ${name}`,
        dequantized === undefined ? "not public; see private.json" : valuesText(dequantized),
      ]),
    ]),
    ...timingLines(timingsMs),
  ]);
  return 0;
}

/** --prover, or ASSAY_PROVER where it can serve. */
function externalProgram(session: Session, given: string | undefined, protocol: Protocol): string | undefined {
  const configured = process.env.ASSAY_PROVER ?? "";
  if (given !== undefined || configured === "") return given;
  if (protocol === "groth16") return configured;
  session.note(`note: ASSAY_PROVER is for groth16; this is a ${protocol} proof, by Assay's own prover`);
  return undefined;
}

/** Of a proof that settles a claim, the chain says what it is for. */
async function destinationOf(session: Session, model: CompiledModel, sample: Sample, options: ProveOptions): Promise<Destination> {
  const { for: target, rpc, claims, registrant } = options;
  if (target !== undefined && "claimId" in target) {
    if (registrant !== undefined) throw new AssayError("BAD_USAGE", "--registrant follows from the claim", { where: "--for claim:ID" });
    return session.stages.stage("chain", () => claimsContract(session, options, (contract) => settlementDestination(contract, target.claimId, model, sample, target.recipient)));
  }
  if (rpc !== undefined || claims !== undefined) throw new AssayError("BAD_USAGE", "--rpc and --claims need --for claim:ID");
  return destination(model.manifest.choices.protocol, target, registrant);
}
