import { prove, type ProveOptions as OneOptions } from "../../api/prove.js";
import { AssayError } from "../../errors.js";
import { count, table, timingLines, valuesText, weightsRow } from "../format.js";
import { proveManyCommand } from "../proveMany.js";
import type { Session } from "../session.js";

export interface ProveOptions extends Omit<OneOptions, "input"> {
  /** One of these two. */
  readonly input?: string;
  readonly inputs?: string;
}

const DEFAULT_DIRECTORY = "proof";

export async function proveCommand(session: Session, path: string, options: ProveOptions): Promise<number> {
  const { input, inputs } = options;
  if (input !== undefined && inputs === undefined) return proveOne(session, path, options, input);
  if (inputs !== undefined && input === undefined) return proveManyCommand(session, path, options, inputs);
  throw new AssayError("BAD_USAGE", "one of --input FILE and --inputs DIR|FILE is needed", { hint: "--inputs takes many inputs and makes a proof of each" });
}

async function proveOne(session: Session, path: string, options: ProveOptions, input: string): Promise<number> {
  const { stages } = session;
  const { proof, directory: proofDirectory = "", outputs, saturated, stageMs, model, prover } = await prove(path, { ...options, input, output: options.output ?? DEFAULT_DIRECTORY, session });
  const { context, registrant, weightsCommitment, protocol } = proof.bundle;
  const { modelId, reason, setup, constraints, domain, publicSignals } = model;
  const timingsMs = { ...stages.timingsMs, ...stageMs };
  const report = { modelId, protocol, setup, constraints, domain, publicSignals, outputs, saturated, context, registrant, weightsCommitment, prover, timingsMs, proofDirectory };
  session.print(report, [
    ...table([
      ["proof", proofDirectory],
      ["model id", modelId],
      ...weightsRow(weightsCommitment),
      ["proof system", `${protocol}: ${reason}`],
      ...(prover === undefined ? [] : [["prover", prover] satisfies [string, string]]),
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
