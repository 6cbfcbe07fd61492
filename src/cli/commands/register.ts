import { register, type RegisterOptions } from "../../api/deploy.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

export async function registerCommand(session: Session, path: string, options: RegisterOptions): Promise<number> {
  const registered = await register(path, { ...options, session });
  const { entryId, setup, transcript, gasUsed } = registered;
  session.print({ ...registered, gasUsed: Number(gasUsed) }, table([
    ["entry", entryId],
    ["setup", setup],
    ...(transcript === undefined ? [] : [["transcript", transcript] satisfies [string, string]]),
    ["gas", count(gasUsed)],
  ]));
  return 0;
}
