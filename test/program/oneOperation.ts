/** A program of a single operation, built and run through the public way: builder, validation, reference executor. */
import { execute, outputsOf } from "../../src/program/executor.js";
import type { ElementType, Program, TensorData, TensorId } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { type OperationDraft, ProgramBuilder } from "../../src/quantize/builder.js";
import type { ReductionLimits } from "../../src/quantize/reductions/limits.js";
import type { Shape } from "./coordinates.js";

export interface Operand {
  readonly shape: Shape;
  readonly type: ElementType;
  readonly data: readonly number[];
}

/** An operation with values for its operands, which the draft calls 0, 1, ... */
export interface Case {
  readonly draft: OperationDraft;
  readonly operands: readonly Operand[];
  /** Only a reshape needs it. */
  readonly shape?: Shape;
}

export const ONE = { mantissa: 1n, exponent: 0 } as const;

export function programOf({ draft, operands, shape }: Case, limits?: ReductionLimits): Program {
  const builder = new ProgramBuilder(undefined, limits);
  const inputs = operands.map((operand, i) => ({ name: `x${i}`, tensor: builder.input(`x${i}`, operand.shape, inputType(operand)), scale: ONE }));
  const tensors = operands.map((operand, i) => (isMade(operand) ? made(builder, operand, inputs[i].tensor) : inputs[i].tensor));
  const tensor = builder.push(placed(draft, tensors), "y", undefined, shape);
  return builder.finish(inputs, [{ name: "y", tensor, scale: ONE }]);
}

function placed(draft: OperationDraft, tensors: readonly TensorId[]): OperationDraft {
  if ("input" in draft) return { ...draft, input: tensors[draft.input] };
  if ("inputs" in draft) return { ...draft, inputs: draft.inputs.map((operand) => tensors[operand]) };
  return { ...draft, left: tensors[draft.left], right: tensors[draft.right] };
}

/** No input is i64: such an operand is the constant of 0·x + constant. */
function isMade({ type }: Operand): boolean {
  return type === "i64";
}

function inputType(operand: Operand): ElementType {
  return isMade(operand) ? "u8" : operand.type;
}

function made(builder: ProgramBuilder, { shape, type, data }: Operand, input: TensorId): TensorId {
  const weight = { shape: [1], type: "i8", data: Float64Array.of(0) } as const;
  return builder.push({ kind: "affine", node: "made", input, weight, bias: { shape, type, data: Float64Array.from(data) } }, "made");
}

export interface Executed {
  readonly shape: Shape;
  readonly data: TensorData;
}

export function runCase(test: Case, program = programOf(test)): Executed {
  validateProgram(program);
  const tensors = execute(program, test.operands.map((operand) => (isMade(operand) ? new Float64Array(operand.data.length) : Float64Array.from(operand.data))));
  const { tensor } = program.outputs[0];
  return { shape: program.tensors[tensor].shape, data: outputsOf(program, tensors)[0] };
}
