/** The reference executor: the definition of what a program computes. */
import { AssayError } from "../errors.js";
import { elementCount } from "../math/shape.js";
import { elementRange } from "./elementType.js";
import { executeOperation, rulesOf } from "./ops/index.js";
import type { Program, TensorData, TensorId } from "./types.js";

/**
 * Runs a program.
 * @param inputs one array an input port, row-major in the port's shape, integers of the port's type
 * @returns every tensor of the program by id
 */
export function execute(program: Program, inputs: readonly TensorData[]): TensorData[] {
  const tensors = new Array<TensorData>(program.tensors.length);
  assertInputs(program, inputs);
  program.inputs.forEach((port, i) => {
    tensors[port.tensor] = inputs[i];
  });
  for (const operation of program.operations) {
    const operands = rulesOf(operation).operands(operation);
    const shapes = operands.map((id) => program.tensors[id].shape);
    tensors[operation.output] = executeOperation(operation, shapes, operands.map((id) => tensors[id]));
  }
  return tensors;
}

/** The output ports' values of an execution. */
export function outputsOf(program: Program, tensors: readonly TensorData[]): TensorData[] {
  return program.outputs.map((port) => tensors[port.tensor]);
}

/** @throws AssayError INPUT_MISMATCH where an input is missing, has another length or holds what its type does not */
export function assertInputs(program: Program, inputs: readonly TensorData[]): void {
  program.inputs.forEach((port, i) => {
    assertInput(program, port.tensor, port.name, inputs[i]);
  });
}

function assertInput(program: Program, id: TensorId, name: string, data: TensorData | undefined): void {
  const { shape, type } = program.tensors[id];
  const count = elementCount(shape);
  if (data?.length !== count) {
    throw new AssayError("INPUT_MISMATCH", `input has ${data?.length ?? 0} elements, the model takes ${count}`, { where: `input ${name}` });
  }
  const { low, high } = elementRange(type);
  const bad = data.findIndex((value) => !Number.isInteger(value) || value < low || value > high);
  if (bad >= 0) throw new AssayError("INPUT_MISMATCH", `value ${data[bad]} is no ${type}`, { where: `input ${name}, element ${bad}` });
}
