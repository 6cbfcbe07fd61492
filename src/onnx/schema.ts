/**
 * The part of the ONNX file format that Assay reads. Message and field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 (IR version 13); other fields are skipped by the library.
 *
 * Divergence: subgraphs, sparse tensors and type attributes are declared `bytes`, which have the same encoding as messages.
 * Their presence is seen, copies keep them, and nothing recurses into what no supported operator uses: bodies.ts decodes what
 * control flow needs.
 */
import protobuf from "protobufjs";

const SOURCE = `
syntax = "proto3";
package onnx;
message ModelProto {
  int64 ir_version = 1;
  string producer_name = 2;
  string producer_version = 3;
  GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated FunctionProto functions = 25;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message FunctionProto {
  string name = 1;
  repeated string input = 4;
  repeated string output = 5;
  repeated NodeProto node = 7;
  repeated OperatorSetIdProto opset_import = 9;
  string domain = 10;
  repeated AttributeProto attribute_proto = 11;
  string overload = 13;
}
message GraphProto {
  repeated NodeProto node = 1;
  string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated SparseTensorProto sparse_initializer = 15;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  string name = 3;
  string op_type = 4;
  repeated AttributeProto attribute = 5;
  string domain = 7;
  string overload = 8;
}
message AttributeProto {
  string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  TensorProto t = 5;
  optional bytes g = 6;
  repeated float floats = 7;
  repeated int64 ints = 8;
  repeated bytes strings = 9;
  repeated TensorProto tensors = 10;
  repeated bytes graphs = 11;
  optional bytes tp = 14;
  repeated bytes type_protos = 15;
  int32 type = 20;
  string ref_attr_name = 21;
  optional bytes sparse_tensor = 22;
  repeated bytes sparse_tensors = 23;
}
message TensorProto {
  message Segment { int64 begin = 1; int64 end = 2; }
  repeated int64 dims = 1;
  int32 data_type = 2;
  Segment segment = 3;
  repeated float float_data = 4;
  repeated int32 int32_data = 5;
  repeated int64 int64_data = 7;
  string name = 8;
  bytes raw_data = 9;
  repeated double double_data = 10;
  repeated uint64 uint64_data = 11;
  int32 data_location = 14;
}
message SparseTensorProto { TensorProto values = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message TypeProto {
  message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
  Tensor tensor_type = 1;
}
message TensorShapeProto {
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  repeated Dimension dim = 1;
}
`;

/** A 64-bit integer as protobufjs gives it: a Long on decoding; a number may be encoded. */
export type RawInteger = number | { readonly low: number; readonly high: number; toNumber(): number; toString(): string };

export interface RawTensor {
  readonly dims: readonly RawInteger[];
  readonly dataType: number;
  readonly segment?: object | null;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly RawInteger[];
  readonly name: string;
  readonly rawData: Uint8Array;
  readonly doubleData: readonly number[];
  readonly uint64Data: readonly RawInteger[];
  readonly dataLocation: number;
}

export interface RawAttribute {
  readonly name: string;
  readonly f?: number | null;
  readonly i?: RawInteger | null;
  readonly s?: Uint8Array | null;
  readonly t?: RawTensor | null;
  readonly g?: Uint8Array | null;
  readonly floats: readonly number[];
  readonly ints: readonly RawInteger[];
  readonly strings: readonly Uint8Array[];
  readonly graphs: readonly Uint8Array[];
  readonly type: number;
  readonly refAttrName: string;
}

export interface RawNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly RawAttribute[];
  readonly domain: string;
  readonly overload: string;
}

export interface RawDimension {
  /** Which of the two fields is set, if any. */
  readonly value?: "dimValue" | "dimParam";
  readonly dimValue?: RawInteger | null;
  readonly dimParam?: string | null;
}

export interface RawValueInfo {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType: number;
      readonly shape?: { readonly dim: readonly RawDimension[] } | null;
    } | null;
  } | null;
}

export interface RawGraph {
  readonly node: readonly RawNode[];
  readonly initializer: readonly RawTensor[];
  readonly input: readonly RawValueInfo[];
  readonly output: readonly RawValueInfo[];
  readonly sparseInitializer: readonly { readonly values?: RawTensor | null }[];
}

export interface RawModel {
  readonly irVersion: RawInteger;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graph?: RawGraph | null;
  readonly opsetImport: readonly { readonly domain: string; readonly version: RawInteger }[];
  readonly functions: readonly RawFunction[];
}

export interface RawFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly node: readonly RawNode[];
  /** Defaults. */
  readonly attributeProto: readonly RawAttribute[];
  readonly opsetImport: readonly { readonly domain: string; readonly version: RawInteger }[];
}

const { root } = protobuf.parse(SOURCE, { keepCase: false });
const ModelProto = root.lookupType("onnx.ModelProto");
const GraphProto = root.lookupType("onnx.GraphProto");

/**
 * Decodes a model message. The library guarantees the field types of the schema, absent fields read as their defaults.
 * @throws Error or RangeError of the library on bytes that are no such message.
 */
export function decodeMessage(bytes: Uint8Array): RawModel {
  return ModelProto.decode(bytes) as unknown as RawModel;
}

/** Decodes a subgraph, which attributes hold as bytes; throws like {@link decodeMessage}. */
export function decodeGraph(bytes: Uint8Array): RawGraph {
  return GraphProto.decode(bytes) as unknown as RawGraph;
}

/** What {@link encodeMessage} takes: the same fields, all optional. */
export type Encodable<T> = T extends Uint8Array | string | number | RawInteger
  ? T
  : T extends readonly (infer E)[]
    ? readonly Encodable<E>[]
    : { readonly [K in keyof T]?: Encodable<T[K]> };

/** Encodes a model message from its fields. */
export function encodeMessage(model: Encodable<RawModel>): Uint8Array {
  return ModelProto.encode(model).finish();
}
