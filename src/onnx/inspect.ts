/** What a model consists of, and which of its nodes are supported. */
import type { FileModel } from "./decode.js";
import type { Build } from "./build.js";
import type { Graph, GraphElementType } from "./graph.js";
import { graphOf, problemsOf, readBuild, readModelBytes } from "./read.js";

/** An input or output as the file declares it, or as it follows from the nodes. */
export interface InspectedValue {
  /** The file's. */
  readonly name: string;
  /** undefined behind an unsupported node. */
  readonly shape: readonly number[] | undefined;
  /** Undefined where the file does not say. */
  readonly type: GraphElementType | undefined;
}

/** An ONNX node, and whether a program can have it. */
export interface InspectedNode {
  /** The file's; `Operator_position` for a node without one. */
  readonly name: string;
  /** ONNX's name. */
  readonly operator: string;
  /** Of its first output; undefined where it is not known. */
  readonly outputShape: readonly number[] | undefined;
  /** Elements of its floating constant operands. */
  readonly parameters: number;
  /** Where it is not, `reason` says why. */
  readonly supported: boolean;
  /** Why it is not supported. */
  readonly reason?: string;
  /** Evaluated while reading: it is no part of the graph. */
  readonly folded: boolean;
}

export interface Inspection {
  /** Of the standard operators, 7 to 26. */
  readonly opset: number;
  /** Name and version of the tool that wrote the file; may be empty. */
  readonly producer: string;
  /** In the file's order, without those that have a constant value. */
  readonly inputs: readonly InspectedValue[];
  /** In the file's order. */
  readonly outputs: readonly InspectedValue[];
  /** Elements of all floating constants, a shared one counted once. */
  readonly parameters: number;
  /** In execution order; nodes that no output needs are left out. */
  readonly nodes: readonly InspectedNode[];
  /** All reasons why the model is not supported, ready for a terminal. */
  readonly problems: readonly string[];
  /** Present if everything is supported. */
  readonly graph: Graph | undefined;
}

/**
 * @param source a path, or the file's bytes.
 * @throws AssayError for what is no valid model, has an opset other than 7 to 26 or a dynamic shape; never for an
 * unsupported node.
 */
export async function inspectModel(source: string | Uint8Array): Promise<Inspection> {
  const bytes = typeof source === "string" ? await readModelBytes(source) : source;
  const { model, build } = await readBuild(bytes, typeof source === "string" ? source : "model");
  const problems = problemsOf(build);
  return {
    opset: model.opset,
    producer: model.producer,
    inputs: build.inputs.map(({ name, shape, elementType }) => ({ name, shape, type: elementType })),
    outputs: inspectOutputs(model, build),
    parameters: totalParameters(build),
    nodes: inspectNodes(build),
    problems,
    graph: problems.length === 0 ? graphOf(bytes, model, build) : undefined,
  };
}

function inspectOutputs(model: FileModel, build: Build): InspectedValue[] {
  const known = new Map(build.outputs.map((output) => [output.name, output]));
  return model.outputs.map(({ name, elementType }) => ({
    name,
    shape: known.get(name)?.shape,
    type: known.get(name)?.elementType ?? elementType,
  }));
}

function inspectNodes(build: Build): InspectedNode[] {
  return build.reports.map(({ node, outputShape, parameters, folded, reason }) => ({
    name: node.name,
    operator: node.operator,
    outputShape,
    parameters: [...parameters.values()].reduce((sum, count) => sum + count, 0),
    supported: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    folded,
  }));
}

function totalParameters(build: Build): number {
  const all = new Map(build.reports.flatMap(({ parameters }) => [...parameters]));
  return [...all.values()].reduce((sum, count) => sum + count, 0);
}
