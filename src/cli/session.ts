/** A command's session: results to stdout, remarks and progress to stderr. */
import { Session as LibrarySession } from "../api/session.js";
import type { PoolOptions } from "../pool/index.js";
import { printable } from "../printable.js";
import { ProgressBars } from "./progressBars.js";

/** JSON that a command can print: bigints become strings. */
export type Report = Readonly<Record<string, unknown>>;

export class Session extends LibrarySession {
  readonly #bars: ProgressBars;

  constructor(
    readonly json: boolean,
    signal: AbortSignal,
    pool: PoolOptions = {},
  ) {
    const bars = new ProgressBars();
    const onNote = (text: string): void => {
      bars.clear();
      process.stderr.write(`${printable(text)}\n`);
    };
    super({ signal, pool, onProgress: (...progress) => bars.update(...progress), onNote });
    this.#bars = bars;
  }

  /** The result: one JSON object on stdout, or the lines for people. */
  print(report: Report, lines: readonly string[]): void {
    this.#bars.clear();
    // How long tasks waited and ran shows whether more threads would help.
    const text = this.json ? JSON.stringify({ ...report, pool: this.poolReport() }, bigintsAsStrings) : printable(lines.join("\n"));
    process.stdout.write(`${text}\n`);
  }

  override async close(): Promise<void> {
    this.#bars.clear();
    await super.close();
  }
}

function bigintsAsStrings(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
