/**
 * Checks a program as data from anywhere: shapes, operand order, types, constants, and that every accumulator fits the type
 * it is stored in. Returns the intervals, which later stages build on.
 */
import { AssayError } from "../errors.js";
import { elementCount, sameShape } from "../math/shape.js";
import { elementRange } from "./elementType.js";
import { hull, type Interval, uniformInterval } from "./interval.js";
import { intervalOf, rulesOf } from "./ops/index.js";
import { invalid } from "./ops/rules.js";
import { type Constant, type Operation, type Program, SEMANTICS_VERSION } from "./types.js";

/** Interval of every tensor by id. */
export type Intervals = readonly Interval[];

export function validateProgram(program: Program): Intervals {
  if (program.semantics !== SEMANTICS_VERSION) {
    throw new AssayError("PROGRAM_INVALID", `semantics version ${String(program.semantics)} is not ${SEMANTICS_VERSION}`, {
      hint: "compile the model again with this version of Assay",
    });
  }
  const intervals = new Array<Interval>(program.tensors.length);
  for (const port of program.inputs) {
    if (intervals[port.tensor] !== undefined) throw new AssayError("PROGRAM_INVALID", "two inputs share a tensor", { where: port.name });
    const { low, high } = elementRange(program.tensors[port.tensor].type);
    intervals[port.tensor] = uniformInterval(low, high);
  }
  for (const operation of program.operations) intervals[operation.output] = checkOperation(program, operation, intervals);
  for (const port of program.outputs) {
    if (intervals[port.tensor] === undefined) throw new AssayError("PROGRAM_INVALID", "output is never computed", { where: port.name });
  }
  return intervals;
}

function checkOperation(program: Program, operation: Operation, intervals: Interval[]): Interval {
  const { node, output } = operation;
  if (program.tensors[output] === undefined || intervals[output] !== undefined) throw invalid(node, "output is no fresh tensor");
  const rules = rulesOf(operation);
  const operands = rules.operands(operation);
  for (const id of operands) if (intervals[id] === undefined) throw invalid(node, "an operand is not computed earlier");
  for (const constant of constantsOf(operation)) checkConstant(constant, node);
  const shapes = operands.map((id) => program.tensors[id].shape);
  const shape = rules.outputShape(operation, shapes);
  const declared = program.tensors[output];
  const fits = operation.kind === "reshape" ? elementCount(shape) === elementCount(declared.shape) : sameShape(shape, declared.shape);
  if (!fits) throw invalid(node, `output shape [${shape.join(",")}] differs from the declared [${declared.shape.join(",")}]`);
  const interval = intervalOf(operation, shapes, operands.map((id) => intervals[id]));
  const { low, high } = hull(interval);
  const range = elementRange(declared.type);
  if (low < range.low || high > range.high) throw invalid(node, `values in ${low}..${high} do not fit ${declared.type}`);
  return interval;
}

/** The constants of an operation, in the order in which they are committed. */
export function constantsOf(operation: Operation): Constant[] {
  switch (operation.kind) {
    case "conv":
    case "linear":
    case "affine":
      return [operation.weight, operation.bias];
    case "add":
    case "sumPool":
    case "maxPool":
    case "requantize":
    case "reshape":
    case "transpose":
      return [];
  }
}

function checkConstant(constant: Constant, node: string): void {
  if (elementCount(constant.shape) !== constant.data.length) throw invalid(node, "a constant's length differs from its shape");
  const { low, high } = elementRange(constant.type);
  if (!constant.data.every((value) => Number.isInteger(value) && value >= low && value <= high)) {
    throw invalid(node, `a constant holds values that are no ${constant.type}`);
  }
}
