import { resolve } from "node:path";
import { readSample } from "../../samples/samples.js";
import { writeProofDirectory } from "../../zk/bundle.js";
import { provingKeyPath } from "../../zk/compiledModel.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { outputValues, prove, publicSaturation } from "../../zk/prove.js";
import { loadProver } from "../../zk/proofSystem.js";
import { count, saturationNote, table, timingLines, valuesText, weightsRow } from "../format.js";
import { compiledModel, type ModelOptions } from "../model.js";
import { destination, type Target } from "../options.js";
import type { Session } from "../session.js";

export interface ProveOptions extends ModelOptions {
  readonly input: string;
  readonly output?: string;
  readonly for?: Target;
  readonly registrant?: string;
}

const DEFAULT_DIRECTORY = "proof";

export async function proveCommand(session: Session, path: string, options: ProveOptions): Promise<number> {
  const { stages } = session;
  const model = await compiledModel(session, path, options, options.input);
  const sample = readSample(options.input, model.graph.inputs, options.scale);
  const { manifest, program, intervals, directory, verificationKey } = model;
  const { choices, setup, modelId, constraints, domain, publicSignals } = manifest;
  const circuit = await prepareCircuit(program, intervals, choices, session.pool, stages);
  const prover = await stages.stage("key", () => loadProver(circuit, provingKeyPath(directory, choices.protocol), verificationKey, setup));
  const to = destination(choices.protocol, options.for, options.registrant);
  const { content, secrets, execution, stageMs } = await prove(model, circuit, prover, sample, to, stages, { signal: session.signal });
  const saturated = publicSaturation(circuit, execution.saturated);
  for (const line of saturationNote(execution.saturated)) session.note(line);
  const proofDirectory = resolve(options.output ?? DEFAULT_DIRECTORY);
  await stages.stage("write", () => writeProofDirectory(proofDirectory, content, secrets));
  const outputs = outputValues(circuit, execution.outputs);
  const timingsMs = { ...stages.timingsMs, ...stageMs };
  const { context, registrant, weightsCommitment } = content.bundle;
  const report = { modelId, protocol: choices.protocol, setup, constraints, domain, publicSignals, outputs, saturated, context, registrant, weightsCommitment, timingsMs, proofDirectory };
  session.print(report, [
    ...table([
      ["proof", proofDirectory],
      ["model id", modelId],
      ...weightsRow(weightsCommitment),
      ["proof system", `${choices.protocol}: ${manifest.reason}`],
      ["constraints", `${count(constraints)}, domain 2^${Math.log2(domain)}, ${publicSignals} public signals`],
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
