/**
 * Writes an ONNX graph node by node. Every node has one output, named by its number; constants are initializers, small equal
 * ones shared.
 */
import { type Encodable, encodeMessage, type RawAttribute, type RawNode, type RawTensor, type RawValueInfo } from "../onnx/schema.js";

/** TensorProto.DataType of the element types that an integer graph has. */
const TYPE_CODES = { float: 1, uint8: 2, uint16: 4, int16: 5, int32: 6, int64: 7, double: 11 } as const;

export type DataType = keyof typeof TYPE_CODES;

export type Attributes = Readonly<Record<string, number | readonly number[]>>;

type NumberArray = Float32Array | Float64Array | Uint8Array | Uint16Array | Int16Array | Int32Array | BigInt64Array;

/** Operators of onnxruntime's own that are emitted. */
const CONTRIBUTED: ReadonlySet<string> = new Set(["MatMulIntegerToFloat", "NhwcMaxPool"]);
const MICROSOFT = "com.microsoft";

/** AttributeProto.AttributeType. */
const INT = 2;
const INTS = 7;

/** Versions that have all types and attributes used here. */
const IR_VERSION = 8;
const OPSET = 17;

export class GraphWriter {
  readonly #nodes: Encodable<RawNode>[] = [];
  readonly #initializers: Encodable<RawTensor>[] = [];
  readonly #inputs: Encodable<RawValueInfo>[] = [];
  readonly #outputs = new Set<string>();
  readonly #shared = new Map<string, string>();
  #count = 0;

  input(name: string, type: DataType, shape: readonly number[]): string {
    const dim = shape.map((size) => ({ dimValue: size }));
    this.#inputs.push({ name, type: { tensorType: { elemType: TYPE_CODES[type], shape: { dim } } } });
    return name;
  }

  node(opType: string, input: readonly string[], attributes: Attributes = {}, domain = CONTRIBUTED.has(opType) ? MICROSOFT : ""): string {
    const output = this.#fresh("v");
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.#nodes.push({ name: output, opType, domain, input, output: [output], attribute });
    return output;
  }

  /** Convolution of bytes in channels-last layout: onnxruntime's own form of QLinearConv. */
  channelsLastConv(input: readonly string[], attributes: Attributes): string {
    return this.node("QLinearConv", input, { ...attributes, channels_last: 1 }, MICROSOFT);
  }

  cast(name: string, to: DataType): string {
    return this.node("Cast", [name], { to: TYPE_CODES[to] });
  }

  constant(type: DataType, dims: readonly number[], values: ArrayLike<number>): string {
    if (values.length > 1) return this.#initializer(type, dims, bytesOf(arrayOf(type, values)));
    const key = `${type} ${dims.join(",")} ${values[0]}`;
    const known = this.#shared.get(key) ?? this.#initializer(type, dims, bytesOf(arrayOf(type, values)));
    this.#shared.set(key, known);
    return known;
  }

  /** An initializer of bytes, which are not copied. */
  bytes(dims: readonly number[], values: Uint8Array): string {
    return this.#initializer("uint8", dims, values);
  }

  /** Marks a value as an output of the graph; twice is once. */
  output(name: string): void {
    this.#outputs.add(name);
  }

  get outputs(): readonly string[] {
    return [...this.#outputs];
  }

  /** The model file. */
  finish(): Uint8Array {
    return encodeMessage({
      irVersion: IR_VERSION,
      producerName: "assay",
      opsetImport: [{ domain: "", version: OPSET }, { domain: MICROSOFT, version: 1 }],
      graph: { node: this.#nodes, initializer: this.#initializers, input: this.#inputs, output: this.outputs.map((name) => ({ name })) },
    });
  }

  #initializer(type: DataType, dims: readonly number[], rawData: Uint8Array): string {
    const name = this.#fresh("c");
    this.#initializers.push({ name, dims: [...dims], dataType: TYPE_CODES[type], rawData });
    return name;
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }
}

function attributeOf(name: string, value: number | readonly number[]): Encodable<RawAttribute> {
  return typeof value === "number" ? { name, type: INT, i: value } : { name, type: INTS, ints: [...value] };
}

function arrayOf(type: DataType, values: ArrayLike<number>): NumberArray {
  switch (type) {
    case "float": return Float32Array.from(values);
    case "double": return Float64Array.from(values);
    case "uint8": return Uint8Array.from(values);
    case "uint16": return Uint16Array.from(values);
    case "int16": return Int16Array.from(values);
    case "int32": return Int32Array.from(values);
    case "int64": return BigInt64Array.from(Array.from(values, BigInt));
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: NumberArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
