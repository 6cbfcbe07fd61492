/** Samples for a model from the files users have: JSON (one sample), .npy and IDX (one or many), gzipped or not. */
import { AssayError } from "../errors.js";
import { isInteger, type RealArray, type RealType } from "../math/elements.js";
import { elementCount } from "../math/shape.js";
import { type NumericArray, readUnpacked } from "./array.js";
import { isIdx, parseIdx } from "./idx.js";
import { parseJsonSample } from "./json.js";
import { isNpy, parseNpy } from "./npy.js";

/** A model input as samples need it. */
export interface InputShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** ONNX element type; by default float32. */
  readonly elementType?: RealType;
}

/** Values of each model input, in the model's order, row-major: float32 numbers, or integers and booleans as doubles. */
export type Sample = readonly RealArray[];

/** IDX bytes stand for 0..255: the customary division. */
export const DEFAULT_BYTE_SCALE = 1 / 255;

/**
 * Reads every sample of a file.
 * @param byteScale factor for IDX bytes
 * @throws AssayError INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE, FILE_NOT_READABLE
 */
export function readSamples(path: string, inputs: readonly InputShape[], byteScale = DEFAULT_BYTE_SCALE): Sample[] {
  const bytes = readUnpacked(path);
  const array = isIdx(bytes) ? parseIdx(bytes, path) : isNpy(bytes) ? parseNpy(bytes, path) : undefined;
  if (array === undefined) return [jsonSample(new TextDecoder().decode(bytes), path, inputs)];
  return arraySamples(array, path, inputs, array.isBytes ? byteScale : 1);
}

/** Reads a file that holds one sample. */
export function readSample(path: string, inputs: readonly InputShape[], byteScale = DEFAULT_BYTE_SCALE): Sample {
  const samples = readSamples(path, inputs, byteScale);
  if (samples.length !== 1) {
    throw new AssayError("INPUT_MISMATCH", `the file holds ${samples.length} samples, one is needed`, { where: path });
  }
  return samples[0];
}

/**
 * How many elements a JSON file holds for an input of the model, by name or position; undefined for other files, whose leading
 * axis may be that of samples.
 */
export function countElements(path: string): ((name: string, position: number) => number | undefined) | undefined {
  const bytes = readUnpacked(path);
  if (isIdx(bytes) || isNpy(bytes)) return undefined;
  const sample = parseJsonSample(new TextDecoder().decode(bytes), path);
  return (name, position) => ("byPosition" in sample ? sample.byPosition[position] : sample.byName.get(name))?.length;
}

/** Class labels, one integer a sample: IDX or .npy. */
export function readLabels(path: string): number[] {
  const bytes = readUnpacked(path);
  if (!isIdx(bytes) && !isNpy(bytes)) throw new AssayError("INPUT_MALFORMED", "labels must be an IDX or .npy file", { where: path });
  const { data } = isIdx(bytes) ? parseIdx(bytes, path) : parseNpy(bytes, path);
  const labels = Array.from(data);
  const bad = labels.findIndex((label) => !Number.isInteger(label) || label < 0);
  if (bad >= 0) throw new AssayError("INPUT_MALFORMED", `label ${bad} is ${labels[bad]}, no class number`, { where: path });
  return labels;
}

export function jsonSample(text: string, path: string, inputs: readonly InputShape[], isLine = false): Sample {
  const sample = parseJsonSample(text, path, isLine);
  if ("byPosition" in sample) {
    const { byPosition } = sample;
    // For a model without inputs EZKL writes [[]].
    if (inputs.length === 0 && byPosition.every((values) => values.length === 0)) return [];
    if (byPosition.length !== inputs.length) {
      throw new AssayError("INPUT_MISMATCH", `input_data has ${byPosition.length} arrays, the model has ${inputs.length} inputs`, { where: path });
    }
    return inputs.map((input, i) => checkedValues(byPosition[i], input, `${path}, input_data[${i}]`));
  }
  const known = inputs.map((input) => input.name);
  for (const name of sample.byName.keys()) {
    if (!known.includes(name)) throw unknownInput(name, known, path);
  }
  return inputs.map((input) => {
    const values = sample.byName.get(input.name);
    if (values === undefined) throw new AssayError("INPUT_MISMATCH", `no values for input ${input.name}`, { where: path });
    return checkedValues(values, input, `${path}, field ${input.name}`);
  });
}

function unknownInput(name: string, known: readonly string[], path: string): AssayError {
  return new AssayError("INPUT_MISMATCH", `the model has no input "${name}"`, {
    where: path,
    hint: `use {"input_data": [[...]]} or the model's inputs: ${known.join(", ")}`,
  });
}

function arraySamples(array: NumericArray, path: string, inputs: readonly InputShape[], scale: number): Sample[] {
  const { count, read } = arraySource(array, path, inputs, scale);
  return Array.from({ length: count }, (_, n) => read(n));
}

/** The samples of an array, each made when it is asked for. */
export function arraySource(array: NumericArray, path: string, inputs: readonly InputShape[], scale: number): { readonly count: number; readonly read: (n: number) => Sample } {
  if (inputs.length !== 1) {
    throw new AssayError("INPUT_MISMATCH", `the model has ${inputs.length} inputs; an array file feeds one`, { where: path, hint: "use JSON" });
  }
  const [input] = inputs;
  const size = elementCount(input.shape);
  const total = array.data.length;
  const leading = array.shape[0] ?? 1;
  const count = total === size ? 1 : leading;
  if (size === 0 || total !== count * size || count === 0) {
    throw new AssayError("INPUT_MISMATCH", `an array of ${array.shape.join("x")} holds no samples of ${input.shape.join("x")}`, { where: path });
  }
  const read = (n: number): Sample => {
    const values = Float64Array.from({ length: size }, (_, i) => array.data[n * size + i] * scale);
    return [checkedValues(values, input, count === 1 ? path : `${path}, sample ${n}`)];
  };
  return { count, read };
}

/** Values of the one input, in number and kind. @throws AssayError INPUT_MISMATCH, INPUT_NOT_FINITE */
export function checkedValues(values: ArrayLike<number>, input: InputShape, where: string): RealArray {
  const size = elementCount(input.shape);
  if (values.length !== size) {
    const expected = `input ${input.name} takes ${size} (${input.shape.join("x")})`;
    throw new AssayError("INPUT_MISMATCH", `${values.length} values where ${expected}`, { where });
  }
  const { elementType = "float32" } = input;
  return isInteger(elementType) ? integers(values, elementType, where) : floats(values, where);
}

function floats(values: ArrayLike<number>, where: string): Float32Array {
  const result = Float32Array.from(values);
  const bad = result.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new AssayError("INPUT_NOT_FINITE", `element ${bad} is ${result[bad]}`, { where, hint: "inputs must be finite float32 numbers" });
  return result;
}

function integers(values: ArrayLike<number>, elementType: RealType, where: string): Float64Array {
  const result = Float64Array.from(values);
  const fits = (value: number): boolean => Number.isSafeInteger(value) && (elementType !== "bool" || value === 0 || value === 1);
  const bad = result.findIndex((value) => !fits(value));
  if (bad >= 0) throw new AssayError("INPUT_MISMATCH", `element ${bad} is ${result[bad]}, no ${elementType}`, { where });
  return result;
}
