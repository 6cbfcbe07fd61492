/** One maker for each supported operator: a new operator without one does not compile. */
import type { SupportedOperator } from "../../src/onnx/operators/registry.js";
import type { Maker } from "./maker.js";
import { arithmeticMakers } from "./makers/arithmetic.js";
import { attentionMakers } from "./makers/attention.js";
import { classicalMakers } from "./makers/classical.js";
import { layoutMakers } from "./makers/layout.js";
import { linearMakers } from "./makers/linear.js";
import { logicMakers } from "./makers/logic.js";
import { normalizeMakers } from "./makers/normalize.js";
import { pointwiseMakers } from "./makers/pointwise.js";
import { contribMakers, quantizedMakers } from "./makers/quantized.js";
import { selectMakers } from "./makers/select.js";

/** Of operator set 24, which onnxruntime 1.30 does not run. */
export type NotRun = "Swish";

const STANDARD: Readonly<Record<Exclude<SupportedOperator, NotRun>, Maker>> = {
  ...arithmeticMakers,
  ...attentionMakers,
  ...layoutMakers,
  ...linearMakers,
  ...logicMakers,
  ...normalizeMakers,
  ...pointwiseMakers,
  ...quantizedMakers,
  ...selectMakers,
};

/** By operator, other domains than the standard one before a colon. */
export const MAKERS: ReadonlyMap<string, Maker> = new Map(Object.entries({ ...STANDARD, ...classicalMakers, ...contribMakers }));
