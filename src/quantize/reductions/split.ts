/**
 * Long reductions become trees: no element of a program depends on more operands than the step function executes
 * (limits.ts). Parts are laid side by side by grouped convolutions and renamings, and their results summed or compared.
 */
import type { ElementType, TensorId } from "../../program/types.js";
import type { OperationDraft, ProgramBuilder } from "../builder.js";
import { splitConv, splitLinear } from "./dots.js";
import type { ReductionLimits } from "./limits.js";
import { splitMatMul } from "./matMul.js";
import { splitPool } from "./pools.js";

/**
 * @param type storage type of the output; undefined for an accumulator
 * @returns what the operation would define, made of shorter reductions; undefined where it is short enough
 */
export function splitReduction(builder: ProgramBuilder, draft: OperationDraft, name: string, type: ElementType | undefined, limits: ReductionLimits): TensorId | undefined {
  switch (draft.kind) {
    case "conv":
      return splitConv(builder, draft, name, limits);
    case "linear":
      return splitLinear(builder, draft, name, limits);
    case "matmul":
      return splitMatMul(builder, draft, name, limits);
    case "sumPool":
    case "maxPool":
      return splitPool(builder, draft, name, type, limits);
    case "affine":
    case "add":
    case "requantize":
    case "reshape":
    case "transpose":
    case "gather":
    case "mul":
    case "table":
      return undefined;
  }
}
