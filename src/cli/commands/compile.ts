import { compile } from "../../zk/compile.js";
import { type Fidelity, worstLayer } from "../../quantize/fidelity.js";
import { layerLines, outputErrorLines } from "../fidelityText.js";
import { count, table, timingLines, weightsRow } from "../format.js";
import { type ModelOptions, noteCalibration, notePlan, quantizeRequest, refuseCompileOptions, visibilitiesOf } from "../model.js";
import type { Session } from "../session.js";

interface CompileCommandOptions extends ModelOptions {
  readonly output?: string;
  readonly like?: string;
  readonly layers?: boolean;
}

export async function compileCommand(session: Session, path: string, options: CompileCommandOptions): Promise<number> {
  if (options.like !== undefined) refuseCompileOptions({ ...options, weights: undefined }, options.like);
  const { model, reused, fidelity, clampedWeights } = await compile(path, {
    ...quantizeRequest(options),
    visibilities: visibilitiesOf(options),
    shapes: options.shape,
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
  const report = { directory, reused, modelId, setup, constraints, domain, publicSignals, ...choices, reason, weightsCommitment, clampedWeights };
  session.print({ ...report, fidelity: shownFidelity(fidelity, options), timingsMs }, [
    ...table([
      ["directory", `${directory}${reused ? " (reused: made from the same content)" : ""}`],
      ["model id", modelId],
      ["constraints", `${count(constraints)}, domain 2^${Math.log2(domain)}, ${publicSignals} public signals`],
      ...weightsRow(weightsCommitment),
      ["proof system", `${choices.protocol}: ${reason}`],
      ["keys", setup === "dev" ? "dev: one party made them and could forge proofs" : "from the given powers of tau, one contribution"],
    ]),
    ...(fidelity === undefined ? [] : [...outputErrorLines(fidelity.outputs), ...layerLines(fidelity, options.layers === true)]),
    ...timingLines(timingsMs),
  ]);
  return 0;
}

function shownFidelity(fidelity: Fidelity | undefined, { layers }: CompileCommandOptions): unknown {
  if (fidelity === undefined || layers === true) return fidelity;
  return { outputs: fidelity.outputs, worstLayer: worstLayer(fidelity) };
}
