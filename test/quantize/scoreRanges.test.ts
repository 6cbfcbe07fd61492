/** What a softmax computes inside has bounds that no calibration needs to see. */
import { expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { Sample } from "../../src/samples/samples.js";
import { oneNode } from "../support/onnxBuilder.js";

/** Greatest error on one sample of a program that was calibrated with others. */
async function errorOn(op: string, calibration: readonly Sample[], sample: Sample): Promise<number> {
  const bytes = oneNode(op, [1, 1, 4], { axis: { int: 2 } });
  const graph = await parseModel(bytes, "m");
  const { program } = quantizeGraph(graph, (await calibrate(bytes, graph, calibration)).ranges, WIDE_QUANTIZE);
  return (await evaluate(bytes, graph, program, [sample], undefined)).outputs[0].max;
}

const decided = [Float32Array.of(9, 0, 1, 0.5)];
const level = [Float32Array.of(2, 1.9, 2, 1.8)];

it.each(["Softmax", "LogSoftmax"])("%s after clear decisions alone, of scores that are level, and the other way round", async (op) => {
  expect(await errorOn(op, [decided, [Float32Array.of(8, 0, 0, 0)]], level)).toBeLessThan(0.01);
  expect(await errorOn(op, [level, [Float32Array.of(0, 8.5, 8.6, 8.5)], [Float32Array.of(4, 4, 9, 9)]], decided)).toBeLessThan(0.01);
});
