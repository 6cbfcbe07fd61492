/** What a model was measured with: its files by their hashes, and the options that shape its program and its circuit. */
import { createHash } from "node:crypto";
import { readBytes } from "../files.js";
import { DEFAULT_PRECISION } from "../quantize/precision.js";
import type { Visibilities } from "../zk/visibility.js";
import type { BenchModel } from "./benchModel.js";
import type { Settings } from "./figures.js";

/** @param visibilities of a proof; its proof system and its inputs' visibility are figures of their own */
export function settingsOf({ path, request, shapes = new Map(), inputPath }: BenchModel, visibilities?: Visibilities): Settings {
  const { calibrationPath, byteScale, precision: { target, bits } = DEFAULT_PRECISION, weights = "fixed" } = request;
  return {
    model: hashOf(path),
    input: inputPath !== undefined ? hashOf(inputPath) : calibrationPath !== undefined ? "the first calibration sample" : "seeded",
    calibration: calibrationPath !== undefined ? hashOf(calibrationPath) : request.given !== undefined ? "the input" : "seeded",
    scale: byteScale === undefined ? "1/255" : String(byteScale),
    bits: bits === undefined ? target : String(bits),
    weights: typeof weights === "string" ? weights : `committed: ${weights.committed.join(", ")}`,
    shapes: shapes.size === 0 ? "the file's" : [...shapes].map(([name, dims]) => `${name}=${dims.join("x")}`).join(", "),
    ...(visibilities === undefined ? {} : { outputs: visibilities.outputs }),
  };
}

function hashOf(path: string): string {
  return `sha256 ${createHash("sha256").update(readBytes(path)).digest("hex")}`;
}
