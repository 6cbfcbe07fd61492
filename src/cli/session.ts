/** What every command shares: output, progress, the worker pool, and an orderly end. */
import { WorkerPool } from "../pool/index.js";
import { Stages } from "../progress.js";
import { terminateCurve } from "../zk/keys/index.js";
import { ProgressBars } from "./progressBars.js";

/** JSON that a command can print: bigints become strings. */
export type Report = Readonly<Record<string, unknown>>;

export class Session {
  readonly stages: Stages;
  readonly #bars = new ProgressBars();
  #pool: WorkerPool | undefined;

  constructor(
    readonly json: boolean,
    readonly signal: AbortSignal,
  ) {
    this.stages = new Stages((stage, done, total) => this.#bars.update(stage, done, total));
  }

  /** Started when first needed. */
  readonly pool = (): WorkerPool => (this.#pool ??= new WorkerPool());

  /** The result: one JSON object on stdout, or the lines for people. */
  print(report: Report, lines: readonly string[]): void {
    this.#bars.clear();
    const text = this.json ? JSON.stringify(report, bigintsAsStrings) : lines.join("\n");
    process.stdout.write(`${text}\n`);
  }

  /** A remark that is no result, on stderr. */
  note(text: string): void {
    this.#bars.clear();
    process.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    this.#bars.clear();
    await this.#pool?.close();
    await terminateCurve();
  }
}

function bigintsAsStrings(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
