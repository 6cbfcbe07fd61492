/** A real model from elsewhere, too large to prove: what the program reads in rendered text lines is what the float model reads. */
import { beforeAll, describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel } from "../../src/onnx/runtime.js";
import { MAX_TERMS, planSteps, termsOf } from "../../src/program/steps/index.js";
import type { Program } from "../../src/program/types.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { runOf } from "../../src/quantize/programRun.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { recognizedText, RECOGNIZER_INPUT, RECOGNIZER_OUTPUT, recognizerModel } from "./recognizerModel.js";
import { renderUprightLines } from "./textLines.js";

const LINES = 200;
const bytes = recognizerModel();
const calibration = renderUprightLines(6, 32);
const lines = renderUprightLines(5, LINES);

let program: Program;

beforeAll(async () => {
  const graph = await parseModel(bytes, "recognizer");
  const calibrated = await calibrate(bytes, graph, calibration.map(({ pixels }) => [pixels]));
  program = (await quantizePrecisely(graph, calibrated, DEFAULT_PRECISION)).program;
}, 600_000);

async function readByFloats(): Promise<string[]> {
  const model = await FloatModel.load(bytes, [RECOGNIZER_INPUT], [RECOGNIZER_OUTPUT]);
  const texts: string[] = [];
  for (const { pixels } of lines) texts.push(recognizedText((await model.run([pixels]))[0].data));
  await model.close();
  return texts;
}

async function readByIntegers(): Promise<string[]> {
  const run = await runOf(program, [program.outputs[0].tensor], LINES);
  const texts: string[] = [];
  for (const { pixels } of lines) texts.push(recognizedText((await run.run(quantizeSample(program, [pixels]).inputs))[0]));
  await run.close();
  return texts;
}

describe("text recognizer", () => {
  it("sees lines that calibration has not", () => {
    const seen = new Set(calibration.map(({ text }) => text));
    expect(lines.filter(({ text }) => seen.has(text)).length).toBeLessThan(LINES / 20);
  });

  it("has no element of more operands than a step may have", () => {
    const { steps } = planSteps(program);
    expect(Math.max(...steps.map(({ core }) => termsOf(core)))).toBeLessThanOrEqual(MAX_TERMS);
    expect(steps.length).toBeLessThan(400);
  });

  it("reads in integers what it reads in floats on at least 95 % of the lines", { timeout: 600_000 }, async () => {
    const [float, integer] = [await readByFloats(), await readByIntegers()];
    // Most of what it reads is what was drawn, but for blanks at the ends.
    expect(lines.filter(({ text }, i) => float[i].trim() === text).length).toBeGreaterThanOrEqual(0.8 * LINES);
    const same = float.filter((text, i) => text === integer[i]).length;
    expect(same).toBeGreaterThanOrEqual(0.95 * LINES);
  });
});
