import { bench, type BenchOptions } from "../../api/bench.js";
import { markdownReport } from "../../bench/report/markdown.js";
import { subjectsOf } from "../perModel.js";
import type { Session } from "../session.js";

/** Files are for all models, or for one: MODEL=FILE. */
interface BenchCommandOptions extends BenchOptions {
  readonly input?: readonly string[];
  readonly calibration?: readonly string[];
}

export async function benchCommand(session: Session, paths: readonly string[], { input, calibration, ...options }: BenchCommandOptions): Promise<number> {
  const models = subjectsOf(paths, { input, calibration });
  const command = `assay bench ${process.argv.slice(3).join(" ")}`.trim();
  const { results, comparison, failures, files, unwritten } = await bench(models, { ...options, command, session });
  const failed = (failures ?? []).map(({ subject, figure, reason }) => `failed: ${subject}, ${figure}: ${reason}`);
  session.print({ ...results, changes: comparison?.changes, differences: comparison?.differences, failures, files }, [
    markdownReport(results, comparison),
    ...(files === undefined ? [] : ["", `report: ${files.html}`]),
    ...(failed.length > 0 ? ["", ...failed] : []),
  ]);
  if (unwritten !== undefined) throw unwritten;
  return failed.length > 0 ? 1 : 0;
}
