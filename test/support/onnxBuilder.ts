/**
 * Writes small ONNX models for tests. The protobuf encoder here is its own few lines, so that the reader is tested against
 * bytes that its schema did not write. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */

/** TensorProto.DataType. */
export const TYPES = {
  float: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, double: 11,
  uint32: 12, uint64: 13, complex64: 14, bfloat16: 16,
} as const;

export type TypeName = keyof typeof TYPES;

export interface TensorSpec {
  readonly name: string;
  readonly dims: readonly (number | bigint)[];
  /** Little-endian elements, or numbers for float and int64; float16 and bfloat16 are given by their bits. */
  readonly data: Uint8Array | readonly (number | bigint)[];
  /** Default float. */
  readonly type?: TypeName;
  /** `typed` uses float_data and its like instead of raw_data. */
  readonly form?: "raw" | "typed";
  /** data_location = EXTERNAL. */
  readonly external?: boolean;
}

export type AttributeSpec =
  | { readonly int: number | bigint }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string | Uint8Array }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorSpec }
  /** The attribute of this name of the function around it; `type` is an AttributeProto.AttributeType. */
  | { readonly reference: string; readonly type: number }
  /** A subgraph; true for an empty one. */
  | { readonly graph: true | GraphSpec };

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

export interface ValueSpec {
  readonly name: string;
  /** A text is a symbolic dim, null a missing one; without a shape the rank is unknown. */
  readonly shape?: readonly (number | bigint | string | null)[];
  /** Default float; null leaves the type out. */
  readonly type?: TypeName | null;
}

export interface GraphSpec {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly initializers?: readonly TensorSpec[];
  readonly nodes: readonly NodeSpec[];
  /** Encoded GraphProto fields to append. */
  readonly extraGraph?: Uint8Array;
}

/** A function of the model, in the domain `local`. */
export interface FunctionSpec {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributeSpec>>;
  readonly nodes: readonly NodeSpec[];
  /** Default 17. */
  readonly opset?: number;
}

export interface ModelSpec extends GraphSpec {
  /** Default 17; null leaves the standard operators out. */
  readonly opset?: number | null;
  readonly irVersion?: number;
  readonly functions?: readonly FunctionSpec[];
  /** Versions of other operator sets by domain. */
  readonly domains?: Readonly<Record<string, number>>;
}

export function buildModel(spec: ModelSpec): Uint8Array {
  const graph = encodeGraph(spec);
  return concat([
    integer(1, spec.irVersion ?? 8),
    text(2, "onnxBuilder"),
    message(7, graph),
    ...(spec.opset === null ? [] : [message(8, integer(2, spec.opset ?? 17))]),
    ...Object.entries(spec.domains ?? {}).map(([domain, version]) => message(8, concat([text(1, domain), integer(2, version)]))),
    ...(spec.functions ?? []).map((entry) => message(25, encodeFunction(entry))),
  ]);
}

/** A model of one node between `x` and `y`. */
export function oneNode(
  op: string,
  inputShape: readonly number[],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
  initializers: readonly TensorSpec[] = [],
  opset = 17,
): Uint8Array {
  return buildModel({
    inputs: [{ name: "x", shape: inputShape }],
    outputs: [{ name: "y" }],
    initializers,
    nodes: [{ op, name: "n", inputs: ["x", ...initializers.map((tensor) => tensor.name)], outputs: ["y"], attributes }],
    opset,
  });
}

/** Elements as little-endian bytes. */
export function rawBytes(values: readonly (number | bigint)[], type: TypeName): Uint8Array {
  switch (type) {
    case "float": return bytesOf(Float32Array.from(values, Number));
    case "double": return bytesOf(Float64Array.from(values, Number));
    case "int64": return bytesOf(BigInt64Array.from(values, BigInt));
    case "uint64": return bytesOf(BigUint64Array.from(values, BigInt));
    case "int32": return bytesOf(Int32Array.from(values, Number));
    case "uint32": return bytesOf(Uint32Array.from(values, Number));
    case "int16": return bytesOf(Int16Array.from(values, Number));
    case "uint16":
    case "float16":
    case "bfloat16": return bytesOf(Uint16Array.from(values, Number));
    case "int8": return bytesOf(Int8Array.from(values, Number));
    case "uint8":
    case "bool": return bytesOf(Uint8Array.from(values, Number));
    case "string":
    case "complex64": throw new Error(`no numbers of type ${type}`);
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function encodeFunction(spec: FunctionSpec): Uint8Array {
  return concat([
    text(1, spec.name),
    ...spec.inputs.map((name) => text(4, name)),
    ...spec.outputs.map((name) => text(5, name)),
    ...(spec.attributes ?? []).map((name) => text(6, name)),
    ...spec.nodes.map((node) => message(7, encodeNode(node))),
    message(9, integer(2, spec.opset ?? 17)),
    message(9, concat([text(1, "local"), integer(2, 1)])),
    text(10, "local"),
    ...Object.entries(spec.defaults ?? {}).map(([name, value]) => message(11, encodeAttribute(name, value))),
  ]);
}

function encodeGraph(spec: GraphSpec): Uint8Array {
  return concat([
    ...spec.nodes.map((node) => message(1, encodeNode(node))),
    text(2, "test"),
    ...(spec.initializers ?? []).map((tensor) => message(5, encodeTensor(tensor))),
    ...spec.inputs.map((value) => message(11, encodeValue(value))),
    ...spec.outputs.map((value) => message(12, encodeValue(value))),
    spec.extraGraph ?? new Uint8Array(),
  ]);
}

function encodeTensor(spec: TensorSpec): Uint8Array {
  const type = spec.type ?? "float";
  const data = spec.data;
  return concat([
    ...spec.dims.map((dim) => integer(1, dim)),
    integer(2, TYPES[type]),
    text(8, spec.name),
    spec.external === true ? integer(14, 1) : new Uint8Array(),
    spec.form === "typed" && !(data instanceof Uint8Array)
      ? typedField(data, type)
      : message(9, data instanceof Uint8Array ? data : rawBytes(data, type)),
  ]);
}

function typedField(values: readonly (number | bigint)[], type: TypeName): Uint8Array {
  if (type === "float") return message(4, rawBytes(values, "float"));
  if (type === "double") return message(10, rawBytes(values, "double"));
  const field = type === "int64" ? 7 : type === "uint32" || type === "uint64" ? 11 : 5;
  return message(field, concat(values.map(varint)));
}

function encodeNode(node: NodeSpec): Uint8Array {
  return concat([
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(3, node.name ?? ""),
    text(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) => message(5, encodeAttribute(name, value))),
    text(7, node.domain ?? ""),
  ]);
}

function encodeAttribute(name: string, value: AttributeSpec): Uint8Array {
  const typed = (type: number, ...parts: readonly Uint8Array[]): Uint8Array =>
    concat([text(1, name), ...parts, integer(20, type)]);
  if ("reference" in value) return typed(value.type, text(21, value.reference));
  if ("int" in value) return typed(2, integer(3, value.int));
  if ("ints" in value) return typed(7, ...value.ints.map((entry) => integer(8, entry)));
  if ("float" in value) return typed(1, concat([varint((2 << 3) | 5), rawBytes([value.float], "float")]));
  if ("floats" in value) return typed(6, message(7, rawBytes(value.floats, "float")));
  if ("string" in value) return typed(3, typeof value.string === "string" ? text(4, value.string) : message(4, value.string));
  if ("strings" in value) return typed(8, ...value.strings.map((entry) => text(9, entry)));
  if ("tensor" in value) return typed(4, message(5, encodeTensor(value.tensor)));
  return typed(5, message(6, value.graph === true ? new Uint8Array() : encodeGraph(value.graph)));
}

function encodeValue(value: ValueSpec): Uint8Array {
  if (value.type === null) return text(1, value.name);
  const dims = (value.shape ?? []).map((dim) =>
    message(1, dim === null ? new Uint8Array() : typeof dim === "string" ? text(2, dim) : integer(1, dim)),
  );
  const elemType = integer(1, TYPES[value.type ?? "float"]);
  const tensor = value.shape === undefined ? elemType : concat([elemType, message(2, concat(dims))]);
  return concat([text(1, value.name), message(2, message(1, tensor))]);
}

/** A length-delimited field: a message, bytes or packed numbers. */
export function message(field: number, bytes: Uint8Array): Uint8Array {
  return concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

export function text(field: number, value: string): Uint8Array {
  return message(field, new TextEncoder().encode(value));
}

export function integer(field: number, value: number | bigint): Uint8Array {
  return concat([varint(field << 3), varint(value)]);
}

export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
