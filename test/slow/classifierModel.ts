/** The text-direction classifier of PaddleOCR (MobileNetV3) for one image. Its output is [1, 2], probabilities. */
import { paddleModel } from "./paddleModel.js";
import { HEIGHT, WIDTH } from "./textLines.js";

export function classifierModel(): Uint8Array {
  return paddleModel("ch_ppocr_mobile_v2.0_cls_infer.onnx", [1, 3, HEIGHT, WIDTH]);
}
