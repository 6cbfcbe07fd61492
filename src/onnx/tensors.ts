/** Constant tensors while a model is read: little-endian bytes in row-major order, whatever form the file gave them. */
import { dataType, dataTypeName, typeNamed, type DataType } from "./dataTypes.js";
import type { RealConstant } from "./emitter.js";
import { elementCount } from "./limits.js";
import { malformed, quote, unsupported } from "./problems.js";
import { safeInteger } from "./integers.js";
import type { RawInteger, RawTensor } from "./schema.js";

export interface ConstantTensor {
  readonly shape: readonly number[];
  readonly type: DataType;
  /** Elements times `type.bytes` bytes; may share memory with the file. */
  readonly bytes: Uint8Array;
}

const EXTERNAL = 1;

/**
 * Checks a tensor of the file and brings it to one form. The declared size is compared with the data before any allocation.
 * @throws AssayError ONNX_MALFORMED, MODEL_TOO_LARGE, or ONNX_UNSUPPORTED for external data and types without numbers.
 */
export function tensorFromFile(tensor: RawTensor, name: string): ConstantTensor {
  const where = `tensor ${quote(name)}`;
  if (tensor.dataLocation === EXTERNAL) {
    throw unsupported("its data lie in another file", where, "export the model with all weights in one file");
  }
  if (tensor.segment) throw unsupported("it is stored in segments", where);
  const type = dataType(tensor.dataType);
  if (type === undefined) throw unsupported(`elements of ${dataTypeName(tensor.dataType)}`, where);
  const shape = tensor.dims.map((dim) => safeInteger(dim, "a dim", where));
  const count = elementCount(shape, where);
  const typed: readonly RawInteger[] = tensor[type.field];
  const raw = tensor.rawData.length > 0;
  if (raw && typed.length > 0) throw malformed("its data are given twice", where);
  const held = raw ? tensor.rawData.length / type.bytes : typed.length;
  if (held !== count) {
    throw malformed(`its shape [${shape.join(", ")}] has ${count} elements, its data hold ${held}`, where);
  }
  return { shape, type, bytes: raw ? tensor.rawData : packTyped(typed, type) };
}

/** A tensor from numbers; `code` is a TensorProto.DataType with an entry in dataTypes.ts. */
export function tensorOf(values: readonly RawInteger[], shape: readonly number[], code: number): ConstantTensor {
  const type = dataType(code);
  if (type === undefined) throw malformed(`${dataTypeName(code)} is no numeric type`);
  return { shape, type, bytes: packTyped(values, type) };
}

/** A real constant as the file would hold it, for nodes that fold it further. */
export function tensorOfReal({ data, shape, elementType }: RealConstant): ConstantTensor {
  const type = typeNamed(elementType);
  const bytes = new Uint8Array(data.length * type.bytes);
  const view = new DataView(bytes.buffer);
  data.forEach((x, i) => { type.write(view, i * type.bytes, x); });
  return { shape, type, bytes };
}

/** The elements as float64. int64 values beyond 2^53 would be rounded and are refused. */
export function toFloat64(tensor: ConstantTensor, name: string): Float64Array {
  const { type, bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float64Array(bytes.byteLength / type.bytes);
  for (let i = 0; i < out.length; i++) {
    const value = type.read(view, i * type.bytes);
    out[i] = typeof value === "number" ? value : exactNumber(value, name);
  }
  return out;
}

/** The elements as integers, for shapes and axes; [count]. */
export function toIntegers(tensor: ConstantTensor, name: string): number[] {
  const values = Array.from(toFloat64(tensor, name));
  if (!values.every(Number.isSafeInteger)) throw malformed("its elements must be integers", `tensor ${quote(name)}`);
  return values;
}

function packTyped(values: readonly RawInteger[], type: DataType): Uint8Array {
  const bytes = new Uint8Array(values.length * type.bytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // A Long's text is its exact value; its number is rounded beyond 2^53.
    type.write(view, i * type.bytes, typeof value === "number" ? value : BigInt(value.toString()));
  }
  return bytes;
}

function exactNumber(value: bigint, name: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw malformed(`its element ${value} is beyond 2^53`, `tensor ${quote(name)}`);
  return number;
}
