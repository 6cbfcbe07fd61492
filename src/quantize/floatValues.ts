/** Every value of a graph on a sample: by onnxruntime where the file names it, by evaluation where an operator was split. */
import type { RealArray } from "../math/elements.js";
import { producedNames, withAllOutputs } from "../onnx/allOutputs.js";
import { evaluateNode } from "../onnx/evaluate.js";
import type { Graph } from "../onnx/graph.js";
import { FloatModel } from "../onnx/runtime.js";
import type { Sample } from "../samples/samples.js";

export type FloatValues = ReadonlyMap<string, ArrayLike<number>>;

export class FloatGraph {
  private constructor(
    private readonly graph: Graph,
    private readonly model: FloatModel,
  ) {}

  static async load(modelBytes: Uint8Array, graph: Graph): Promise<FloatGraph> {
    const produced = producedNames(modelBytes);
    const names = graph.nodes.map((node) => node.output).filter((name) => produced.has(name));
    // onnxruntime runs nothing for no output, and a model of constants has none that it computes here.
    const outputs = names.length > 0 ? names : graph.outputs.map((output) => output.name);
    return new FloatGraph(graph, await FloatModel.load(withAllOutputs(modelBytes, outputs), graph.inputs, outputs));
  }

  async run(sample: Sample): Promise<FloatValues> {
    const values = new Map<string, ArrayLike<number>>(this.graph.inputs.map((input, i): [string, RealArray] => [input.name, sample[i]]));
    for (const { name, data } of await this.model.run(sample)) values.set(name, data);
    for (const node of this.graph.nodes) {
      if (!values.has(node.output)) values.set(node.output, evaluateNode(this.graph, node, (name) => values.get(name) ?? []));
    }
    return values;
  }

  async close(): Promise<void> {
    await this.model.close();
  }
}
