import { operators } from "../../api/operators.js";
import { operatorTable } from "../../onnx/operatorTable.js";
import type { Session } from "../session.js";

export function operatorsCommand(session: Session): Promise<number> {
  session.print({ operators: operators() }, operatorTable());
  return Promise.resolve(0);
}
