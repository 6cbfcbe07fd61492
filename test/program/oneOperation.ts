/** A program of a single operation, built and run through the public way: builder, validation, reference executor. */
import { execute, outputsOf } from "../../src/program/executor.js";
import type { ElementType, Program, TensorData } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { type OperationDraft, ProgramBuilder } from "../../src/quantize/builder.js";
import type { Shape } from "./coordinates.js";

export interface Operand {
  readonly shape: Shape;
  readonly type: ElementType;
  readonly data: readonly number[];
}

/** An operation with values for its operands, which are tensors 0, 1, ... */
export interface Case {
  readonly draft: OperationDraft;
  readonly operands: readonly Operand[];
  /** Only a reshape needs it. */
  readonly shape?: Shape;
}

export const ONE = { mantissa: 1n, exponent: 0 } as const;

export function programOf({ draft, operands, shape }: Case): Program {
  const builder = new ProgramBuilder();
  const inputs = operands.map((operand, i) => ({ name: `x${i}`, tensor: builder.input(`x${i}`, operand.shape, operand.type), scale: ONE }));
  const tensor = builder.push(draft, "y", undefined, shape);
  return builder.finish(inputs, [{ name: "y", tensor, scale: ONE }]);
}

export interface Executed {
  readonly shape: Shape;
  readonly data: TensorData;
}

export function runCase(test: Case): Executed {
  const program = programOf(test);
  validateProgram(program);
  const tensors = execute(program, test.operands.map((operand) => Float64Array.from(operand.data)));
  const { tensor } = program.outputs[0];
  return { shape: program.tensors[tensor].shape, data: outputsOf(program, tensors)[0] };
}
