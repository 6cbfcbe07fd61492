import { operatorTable } from "../../onnx/operatorTable.js";
import { supportedOperators } from "../../onnx/operators/registry.js";
import type { Session } from "../session.js";

export function operatorsCommand(session: Session): Promise<number> {
  session.print({ operators: supportedOperators() }, operatorTable());
  return Promise.resolve(0);
}
