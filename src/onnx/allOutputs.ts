/**
 * Adds graph outputs to a model without decoding it: protobuf merges concatenated messages, joining repeated fields
 * (https://protobuf.dev/programming-guides/encoding/#last-one-wins), so every byte of the original stays as it is.
 */
import { decodeModel } from "./decode.js";
import { malformed, quote } from "./problems.js";
import { decodeMessage, encodeMessage } from "./schema.js";

/**
 * The model with the values `names` as further outputs, for calibration. Names that are outputs already stay so.
 * @throws AssayError ONNX_MALFORMED if the model is no ONNX or no node produces a name.
 */
export function withAllOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const model = decodeModel(bytes, "model");
  const produced = new Set(model.nodes.flatMap((node) => node.outputs));
  // Those of the file, which may make maps of them (unzipped.ts).
  const present = new Set(decodeMessage(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)).graph?.output.map((output) => output.name));
  const output: { readonly name: string }[] = [];
  for (const name of names) {
    if (present.has(name)) continue;
    if (!produced.has(name)) throw malformed("no node produces it", `value ${quote(name)}`);
    present.add(name);
    output.push({ name });
  }
  if (output.length === 0) return bytes;
  const suffix = encodeMessage({ graph: { output } });
  const joined = new Uint8Array(bytes.byteLength + suffix.byteLength);
  joined.set(bytes);
  joined.set(suffix, bytes.byteLength);
  return joined;
}

/** Names that the file's nodes produce. */
export function producedNames(bytes: Uint8Array): ReadonlySet<string> {
  return new Set(decodeModel(bytes, "model").nodes.flatMap((node) => node.outputs.filter((output) => output !== undefined)));
}
