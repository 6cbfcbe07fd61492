/** The float model, run by onnxruntime: the yardstick for calibration and accuracy. */
import "./noTelemetry.js";
import ort from "onnxruntime-node";
import { AssayError } from "../errors.js";
import type { RealArray } from "../math/elements.js";
import { withAllOutputs } from "./allOutputs.js";
import { halfToNumber } from "./dataTypes.js";
import type { GraphValue } from "./graph.js";
import { runtimeTensor } from "./runtimeTypes.js";

export interface FloatTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: RealArray;
}

export class FloatModel {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly inputs: readonly GraphValue[],
    private readonly outputs: readonly string[],
  ) {}

  /**
   * @param bytes the .onnx file
   * @param outputs names of the values to fetch
   */
  static async load(bytes: Uint8Array, inputs: readonly GraphValue[], outputs: readonly string[]): Promise<FloatModel> {
    try {
      // One thread: results must not depend on how a sum was split over cores.
      const session = await ort.InferenceSession.create(withAllOutputs(bytes, outputs), {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        // The optimizer of 1.30 changes the results of some models and crashes on others (test/quantize/optimizer.test.ts).
        graphOptimizationLevel: "disabled",
        logSeverityLevel: 4,
      });
      return new FloatModel(session, inputs, outputs);
    } catch (cause) {
      throw new AssayError("ONNX_MALFORMED", `onnxruntime refuses the model: ${firstLine(cause)}`, { cause });
    }
  }

  async run(sample: readonly RealArray[]): Promise<FloatTensor[]> {
    const feeds: Record<string, ort.Tensor> = {};
    this.inputs.forEach((input, i) => {
      feeds[input.name] = runtimeTensor(input, sample[i]);
    });
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await this.session.run(feeds, [...this.outputs]);
    } catch (cause) {
      throw new AssayError("INPUT_MISMATCH", `onnxruntime refuses the input: ${firstLine(cause)}`, { cause });
    }
    return this.outputs.map((name) => {
      const { dims, type, data } = results[name];
      return { name, shape: dims, data: numbersOf(type, data) };
    });
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function numbersOf(type: ort.Tensor.Type, data: ort.Tensor.DataType): RealArray {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  const toNumber = type === "float16" ? halfToNumber : Number;
  return Float64Array.from(data as ArrayLike<number | bigint>, (value) => toNumber(value as number));
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0];
}
