/** Every value of a graph on a sample: by onnxruntime where the file names it, by evaluation where an operator was split. */
import type { RealArray } from "../math/elements.js";
import { producedNames } from "../onnx/allOutputs.js";
import { errorOfRange } from "./accuracy.js";
import { AssayError } from "../errors.js";
import { activationsOf } from "../onnx/operands.js";
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
    return new FloatGraph(graph, await FloatModel.load(modelBytes, graph.inputs, outputs));
  }

  /**
   * Values of all nodes. Those of nodes that an operator was split into are compared with onnxruntime's where both exist, so
   * that no lowering means something else here than there.
   * @throws AssayError ONNX_UNSUPPORTED where they differ
   */
  async run(sample: Sample): Promise<FloatValues> {
    const values = new Map<string, ArrayLike<number>>(this.graph.inputs.map((input, i): [string, RealArray] => [input.name, sample[i]]));
    for (const { name, data } of await this.model.run(sample)) values.set(name, data);
    const named = new Set(values.keys());
    for (const node of this.graph.nodes) {
      const ends = named.has(node.output) && activationsOf(node).some((name) => !named.has(name));
      if (named.has(node.output) && !ends) continue;
      const own = evaluateNode(this.graph, node, (name) => values.get(name) ?? []);
      const known = values.get(node.output);
      if (known === undefined) values.set(node.output, own);
      else assertSame(node.name, own, known);
    }
    return values;
  }

  async close(): Promise<void> {
    await this.model.close();
  }
}

/** Of the range of onnxruntime's values; its float32 sums and the precision that tables have are far below. */
const TOLERANCE = 1e-2;

function assertSame(node: string, own: ArrayLike<number>, known: ArrayLike<number>): void {
  const error = errorOfRange([{ quantized: own, float: known }]);
  if (error <= 100 * TOLERANCE || !Number.isFinite(error)) return;
  throw new AssayError("ONNX_UNSUPPORTED", `on this input onnxruntime computes something else than its lowering does, by ${error.toPrecision(2)} % of the range`, {
    where: `node ${node}`,
    hint: "the operator is supported for other operands only, as a power for positive bases",
  });
}
