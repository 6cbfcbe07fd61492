import { compile, type CompileOptions } from "../../api/compile.js";
import { type Fidelity, worstLayer } from "../../quantize/fidelity.js";
import { layerLines, outputErrorLines } from "../fidelityText.js";
import { count, table, timingLines, weightsRow } from "../format.js";
import type { Session } from "../session.js";

interface CompileCommandOptions extends CompileOptions {
  readonly layers?: boolean;
}

export async function compileCommand(session: Session, path: string, options: CompileCommandOptions): Promise<number> {
  const compiled = await compile(path, { ...options, session });
  const { directory, reused, modelId, setup, constraints, domain, publicSignals, protocol, reason, weightsCommitment, fidelity } = compiled;
  const { timingsMs } = session.stages;
  session.print({ ...compiled, fidelity: shownFidelity(fidelity, options), timingsMs }, [
    ...table([
      ["directory", `${directory}${reused ? " (reused: made from the same content)" : ""}`],
      ["model id", modelId],
      ["constraints", `${count(constraints)}, domain 2^${Math.log2(domain)}, ${publicSignals} public signals`],
      ...weightsRow(weightsCommitment),
      ["proof system", `${protocol}: ${reason}`],
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
