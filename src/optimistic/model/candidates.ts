/** Which elements of a step are looked at for the dearest one: rows at one channel, and channels of one row. */
import { unreachable } from "../../errors.js";
import { type Core, type Step, termsOf } from "../../program/steps/index.js";

export interface Candidates {
  /** Elements of a row. */
  readonly width: number;
  readonly rows: readonly number[];
  readonly channels: readonly number[];
}

/** Terms read for the rows of a step, and for its channels: some 20 ms of work each. ResNet-50's products stay below. */
const PRODUCT_TERMS = 6e6;
const CELL_TERMS = 5e4;
/** Elements of other steps: they differ in where constants straddle chunks only. */
const ELEMENTWISE = 512;

export function candidates({ core, count, shape }: Step): Candidates {
  const width = widthOf(core, shape);
  const most = mostOf(core);
  return { width, rows: spread(count / width, most), channels: spread(width, most) };
}

function widthOf(core: Core, shape: readonly number[]): number {
  switch (core.kind) {
    case "dot":
      return core.outputs;
    case "matmul":
      return core.columns;
    case "sumPool":
    case "maxPool":
      return core.channels;
    case "copy":
    case "add":
    case "mul":
    case "affine":
    case "gather":
      return shape.at(-1) ?? 1;
    default:
      return unreachable(core);
  }
}

function mostOf(core: Core): number {
  const terms = termsOf(core);
  if (core.kind === "dot" || core.kind === "matmul") return Math.max(64, Math.floor(PRODUCT_TERMS / terms));
  return core.kind === "sumPool" || core.kind === "maxPool" ? Math.max(64, Math.floor(CELL_TERMS / terms)) : ELEMENTWISE;
}

/** All of [0, count), or `most` of them, the first and the last included. An odd stride meets all alignments. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const stride = Math.ceil((count - 1) / (most - 1)) | 1;
  const taken = Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
  return taken.at(-1) === count - 1 ? taken : [...taken, count - 1];
}
