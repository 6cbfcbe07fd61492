/**
 * Constant folding: a node over constants is evaluated by onnxruntime itself, so its meaning is ONNX's for every operator.
 * Shapes of activations become constants elsewhere, which lets exporters' shape arithmetic end here.
 *
 * onnxruntime runs in this process and aborts it on a few malformed nodes (found by fuzzing); foldLimits.ts refuses those
 * first. A node that is not listed there never reaches it.
 */
import "./noTelemetry.js";
import type * as Ort from "onnxruntime-node";
import { Attributes } from "./attributes.js";
import type { FileModel } from "./decode.js";
import type { FileNode } from "./nodes.js";
import { dataTypeOf } from "./runtimeTypes.js";
import { foldSize } from "./foldLimits.js";
import { elementCount, MAX_TOTAL_ELEMENTS } from "./limits.js";
import { quote, tooLarge, unsupported } from "./problems.js";
import { encodeMessage, type Encodable, type RawTensor } from "./schema.js";
import type { ConstantTensor } from "./tensors.js";

/** Any version that knows initializers which are no inputs (from 4 on) will do. */
const IR_VERSION = 10;

/** A node takes about 0.4 ms, most of it onnxruntime's session. */
const MAX_FOLDED_NODES = 20_000;

export class Folder {
  private elements = 0;
  private nodes = 0;

  constructor(private readonly model: FileModel) {}

  /**
   * @param inputs one entry an operand, undefined where left out.
   * @returns the outputs by name.
   * @throws AssayError MODEL_TOO_LARGE, or ONNX_UNSUPPORTED if onnxruntime cannot evaluate the node.
   */
  async fold(node: FileNode, inputs: readonly (ConstantTensor | undefined)[]): Promise<Map<string, ConstantTensor>> {
    const where = `node ${quote(node.name)}`;
    this.nodes += 1;
    if (this.nodes > MAX_FOLDED_NODES) throw tooLarge(`more than ${MAX_FOLDED_NODES} nodes over constants`, where);
    const attributes = new Attributes(node.raw.attribute, node.name);
    const outputs = node.outputs.filter((output) => output !== undefined);
    this.elements += foldSize({ operator: node.operator, attributes, inputs, outputs: node.outputs.length, where });
    if (this.elements > MAX_TOTAL_ELEMENTS) throw tooLarge("the constants computed in the model exceed 2^30 elements", where);
    const bytes = encodeMessage(this.singleNodeModel(node, inputs, outputs));
    const results = await evaluate(bytes, where);
    return new Map(outputs.map((name) => [name, tensorFromRuntime(results[name], where)]));
  }

  private singleNodeModel(
    node: FileNode,
    inputs: readonly (ConstantTensor | undefined)[],
    outputs: readonly string[],
  ): Parameters<typeof encodeMessage>[0] {
    const initializers = new Map<string, Encodable<RawTensor>>();
    node.inputs.forEach((name, i) => {
      const tensor = inputs[i];
      if (name === undefined || tensor === undefined) return;
      initializers.set(name, { name, dims: tensor.shape, dataType: tensor.type.code, rawData: tensor.bytes });
    });
    return {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: this.model.opset }],
      graph: {
        name: "fold",
        node: [node.raw],
        initializer: [...initializers.values()],
        output: outputs.map((name) => ({ name })),
      },
    } as Parameters<typeof encodeMessage>[0];
  }
}

async function evaluate(bytes: Uint8Array, where: string): Promise<Ort.InferenceSession.ReturnType> {
  // Loaded on demand: most models fold nothing.
  const { InferenceSession } = await import("onnxruntime-node");
  try {
    const session = await InferenceSession.create(bytes, {
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    try {
      return await session.run({}, { logSeverityLevel: 4 });
    } finally {
      await session.release();
    }
  } catch (error) {
    const text = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw unsupported(`onnxruntime does not evaluate it: ${quote(text)}`, where);
  }
}

function tensorFromRuntime(value: Ort.OnnxValue | undefined, where: string): ConstantTensor {
  const tensor = value;
  const type = tensor && dataTypeOf(tensor.type);
  const data: unknown = tensor?.data;
  if (tensor === undefined || type === undefined || !ArrayBuffer.isView(data)) {
    throw unsupported(`its result is of type ${String(tensor?.type)}`, where);
  }
  elementCount(tensor.dims, where);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { shape: [...tensor.dims], type, bytes };
}
