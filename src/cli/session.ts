/** What every command shares: output, progress, the worker pool, and an orderly end. */
import { type PoolOptions, WorkerPool } from "../pool/index.js";
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
    private readonly poolOptions: PoolOptions = {},
  ) {
    this.stages = new Stages((stage, done, total, note) => this.#bars.update(stage, done, total, note));
  }

  /** Started when first needed. */
  readonly pool = (): WorkerPool => (this.#pool ??= new WorkerPool(this.poolOptions));

  /** The result: one JSON object on stdout, or the lines for people. */
  print(report: Report, lines: readonly string[]): void {
    this.#bars.clear();
    // What the workers did, where there were any: how long tasks waited and ran shows whether more would help.
    const text = this.json ? JSON.stringify({ ...report, pool: this.#pool?.report() }, bigintsAsStrings) : lines.join("\n");
    process.stdout.write(`${text}\n`);
  }

  /** A remark that is no result, on stderr. */
  note(text: string): void {
    this.#bars.clear();
    process.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    this.#bars.clear();
    // An interrupted command has tasks that nobody waits for.
    await (this.signal.aborted ? this.#pool?.destroy() : this.#pool?.close());
    await terminateCurve();
  }
}

function bigintsAsStrings(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
