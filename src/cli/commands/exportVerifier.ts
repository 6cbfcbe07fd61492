import { exportVerifier, type ExportVerifierOptions } from "../../api/exportVerifier.js";
import type { Session } from "../session.js";

export async function exportVerifierCommand(session: Session, path: string, options: ExportVerifierOptions): Promise<number> {
  const exported = await exportVerifier(path, { ...options, session });
  session.print({ ...exported }, [exported.file, "This contract checks one proof and no context: see the comment in it before you rely on it."]);
  return 0;
}
