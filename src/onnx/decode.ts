/** bytes → the model as the file tells it, with everything checked that needs no knowledge of operators. */
import { dataType, dataTypeName } from "./dataTypes.js";
import type { GraphElementType } from "./graph.js";
import { safeInteger } from "./integers.js";
import { elementCount, MAX_FILE_BYTES, MAX_RANK } from "./limits.js";
import { type FileNode, type FunctionMap, functionsOf, isStandardDomain, readInitializers, readNodes } from "./nodes.js";
import { malformed, quote, tooLarge, unsupported } from "./problems.js";
import { decodeMessage, type RawDimension, type RawModel, type RawTensor, type RawValueInfo } from "./schema.js";
import { unzipped } from "./unzipped.js";

/** Opset 7 brought the broadcasting of today; the newest versions are those that onnxruntime 1.30 loads. */
export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 26;


/** For a model of such operators alone. */
const DEFAULT_OPSET = 17;

const OLDEST_IR = 3;
const NEWEST_IR = 13;

/** A declared dim; undefined where it is symbolic or missing. */
export type DeclaredShape = readonly (number | undefined)[];

export interface FileInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elementType: GraphElementType;
}

export interface FileOutput {
  readonly name: string;
  readonly shape: DeclaredShape | undefined;
  readonly elementType: GraphElementType | undefined;
}

export interface FileModel {
  readonly opset: number;
  readonly producer: string;
  /** Without those that are initializers with a default. */
  readonly inputs: readonly FileInput[];
  readonly outputs: readonly FileOutput[];
  readonly initializers: ReadonlyMap<string, RawTensor>;
  readonly nodes: readonly FileNode[];
  readonly functions: FunctionMap;
}

/**
 * @param where the file's path, for messages.
 * @throws AssayError ONNX_MALFORMED, ONNX_UNSUPPORTED (opset, input types, dynamic shapes) or MODEL_TOO_LARGE.
 */
export function decodeModel(bytes: Uint8Array, where: string): FileModel {
  if (bytes.byteLength > MAX_FILE_BYTES) throw tooLarge(`${bytes.byteLength} bytes; the limit is 2 GiB`, where);
  const model = decodeBytes(bytes, where);
  const graph = model.graph;
  if (!graph || model.opsetImport.length === 0) throw malformed("not an ONNX model", where);
  if (graph.sparseInitializer.length > 0) {
    const name = graph.sparseInitializer[0].values?.name ?? "";
    throw unsupported("a sparse tensor", `tensor ${quote(name)}`, "export the model with dense weights");
  }
  const initializers = readInitializers(graph.initializer);
  const functions = functionsOf(model);
  checkIrVersion(model, where);
  const { nodes, outputs } = unzipped(readNodes(graph.node, functions), graph.output);
  return {
    opset: readOpset(model, where),
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    inputs: graph.input.filter((input) => !initializers.has(input.name)).map(readInput),
    outputs: outputs.map(readOutput),
    initializers,
    nodes,
    functions,
  };
}

function decodeBytes(bytes: Uint8Array, where: string): RawModel {
  try {
    // A plain view: Node's Buffer would make the library read strings in another, lenient way.
    return decodeMessage(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw malformed("not an ONNX model, or a truncated one", where, error);
  }
}

function checkIrVersion(model: RawModel, where: string): void {
  const version = safeInteger(model.irVersion, "ir_version", where);
  if (version < OLDEST_IR) throw malformed(`ir_version is ${version}; operator sets exist from ${OLDEST_IR} on`, where);
  if (version > NEWEST_IR) throw unsupported(`ir_version ${version}; the newest known is ${NEWEST_IR}`, where);
}

function readOpset(model: RawModel, where: string): number {
  const versions = model.opsetImport
    .filter((entry) => isStandardDomain(entry.domain))
    .map((entry) => safeInteger(entry.version, "the opset version", where));
  if (versions.length === 0 && !model.graph?.node.some((node) => isStandardDomain(node.domain))) return DEFAULT_OPSET;
  if (versions.length === 0) throw unsupported("the model does not import the standard operators (ai.onnx)", where);
  if (new Set(versions).size > 1) throw malformed(`two opset versions, ${versions.join(" and ")}`, where);
  const opset = versions[0];
  if (opset < OLDEST_OPSET || opset > NEWEST_OPSET) {
    const hint = "export the model with opset 17, or convert it with onnx.version_converter";
    throw unsupported(`opset ${opset}; known are ${OLDEST_OPSET} to ${NEWEST_OPSET}`, where, hint);
  }
  return opset;
}

function declaredDim(dim: RawDimension, where: string): number | undefined {
  if (dim.value !== "dimValue" || dim.dimValue === null || dim.dimValue === undefined) return undefined;
  const value = safeInteger(dim.dimValue, "a dim", where);
  if (value < -1) throw malformed(`the dim ${value}`, where);
  // Exporters write -1 and 0 for "any".
  return value > 0 ? value : undefined;
}

function tensorType(info: RawValueInfo, where: string): GraphElementType {
  const type = info.type?.tensorType;
  if (!type) throw unsupported("its type is no tensor", where);
  const elementType = dataType(type.elemType)?.elementType;
  const hint = "export the model with numbers in their place, such as class numbers for labels";
  if (elementType === undefined) throw unsupported(`elements of ${dataTypeName(type.elemType)}`, where, hint);
  return elementType;
}

function readInput(info: RawValueInfo): FileInput {
  if (info.name === "") throw malformed("an input without a name");
  const where = `input ${quote(info.name)}`;
  const hint = `say its shape, as in --shape ${info.name}=1,3,224,224, or export the model with one; only the batch may stay open, and what follows from --input`;
  const elementType = tensorType(info, where);
  const dims = info.type?.tensorType?.shape?.dim;
  if (dims === undefined) throw unsupported("its shape is not declared", where, hint);
  if (dims.length > MAX_RANK) throw tooLarge(`${dims.length} axes; the limit is ${MAX_RANK}`, where);
  const shape = dims.map((dim, axis) => {
    const value = declaredDim(dim, where) ?? (axis === 0 ? 1 : undefined);
    if (value !== undefined) return value;
    const symbol = dim.value === "dimParam" ? ` (${quote(dim.dimParam ?? "")})` : "";
    throw unsupported(`dim ${axis}${symbol} has no fixed size`, where, hint);
  });
  elementCount(shape, where);
  return { name: info.name, shape, elementType };
}

function readOutput(info: RawValueInfo): FileOutput {
  if (info.name === "") throw malformed("an output without a name");
  const where = `output ${quote(info.name)}`;
  // A bare name is allowed in practice; then the type follows from the graph.
  const type = info.type?.tensorType;
  if (!type) return { name: info.name, shape: undefined, elementType: undefined };
  const elementType = type.elemType === 0 ? undefined : tensorType(info, where);
  const shape = type.shape?.dim.map((dim) => declaredDim(dim, where));
  return { name: info.name, shape, elementType };
}
