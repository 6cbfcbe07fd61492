/** The text recognizer of PP-OCRv4 for one line. Its output is [1, STEPS, characters + 2], probabilities. */
import { paddleModel, readAsset } from "./paddleModel.js";
import { HEIGHT, RECOGNIZER_WIDTH } from "./textLines.js";

export const RECOGNIZER_INPUT = { name: "x", shape: [1, 3, HEIGHT, RECOGNIZER_WIDTH], elementType: "float32" } as const;
export const RECOGNIZER_OUTPUT = "softmax_11.tmp_0";

export function recognizerModel(): Uint8Array {
  return paddleModel("ch_PP-OCRv4_rec_infer.onnx", RECOGNIZER_INPUT.shape);
}

/** Class 0 separates equal characters, the dictionary follows, and the last class is a space. */
const CLASSES: readonly string[] = ["", ...new TextDecoder().decode(readAsset("ppocr_keys_v1.txt")).trimEnd().split("\n"), " "];

/** Greedy decoding: the likeliest class of each step, repetitions once. */
export function recognizedText(probabilities: ArrayLike<number>): string {
  let text = "";
  let before = 0;
  for (let start = 0; start < probabilities.length; start += CLASSES.length) {
    let best = 0;
    for (let i = 1; i < CLASSES.length; i++) if (probabilities[start + i] > probabilities[start + best]) best = i;
    if (best !== before) text += CLASSES[best];
    before = best;
  }
  return text;
}
