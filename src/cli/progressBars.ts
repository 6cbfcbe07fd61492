/** One progress bar at a time on stderr, for stages of more than a second, and only on a terminal. */
import cliProgress from "cli-progress";

const PATIENCE_MS = 1000;

export class ProgressBars {
  #stage: string | undefined;
  #since = 0;
  #bar: cliProgress.SingleBar | undefined;

  update(stage: string, done: number, total: number, note = ""): void {
    if (!process.stderr.isTTY) return;
    if (stage !== this.#stage) {
      this.clear();
      this.#stage = stage;
      this.#since = performance.now();
    }
    if (this.#bar === undefined && performance.now() - this.#since > PATIENCE_MS) this.#bar = startBar(stage);
    this.#bar?.update(total > 0 ? Math.min(1, done / total) : 0, { note });
    if (done >= total) this.clear();
  }

  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#stage = undefined;
  }
}

function startBar(stage: string): cliProgress.SingleBar {
  const format = `${stage.padEnd(10)} {bar} {percentage}% {note}`;
  const bar = new cliProgress.SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr }, cliProgress.Presets.shades_classic);
  bar.start(1, 0, { note: "" });
  return bar;
}
