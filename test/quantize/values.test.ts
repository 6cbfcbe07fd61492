/** Around the program: scaling of samples with saturation, error measures, evaluation, and calibration without data. */
import { describe, expect, it } from "vitest";
import { toDyadic } from "../../src/math/scale.js";
import { parseModel } from "../../src/onnx/read.js";
import type { Program } from "../../src/program/types.js";
import { Stages } from "../../src/progress.js";
import { argmax, errorOfRange, meanAbsolutePercentageError } from "../../src/quantize/accuracy.js";
import { seededSamples } from "../../src/quantize/seededSamples.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { quantizeModel } from "../../src/quantize/quantizeModel.js";
import { dequantize, quantizeSample } from "../../src/quantize/sampleValues.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import { buildModel, oneNode } from "../support/onnxBuilder.js";

function programWith(type: "u8" | "i8" | "u16", scale: number): Program {
  const port = { name: "x", tensor: 0, scale: toDyadic(scale) };
  return { semantics: 1, tensors: [{ name: "x", shape: [8], type }], operations: [], inputs: [port], outputs: [port] };
}

const classifier = buildModel({
  inputs: [{ name: "x", shape: [1, 2] }],
  outputs: [{ name: "y" }],
  initializers: [{ name: "w", dims: [2, 3], data: [1, 0, -1, 0, 1, -1] }],
  nodes: [{ op: "Gemm", name: "fc", inputs: ["x", "w"], outputs: ["y"] }],
});

describe("samples to integers", () => {
  it("rounds, clamps to the type, and counts what was clamped", () => {
    const sample = [Float32Array.of(0, 0.5, 127.4, 127.6, -128.4, -129, 1e30, -1e30)];
    const { inputs, saturated } = quantizeSample(programWith("i8", 1), sample);
    expect([...inputs[0]]).toEqual([0, 1, 127, 127, -128, -128, 127, -128]);
    expect(saturated).toEqual({ x: 4 });
  });

  it("counts negative values of an unsigned input, but not those that round to 0", () => {
    const { inputs, saturated } = quantizeSample(programWith("u8", 0.5), [Float32Array.of(-0.2, -0.25, -0.3, -1, 127.5, 127.7, 127.8, 0)]);
    expect([...inputs[0]]).toEqual([0, 0, 0, 0, 255, 255, 255, 0]);
    expect(saturated).toEqual({ x: 3 });
    expect(inputs[0].some((value) => Object.is(value, -0))).toBe(false);
  });

  it("leaves values as they were within half a step, both ways", () => {
    const program = programWith("u16", 1 / 65535);
    const sample = Float32Array.from({ length: 8 }, (_, i) => i / 7);
    const { inputs, saturated } = quantizeSample(program, [sample]);
    expect(saturated).toEqual({ x: 0 });
    dequantize(program.outputs[0], inputs[0]).forEach((value, i) => expect(Math.abs(value - sample[i])).toBeLessThanOrEqual(0.50001 / 65535));
  });
});

describe("error measures", () => {
  it("mean absolute percentage error: 0 where both are 0, 100 where only the float is", () => {
    expect(meanAbsolutePercentageError([{ quantized: [0, 1, 3, -2], float: [0, 0, 4, -1] }])).toBe((0 + 100 + 25 + 100) / 4);
    // Over all elements of all outputs, not a mean of means.
    expect(meanAbsolutePercentageError([{ quantized: [1], float: [2] }, { quantized: [1, 1, 1], float: [1, 1, 1] }])).toBe(50 / 4);
  });

  it("error of range: of the largest magnitude, the worst output's", () => {
    expect(errorOfRange([{ quantized: [1, -3], float: [2, -4] }])).toBe((100 * 1) / 4);
    expect(errorOfRange([{ quantized: [1, 1], float: [1, 1] }, { quantized: [0, 10], float: [1, 10] }])).toBe((100 * 0.5) / 10);
    expect(errorOfRange([{ quantized: [0, 0], float: [0, 0] }])).toBe(0);
  });

  it("argmax takes the first of equals, as ONNX does", () => {
    expect([argmax([1, 3, 3]), argmax([-1, -1]), argmax([5]), argmax([0, -1, 0.5])]).toEqual([1, 0, 0, 2]);
  });
});

describe("evaluation", () => {
  it("counts accuracy and agreement, and reports saturation", async () => {
    const graph = await parseModel(classifier, "m");
    const { program } = await quantizeModel(classifier, "m", { given: () => [Float32Array.of(1, 1)] }, new Stages());
    const samples = [[Float32Array.of(1, 0)], [Float32Array.of(0, 1)], [Float32Array.of(0.9, 0.1)], [Float32Array.of(9, 0)]];
    const result = await evaluate(classifier, graph, program, samples, [0, 1, 2, 0]);
    expect(result).toMatchObject({ samples: 4, floatAccuracy: 0.75, quantizedAccuracy: 0.75, agreement: 1, saturated: 1 });
  });

  it("refuses another number of labels", async () => {
    const graph = await parseModel(classifier, "m");
    const { program } = await quantizeModel(classifier, "m", {}, new Stages());
    await expect(evaluate(classifier, graph, program, [[Float32Array.of(1, 0)]], [0, 1])).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
  });
});

describe("calibration without data", () => {
  it("is the same each time, says where its ranges come from, and keeps a given sample's range", async () => {
    const graph = await parseModel(classifier, "m");
    for (const given of [undefined, [Float32Array.of(0.25, -3)]]) {
      const samples = seededSamples(graph, given);
      expect(seededSamples(graph, given)).toEqual(samples);
      for (const [data] of samples) expect(data.every(Number.isFinite)).toBe(true);
    }
    const { program, calibration } = await quantizeModel(classifier, "m", { given: () => [Float32Array.of(0.25, -3)] }, new Stages());
    expect(calibration.kind).toBe("input");
    expect(quantizeSample(program, [Float32Array.of(0.25, -3)]).saturated).toEqual({ x: 0 });
    const seeded = await quantizeModel(classifier, "m", {}, new Stages());
    expect(seeded.calibration.kind).toBe("seeded");
  });

  it("keeps integers integers, and draws small models' inputs anywhere within the given range", async () => {
    const graph = await parseModel(classifier, "m");
    expect(seededSamples(graph, [Float32Array.of(7, -3)]).flatMap(([data]) => [...data]).every(Number.isInteger)).toBe(true);
    const signs = seededSamples(graph, [Float32Array.of(0.7, -0.3)]).map(([data]) => `${Math.sign(data[0])} ${Math.sign(data[1])}`);
    expect(new Set(signs).size).toBeGreaterThan(1);
  });

  it("finds positions that lie inside a short table", async () => {
    const table = { name: "w", dims: [3, 2], data: [1, 2, 3, 4, 5, 6] };
    const bytes = buildModel({ inputs: [{ name: "i", shape: [1, 2], type: "int64" }], outputs: [{ name: "y" }], initializers: [table], nodes: [{ op: "Gather", inputs: ["w", "i"], outputs: ["y"] }] });
    await expect(quantizeModel(bytes, "m", {}, new Stages())).resolves.toMatchObject({ calibration: { kind: "seeded" } });
  });

  it("draws rows of features anywhere, however large the model", async () => {
    const bytes = oneNode("Expand", [1, 3], {}, [{ name: "to", dims: [2], data: [1000, 3], type: "int64" }]);
    const samples = seededSamples(await parseModel(bytes, "m"), [Float32Array.of(5, 0, -2.5)]);
    expect(samples.some(([data]) => data[1] > 1)).toBe(true);
  });

  it("leaves out samples on which the model is undefined, but not the given one", async () => {
    const bytes = oneNode("Acosh", [1, 4]);
    const given = Float32Array.of(1.25, 1, 3, 2);
    const { program } = await quantizeModel(bytes, "m", { given: () => [given] }, new Stages());
    const [output] = outputsOf(program, execute(program, quantizeSample(program, [given]).inputs));
    expect(Math.max(...dequantize(program.outputs[0], output).map((value, i) => Math.abs(value - Math.acosh(given[i]))))).toBeLessThan(0.01);
    await expect(quantizeModel(bytes, "m", { given: () => [Float32Array.of(0.5, 1, 2, 3)] }, new Stages())).rejects.toMatchObject({ code: "QUANTIZE_RANGE", where: "value y" });
    await expect(quantizeModel(oneNode("Sqrt", [1, 64]), "m", {}, new Stages())).resolves.toBeDefined();
  });
});
