/** A sample as a caller of the library gives it: a file, or values in memory, which are checked like a file's. */
import { AssayError } from "../errors.js";
import { checkedValues, type InputShape, readSample, type Sample } from "./samples.js";

/**
 * @param input at run time it may be anything
 * @throws AssayError INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE; FILE_NOT_READABLE
 */
export function givenSample(input: string | Sample, inputs: readonly InputShape[], byteScale?: number): Sample {
  if (typeof input === "string") return readSample(input, inputs, byteScale);
  const given: unknown = input;
  if (!Array.isArray(given)) throw malformed("expected a file's name, or an array with the values of each input", "input");
  if (given.length !== inputs.length) {
    throw new AssayError("INPUT_MISMATCH", `values of ${given.length} inputs, the model has ${inputs.length}: ${inputs.map(({ name }) => name).join(", ")}`, { where: "input" });
  }
  return inputs.map((shape, i) => {
    const where = `input[${i}], ${shape.name}`;
    return checkedValues(numbers(given[i], where), shape, where);
  });
}

function numbers(values: unknown, where: string): ArrayLike<number> {
  const listed = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (!listed) throw malformed("expected an array of numbers, row-major", where);
  const items = values as ArrayLike<unknown>;
  for (let i = 0; i < items.length; i++) if (typeof items[i] !== "number") throw malformed(`element ${i} is ${items[i] === null ? "null" : typeof items[i]}, not a number`, where);
  return items as ArrayLike<number>;
}

function malformed(message: string, where: string): AssayError {
  return new AssayError("INPUT_MALFORMED", message, { where });
}
