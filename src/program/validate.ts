/**
 * Checks a program as data from anywhere: shapes, operand order, types, constants, and that every accumulator fits the type
 * it is stored in. Returns the intervals, which later stages build on.
 */
import { AssayError } from "../errors.js";
import { elementCount, sameShape } from "../math/shape.js";
import { COMMITTABLE, constantsOf } from "./constants.js";
import { elementRange } from "./elementType.js";
import { hull, type Interval, uniformInterval } from "./interval.js";
import { intervalOf, rulesOf } from "./ops/index.js";
import { invalid } from "./ops/rules.js";
import { checkStructure } from "./structure.js";
import { type Constant, type Operation, type Program, SEMANTICS_VERSION, type TensorId } from "./types.js";

/** Interval of every tensor by id. */
export type Intervals = readonly Interval[];

export function validateProgram(program: Program): Intervals {
  if (program.semantics !== SEMANTICS_VERSION) {
    throw new AssayError("PROGRAM_INVALID", `semantics version ${program.semantics} is not ${SEMANTICS_VERSION}`, {
      hint: "compile the model again with this version of Assay",
    });
  }
  checkStructure(program);
  const intervals = new Map<TensorId, Interval>();
  for (const port of program.inputs) {
    if (intervals.has(port.tensor)) throw new AssayError("PROGRAM_INVALID", "two inputs share a tensor", { where: port.name });
    const { type } = program.tensors[port.tensor];
    // i64 holds 53 bits here, which no range check of whole bytes describes.
    if (type === "i64") throw new AssayError("PROGRAM_INVALID", "an input of i64 is not supported", { where: port.name });
    const { low, high } = elementRange(type);
    intervals.set(port.tensor, uniformInterval(low, high));
  }
  for (const operation of program.operations) intervals.set(operation.output, checkOperation(program, operation, intervals));
  for (const port of program.outputs) {
    if (!intervals.has(port.tensor)) throw new AssayError("PROGRAM_INVALID", "output is never computed", { where: port.name });
  }
  return Array.from(program.tensors, (_, id) => intervals.get(id) ?? unused);
}

/** Of a tensor that nothing computes, and so nothing reads. */
const unused = uniformInterval(0, 0);

function checkOperation(program: Program, operation: Operation, known: ReadonlyMap<TensorId, Interval>): Interval {
  const { node, output } = operation;
  if (!(output in program.tensors) || known.has(output)) throw invalid(node, "output is no fresh tensor");
  const rules = rulesOf(operation);
  const operands = rules.operands(operation);
  const intervals = operands.map((id) => {
    const interval = known.get(id);
    if (interval === undefined) throw invalid(node, "an operand is not computed earlier");
    return interval;
  });
  for (const { constant, field } of constantsOf(operation)) checkConstant(constant, field, node);
  const shapes = operands.map((id) => program.tensors[id].shape);
  const shape = rules.outputShape(operation, shapes);
  const declared = program.tensors[output];
  const fits = operation.kind === "reshape" ? elementCount(shape) === elementCount(declared.shape) : sameShape(shape, declared.shape);
  if (!fits) throw invalid(node, `output shape [${shape.join(",")}] differs from the declared [${declared.shape.join(",")}]`);
  const interval = intervalOf(operation, shapes, intervals);
  const { low, high } = hull(interval);
  const range = elementRange(declared.type);
  if (low < range.low || high > range.high) throw invalid(node, `values in ${low}..${high} do not fit ${declared.type}`);
  return interval;
}

function checkConstant(constant: Constant, field: string, node: string): void {
  if (constant.committed === true) {
    if (!COMMITTABLE.has(field)) throw invalid(node, `a constant of this kind (${field}) cannot be committed`);
    // i64 holds 53 bits here, which no range check of whole bytes describes.
    if (constant.type === "i64") throw invalid(node, "a committed constant of i64 is not supported");
  }
  if (elementCount(constant.shape) !== constant.data.length) throw invalid(node, "a constant's length differs from its shape");
  const { low, high } = elementRange(constant.type);
  if (!constant.data.every((value) => Number.isInteger(value) && value >= low && value <= high)) {
    throw invalid(node, `a constant holds values that are no ${constant.type}`);
  }
}
