import { compile } from "../../zk/compile.js";
import { count, table, timingLines, weightsRow } from "../format.js";
import { type ModelOptions, noteCalibration, notePlan, quantizeRequest, visibilitiesOf } from "../model.js";
import type { Session } from "../session.js";

export async function compileCommand(session: Session, path: string, options: ModelOptions & { readonly output?: string }): Promise<number> {
  const { model, reused } = await compile(path, {
    ...quantizeRequest(options),
    visibilities: visibilitiesOf(options),
    protocol: options.protocol,
    directory: options.output,
    ptauPath: options.ptau,
    pool: session.pool,
    progress: session.stages,
    signal: session.signal,
    onPlan: (choice) => notePlan(session, choice),
  });
  const { manifest, directory } = model;
  noteCalibration(session, manifest.calibration);
  const { modelId, setup, constraints, domain, publicSignals, choices, reason, weightsCommitment } = manifest;
  const { timingsMs } = session.stages;
  session.print({ directory, reused, modelId, setup, constraints, domain, publicSignals, ...choices, reason, weightsCommitment, timingsMs }, [
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
