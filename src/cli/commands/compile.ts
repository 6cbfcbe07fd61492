import { compile } from "../../zk/compile.js";
import { worstLayer } from "../../quantize/fidelity.js";
import { layerLines, outputErrorLines } from "../fidelityText.js";
import { count, table, timingLines } from "../format.js";
import { type ModelOptions, noteCalibration, quantizeRequest, visibilitiesOf } from "../model.js";
import type { Session } from "../session.js";

interface CompileCommandOptions extends ModelOptions {
  readonly output?: string;
  readonly layers?: boolean;
}

export async function compileCommand(session: Session, path: string, options: CompileCommandOptions): Promise<number> {
  const { model, reused, fidelity } = await compile(path, {
    ...quantizeRequest(options),
    visibilities: visibilitiesOf(options),
    shapes: options.shape,
    protocol: options.protocol,
    directory: options.output,
    ptauPath: options.ptau,
    pool: session.pool,
    progress: session.stages,
    signal: session.signal,
  });
  const { manifest, directory } = model;
  noteCalibration(session, manifest.calibration);
  const { modelId, setup, constraints, domain, publicSignals, choices, reason } = manifest;
  const { timingsMs } = session.stages;
  session.print({ directory, reused, modelId, setup, constraints, domain, publicSignals, ...choices, reason, fidelity: options.layers === true ? fidelity : { outputs: fidelity.outputs, worstLayer: worstLayer(fidelity) }, timingsMs }, [
    ...table([
      ["directory", `${directory}${reused ? " (reused: made from the same content)" : ""}`],
      ["model id", modelId],
      ["constraints", `${count(constraints)}, domain 2^${Math.log2(domain)}, ${publicSignals} public signals`],
      ["proof system", `${choices.protocol}: ${reason}`],
      ["keys", setup === "dev" ? "dev: one party made them and could forge proofs" : "from the given powers of tau, one contribution"],
    ]),
    ...outputErrorLines(fidelity.outputs),
    ...layerLines(fidelity, options.layers === true),
    ...timingLines(timingsMs),
  ]);
  return 0;
}
