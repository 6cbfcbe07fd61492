/** An ONNX file → graph. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { AssayError } from "../errors.js";
import { buildGraph, type Build } from "./build.js";
import { decodeModel, type FileModel } from "./decode.js";
import type { Graph } from "./graph.js";
import { MAX_FILE_BYTES } from "./limits.js";
import { malformed, quote, tooLarge } from "./problems.js";

/**
 * Reads a model from a file.
 * @throws AssayError FILE_NOT_READABLE, or as {@link parseModel}.
 */
export async function readModel(path: string): Promise<Graph> {
  return parseModel(await readModelBytes(path), path);
}

/**
 * Reads a model from memory.
 * @param where the model's name in messages.
 * @throws AssayError ONNX_MALFORMED, ONNX_UNSUPPORTED (all nodes at once), ONNX_SHAPE or MODEL_TOO_LARGE.
 */
export async function parseModel(bytes: Uint8Array, where: string): Promise<Graph> {
  const { model, build } = await readBuild(bytes, where);
  const problems = problemsOf(build);
  if (problems.length > 0) throw unsupportedNodes(problems, where);
  return graphOf(bytes, model, build);
}

/** @throws AssayError FILE_NOT_READABLE or MODEL_TOO_LARGE. */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    const info = await stat(path);
    if (!info.isFile()) throw new AssayError("FILE_NOT_READABLE", "it is no regular file", { where: path });
    if (info.size > MAX_FILE_BYTES) throw tooLarge(`${info.size} bytes; the limit is 2 GiB`, path);
    return await readFile(path);
  } catch (error) {
    if (error instanceof AssayError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AssayError("FILE_NOT_READABLE", `the model cannot be read: ${reason}`, { where: path, cause: error });
  }
}

/** Decodes and builds; whatever a hostile file makes the code below stumble over is the file's fault. */
export async function readBuild(bytes: Uint8Array, where: string): Promise<{ model: FileModel; build: Build }> {
  try {
    const model = decodeModel(bytes, where);
    return { model, build: await buildGraph(model) };
  } catch (error) {
    if (error instanceof AssayError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw malformed(`the model cannot be read: ${reason}`, where, error);
  }
}

/** One line for each node that is unsupported. */
export function problemsOf(build: Build): string[] {
  return build.reports
    .filter((report) => report.reason !== undefined)
    .map(({ node, reason }) => `node ${quote(node.name)} (${quote(node.operator).slice(1, -1)}): ${reason}`);
}

export function graphOf(bytes: Uint8Array, model: FileModel, build: Build): Graph {
  const { inputs, outputs, nodes, constants, values } = build;
  const fileHash = createHash("sha256").update(bytes).digest("hex");
  return { fileHash, opset: model.opset, inputs, outputs, nodes, constants, values };
}

function unsupportedNodes(problems: readonly string[], where: string): AssayError {
  const count = problems.length === 1 ? "one part of the model is" : `${problems.length} parts of the model are`;
  return new AssayError("ONNX_UNSUPPORTED", `${count} not supported:\n${problems.map((line) => `  - ${line}`).join("\n")}`, {
    where,
    hint: "assay inspect lists every node; replace these in the model, or leave them out when exporting",
  });
}
