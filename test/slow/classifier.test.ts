/** A real model from elsewhere: the program agrees with the float model on rendered text lines that it was not calibrated on. */
import { describe, expect, it } from "vitest";
import { FloatModel } from "../../src/onnx/runtime.js";
import { parseModel } from "../../src/onnx/read.js";
import { argmax } from "../../src/quantize/accuracy.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { classifierModel } from "./classifierModel.js";
import { HEIGHT, renderTextLines, WIDTH } from "./textLines.js";

const calibration = renderTextLines(3, 32);
const lines = renderTextLines(2, 200);

describe("text-direction classifier", () => {
  it("sees lines that calibration has not", () => {
    const seen = new Set(calibration.map(({ text }) => text));
    expect(lines.filter(({ text }) => seen.has(text))).toEqual([]);
    expect(renderTextLines(2, 3)).toEqual(lines.slice(0, 3));
  });

  it("reads both directions in floats", async () => {
    const inputs = [{ name: "x", shape: [1, 3, HEIGHT, WIDTH], elementType: "float32" }] as const;
    const model = await FloatModel.load(classifierModel(), inputs, ["softmax_0.tmp_0"]);
    const counts = [[0, 0], [0, 0]];
    for (const { pixels, label } of lines) counts[label][argmax((await model.run([pixels]))[0].data)]++;
    await model.close();
    // Rows are labels, columns answers: 100 lines each.
    expect(counts[0][0]).toBeGreaterThanOrEqual(95);
    expect(counts[1][1]).toBeGreaterThanOrEqual(95);
  });

  it("gives the same direction in integers on at least 98 % of the lines", { timeout: 600_000 }, async () => {
    const bytes = classifierModel();
    const graph = await parseModel(bytes, "classifier");
    const calibrated = await calibrate(bytes, graph, calibration.map(({ pixels }) => [pixels]));
    const { program } = await quantizePrecisely(graph, calibrated, DEFAULT_PRECISION);
    const result = await evaluate(bytes, graph, program, lines.map(({ pixels }) => [pixels]), lines.map(({ label }) => label));
    expect(result.samples).toBe(200);
    expect(result.floatAccuracy).toBeGreaterThanOrEqual(0.95);
    expect(result.agreement).toBeGreaterThanOrEqual(0.98);
  });
});
