/** `assay prove --inputs`: a proof of each of many inputs. */
import { proveMany, type ProvenMany } from "../api/proveMany.js";
import { AssayError } from "../errors.js";
import type { IndexEntry } from "../zk/batch/index.js";
import type { ProveOptions } from "./commands/prove.js";
import { saturationText } from "../api/model.js";
import { printableLine } from "../printable.js";
import { count, table, timingLines } from "./format.js";
import type { Session } from "./session.js";

/** The index has them all. */
const MOST_NOTES = 20;

/** 2 where an input could not be proven. */
export async function proveManyCommand(session: Session, path: string, { rpc, claims, for: target, ...options }: ProveOptions, inputs: string): Promise<number> {
  if (target !== undefined && "claimId" in target) throw new AssayError("BAD_USAGE", "a claim is settled by one proof", { where: "--for claim:ID", hint: "give --input" });
  if (rpc !== undefined || claims !== undefined) throw new AssayError("BAD_USAGE", "--rpc and --claims need --for claim:ID");
  const notes = new Notes(session);
  const report = await proveMany(path, { ...options, for: target, inputs, session, onEntry: (entry) => notes.show(entry) });
  const { modelId, setup, prover } = report;
  const { timingsMs } = session.stages;
  session.print({ ...report, failures: notes.failures, timingsMs }, [
    ...table([
      ["proofs", report.directory],
      ["index", report.index],
      ["model id", modelId],
      ...(prover === undefined ? [] : [["prover", prover] satisfies [string, string]]),
      ["key", setup === "dev" ? "dev: whoever made it could forge these proofs" : "ceremony"],
      ["inputs", `${count(report.inputs)}: ${count(report.proven)} proven now, ${count(report.resumed)} before, ${count(report.failed)} bad`],
      ["rate", rateText(report)],
    ]),
    ...timingLines(timingsMs),
  ]);
  return report.failed > 0 ? 2 : 0;
}

function rateText({ proven, failed, proofsPerSecond }: ProvenMany): string {
  if (proven > 0) return `${proofsPerSecond.toFixed(2)} proofs a second`;
  return failed > 0 ? "none: no input that is left can be proven" : "nothing left to prove";
}

/** Tells of bad inputs when they are met, and of clamped ones. */
class Notes {
  readonly failures: IndexEntry[] = [];
  #shown = 0;

  constructor(private readonly session: Session) {}

  show(entry: IndexEntry): void {
    const { input, origin, error, saturated = {} } = entry;
    if (error !== undefined && this.failures.length < MOST_NOTES) this.failures.push(entry);
    const lines = error === undefined ? saturationLines(saturated) : [`error ${error.code}: ${printableLine(error.message)}`];
    for (const line of lines) {
      if (this.#shown < MOST_NOTES) this.session.note(`input ${input} (${printableLine(error?.where ?? origin)}): ${line}`);
      else if (this.#shown === MOST_NOTES) this.session.note("... and more, which the index has");
      this.#shown++;
    }
  }
}

function saturationLines(saturated: Readonly<Record<string, number>>): string[] {
  return Object.entries(saturated).flatMap(([name, elements]) => (elements === 0 ? [] : [saturationText(name, elements)]));
}
