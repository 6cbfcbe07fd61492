/**
 * The ONNX project's backend tests as Debian's libonnx-testdata installs them: a directory a test, each with model.onnx,
 * test_data_set_0/input_*.pb and output_*.pb. https://github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeMessage, type RawGraph, type RawModel, type RawTensor } from "../../src/onnx/schema.js";
import { message } from "../support/onnxBuilder.js";

export const SUITE = process.env.ASSAY_BACKEND_DATA ?? "/usr/share/libonnx-testdata/data";

/** `real` only names downloads; the package holds no model of it. */
const GROUPS = ["node", "simple", "pytorch-converted", "pytorch-operator"] as const;

export function suiteIsInstalled(): boolean {
  return GROUPS.every((group) => existsSync(join(SUITE, group)));
}

/** `group/test_name` of every test, sorted. */
export function testNames(): string[] {
  return GROUPS.flatMap((group) => readdirSync(join(SUITE, group)).map((name) => `${group}/${name}`)).sort();
}

export interface BackendTest {
  readonly model: RawModel;
  /** TensorProto files in order, as bytes: a few hold sequences instead. */
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

export function readTest(name: string): BackendTest {
  const directory = join(SUITE, ...name.split("/"));
  const files = readdirSync(join(directory, "test_data_set_0"));
  const read = (kind: string): Uint8Array[] => {
    const count = files.filter((file) => file.startsWith(`${kind}_`)).length;
    return Array.from({ length: count }, (_, i) => new Uint8Array(readFileSync(join(directory, "test_data_set_0", `${kind}_${i}.pb`))));
  };
  return { model: decodeMessage(new Uint8Array(readFileSync(join(directory, "model.onnx")))), inputs: read("input"), outputs: read("output") };
}

export function graphOf(model: RawModel): RawGraph {
  if (!model.graph) throw new Error("the model has no graph");
  return model.graph;
}

const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;

/** Decodes a TensorProto as the only initializer of a model. */
export function decodeTensor(bytes: Uint8Array): RawTensor {
  return graphOf(decodeMessage(message(MODEL_GRAPH, message(GRAPH_INITIALIZER, bytes)))).initializer[0];
}
