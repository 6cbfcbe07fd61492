import { compile } from "../../zk/compile.js";
import { count, table, timingLines, weightsRow } from "../format.js";
import { type ModelOptions, noteCalibration, notePlan, quantizeRequest, refuseCompileOptions, visibilitiesOf } from "../model.js";
import type { Session } from "../session.js";

interface CompileCommandOptions extends ModelOptions {
  readonly output?: string;
  readonly like?: string;
}

export async function compileCommand(session: Session, path: string, options: CompileCommandOptions): Promise<number> {
  if (options.like !== undefined) refuseCompileOptions({ ...options, weights: undefined }, options.like);
  const { model, reused, clampedWeights } = await compile(path, {
    ...quantizeRequest(options),
    visibilities: visibilitiesOf(options),
    protocol: options.protocol,
    directory: options.output,
    like: options.like,
    ptauPath: options.ptau,
    pool: session.pool,
    progress: session.stages,
    signal: session.signal,
    onPlan: (choice) => notePlan(session, choice),
  });
  const { manifest, directory } = model;
  if (options.like === undefined) noteCalibration(session, manifest.calibration);
  for (const [node, weights] of Object.entries(clampedWeights)) session.note(`warning: ${count(weights)} weights of node ${node} exceed the base's types and were clamped`);
  const { modelId, setup, constraints, domain, publicSignals, choices, reason, weightsCommitment } = manifest;
  const { timingsMs } = session.stages;
  session.print({ directory, reused, modelId, setup, constraints, domain, publicSignals, ...choices, reason, weightsCommitment, clampedWeights, timingsMs }, [
    ...table([
      ["directory", `${directory}${reused ? " (reused: made from the same content)" : ""}`],
      ["model id", modelId],
      ["constraints", `${count(constraints)}, domain 2^${Math.log2(domain)}, ${publicSignals} public signals`],
      ...weightsRow(weightsCommitment),
      ["proof system", `${choices.protocol}: ${reason}`],
      ["keys", setup === "dev" ? "dev: one party made them and could forge proofs" : "from the given powers of tau, one contribution"],
    ]),
    ...timingLines(timingsMs),
  ]);
  return 0;
}
