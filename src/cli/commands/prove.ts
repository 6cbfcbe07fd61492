import { resolve } from "node:path";
import { readBytes } from "../../files.js";
import { readSample } from "../../samples/samples.js";
import { writeProofDirectory } from "../../zk/bundle.js";
import { pathIn } from "../../zk/compiledModel.js";
import { contextOf } from "../../zk/keyEncoding.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { outputValues, prove, solveWitness } from "../../zk/prove.js";
import { count, saturationNote, table, timingLines, valuesText } from "../format.js";
import { compiledModel, type ModelOptions } from "../model.js";
import { contextFor, type Target } from "../options.js";
import type { Session } from "../session.js";

export interface ProveOptions extends ModelOptions {
  readonly input: string;
  readonly output?: string;
  readonly for?: Target;
  readonly entry?: string;
}

const DEFAULT_DIRECTORY = "proof";

export async function proveCommand(session: Session, path: string, options: ProveOptions): Promise<number> {
  const { stages } = session;
  const model = await compiledModel(session, path, options, options.input);
  const sample = readSample(options.input, model.graph.inputs, options.scale);
  const { manifest, program, intervals } = model;
  const circuit = await prepareCircuit(program, intervals, manifest.visibilities, session.pool, stages);
  const context = contextFor(model, options.for, options.entry);
  const solved = await stages.stage("witness", () => solveWitness(circuit, sample, contextOf(context)));
  for (const line of saturationNote(solved.saturated)) session.note(line);
  const provingKey = await stages.stage("key", () => readBytes(pathIn(model.directory, "provingKey")));
  const { content, secrets } = await prove(model, circuit, provingKey, solved, context, stages);
  const proofDirectory = resolve(options.output ?? DEFAULT_DIRECTORY);
  await stages.stage("write", () => writeProofDirectory(proofDirectory, content, secrets));
  const { modelId, constraints, domain, publicSignals, setup } = manifest;
  const outputs = outputValues(circuit, solved.outputs);
  const { timingsMs } = stages;
  const { saturated } = solved;
  session.print({ modelId, setup, constraints, domain, publicSignals, outputs, saturated, context: content.bundle.context, timingsMs, proofDirectory }, [
    ...table([
      ["proof", proofDirectory],
      ["model id", modelId],
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
