/** The nodes of a graph as the file tells them, and the subgraphs of control flow. */
import { malformed, quote, tooLarge, unsupported } from "./problems.js";
import { decodeGraph, type RawFunction, type RawGraph, type RawModel, type RawNode, type RawTensor } from "./schema.js";

/** Domains with operators of their own that are known: classical models, and onnxruntime's quantized ones. */
const OTHER_DOMAINS: readonly string[] = ["ai.onnx.ml", "com.microsoft"];

/** Operators whose subgraphs are read. */
const CONTROL_FLOW: ReadonlySet<string> = new Set(["If", "Loop", "Scan"]);

/** Subgraphs inside subgraphs. */
const MAX_DEPTH = 8;

/** A node with a name that no other node of its graph has. */
export interface FileNode {
  readonly name: string;
  readonly operator: string;
  /** "" for the standard operators, else a domain of {@link OTHER_DOMAINS}. */
  readonly domain: string;
  /** Why the node cannot belong to a known operator set, if so. */
  readonly foreign: string | undefined;
  /** undefined: an optional operand left out. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly (string | undefined)[];
  readonly raw: RawNode;
  /** The function of the model that it calls. */
  readonly calls: RawFunction | undefined;
  /** Subgraphs of control flow by their attributes. */
  readonly bodies: ReadonlyMap<string, FileBody>;
}

/** A subgraph; its nodes may read names of the graphs around it. */
export interface FileBody {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly initializers: ReadonlyMap<string, RawTensor>;
  readonly nodes: readonly FileNode[];
}

/** Functions of the model by domain, name and overload. */
export type FunctionMap = ReadonlyMap<string, RawFunction>;

/** @param functions what {@link functionsOf} tells of the model */
export function readNodes(nodes: readonly RawNode[], functions: FunctionMap, depth = 0): FileNode[] {
  const taken = new Set(nodes.map((node) => node.name));
  const seen = new Set<string>();
  return nodes.map((raw, position) => {
    let name = raw.name === "" ? `${raw.opType}_${position}` : raw.name;
    // Names only serve messages in ONNX and may repeat; here they identify a node.
    while (seen.has(name) || (name !== raw.name && taken.has(name))) name = `${name}_${position}`;
    seen.add(name);
    const operand = (value: string): string | undefined => (value === "" ? undefined : value);
    return {
      name,
      operator: raw.opType,
      domain: isStandardDomain(raw.domain) ? "" : raw.domain,
      foreign: foreignReason(raw, functions),
      calls: calledBy(raw, functions),
      inputs: raw.input.map(operand),
      outputs: raw.output.map(operand),
      raw,
      bodies: readBodies(raw, name, functions, depth),
    };
  });
}

/** Names of all values that a node reads: its operands, and what its subgraphs take from around them. */
export function readsOf(node: FileNode): string[] {
  return [...node.inputs.filter((name) => name !== undefined), ...[...node.bodies.values()].flatMap(freeNames)];
}

/** Names that a subgraph takes from around it. */
export function freeNames(body: FileBody): string[] {
  const own = ownNames(body);
  return [...body.nodes.flatMap(readsOf), ...body.outputs].filter((name) => !own.has(name));
}

/** Names that a subgraph defines. */
export function ownNames({ inputs, initializers, nodes }: FileBody): Set<string> {
  return new Set([...inputs, ...initializers.keys(), ...nodes.flatMap((node) => node.outputs.filter((name) => name !== undefined))]);
}

function readBodies(raw: RawNode, name: string, functions: FunctionMap, depth: number): Map<string, FileBody> {
  const bodies = new Map<string, FileBody>();
  if (!isStandardDomain(raw.domain) || !CONTROL_FLOW.has(raw.opType)) return bodies;
  for (const attribute of raw.attribute) {
    if (!attribute.g) continue;
    if (depth >= MAX_DEPTH) throw tooLarge(`subgraphs nested more than ${MAX_DEPTH} deep`, `node ${quote(name)}`);
    bodies.set(attribute.name, readBody(attribute.g, name, functions, depth));
  }
  return bodies;
}

function readBody(bytes: Uint8Array, node: string, functions: FunctionMap, depth: number): FileBody {
  const where = `node ${quote(node)}`;
  let graph: RawGraph;
  try {
    graph = decodeGraph(bytes);
  } catch (error) {
    throw malformed("a subgraph that cannot be decoded", where, error);
  }
  if (graph.sparseInitializer.length > 0) throw unsupported("a sparse tensor in a subgraph", where);
  const body: FileBody = {
    inputs: graph.input.map((input) => input.name),
    outputs: graph.output.map((output) => output.name),
    initializers: readInitializers(graph.initializer),
    nodes: readNodes(graph.node, functions, depth + 1),
  };
  const produced = body.nodes.flatMap((entry) => entry.outputs.filter((name) => name !== undefined));
  // Exporters may list an initializer as an input too.
  if (ownNames(body).size !== new Set([...body.inputs, ...body.initializers.keys()]).size + produced.length) {
    throw malformed("a value of its subgraph is defined twice", where);
  }
  return body;
}

export function readInitializers(tensors: readonly RawTensor[]): Map<string, RawTensor> {
  const map = new Map<string, RawTensor>();
  for (const tensor of tensors) {
    if (tensor.name === "") throw malformed("an initializer without a name");
    if (map.has(tensor.name)) throw malformed("two initializers have this name", `tensor ${quote(tensor.name)}`);
    map.set(tensor.name, tensor);
  }
  return map;
}

export function isStandardDomain(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** The functions that the model defines. */
export function functionsOf(model: RawModel): FunctionMap {
  const functions = new Map<string, RawFunction>();
  for (const entry of model.functions) {
    const key = functionKey(entry.domain, entry.name, entry.overload);
    if (functions.has(key)) throw malformed("two functions have this name", `function ${quote(entry.name)}`);
    functions.set(key, entry);
  }
  return functions;
}

function functionKey(domain: string, name: string, overload: string): string {
  return [isStandardDomain(domain) ? "" : domain, name, overload].join("\0");
}

/** The function of the model that a node calls. */
function calledBy(node: RawNode, functions: FunctionMap): RawFunction | undefined {
  return functions.get(functionKey(node.domain, node.opType, node.overload));
}

function foreignReason(node: RawNode, functions: FunctionMap): string | undefined {
  if (calledBy(node, functions) !== undefined) return undefined;
  if (!isStandardDomain(node.domain) && !OTHER_DOMAINS.includes(node.domain)) return `custom operators (domain ${quote(node.domain)}) are unknown`;
  return undefined;
}
