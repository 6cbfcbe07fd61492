/**
 * Models as exporters write them (generate.py), the way a user takes them: read, calibrated, quantized by default, compared with
 * onnxruntime on samples that calibration did not see, and as a circuit in the proof system that is chosen for each.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isInteger } from "../../src/math/elements.js";
import { elementCount } from "../../src/math/shape.js";
import type { Graph } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import { validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { DEFAULT_PRECISION } from "../../src/quantize/precision.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import type { Sample } from "../../src/samples/samples.js";
import { chooseCircuit } from "../../src/zk/circuit/choose.js";
import { packElements } from "../../src/zk/packing.js";
import { publicSignals } from "../../src/zk/witness.js";
import { Draw } from "../program/seeded.js";
import { circuitOf, firstViolation, honestWitness, PUBLIC } from "../support/zkRig.js";

const DIRECTORY = dirname(fileURLToPath(import.meta.url));
const CHALLENGE = 0x2b7e151628aed2a6n ** 6n;
/** Larger circuits would take too long here: these models are compared with onnxruntime alone. */
const MOST_CONSTRAINTS = 30_000;
const WITHOUT_CIRCUIT: ReadonlySet<string> = new Set(["lstm_text"]);
const CALIBRATION = 40;
const FRESH = 8;

/** The range of each input. */
type InputRanges = Readonly<Record<string, readonly [number, number]>>;
const MODELS = Object.entries(JSON.parse(readFileSync(join(DIRECTORY, "models.json"), "utf8")) as Record<string, InputRanges>);

/** Percent of the output's range, where it is more than 1. */
const BOUNDS: Readonly<Record<string, number>> = { scaled_mlp: 2 };

function sampleOf(graph: Graph, ranges: InputRanges, draw: Draw): Sample {
  return graph.inputs.map(({ name, shape, elementType }) => {
    const [low, high] = ranges[name];
    const length = elementCount(shape);
    return isInteger(elementType) ? Float64Array.from({ length }, () => draw.integer(low, high)) : Float32Array.from({ length }, () => draw.real(low, high));
  });
}

it("every file is listed, and small", () => {
  const files = readdirSync(DIRECTORY).filter((name) => name.endsWith(".onnx"));
  expect(files.map((name) => basename(name, ".onnx")).sort()).toEqual(MODELS.map(([name]) => name).sort());
  for (const name of files) expect(readFileSync(join(DIRECTORY, name)).length, name).toBeLessThan(30_000);
});

describe.each(MODELS)("%s", (name, ranges) => {
  it("is close to onnxruntime, and its circuit computes what the program says", async () => {
    const bytes = new Uint8Array(readFileSync(join(DIRECTORY, `${name}.onnx`)));
    const graph = await parseModel(bytes, name);
    const draw = new Draw(31);
    const calibration = await calibrate(bytes, graph, draw.list(CALIBRATION, () => sampleOf(graph, ranges, draw)));
    const { program } = await quantizePrecisely(graph, calibration, DEFAULT_PRECISION);
    const fresh = draw.list(FRESH, () => sampleOf(graph, ranges, draw));
    const { outputs } = await evaluate(bytes, graph, program, fresh, undefined);
    for (const output of outputs) expect(output.errorOfRange, output.name).toBeLessThan(BOUNDS[name] ?? 1);

    const intervals = validateProgram(program);
    const { choices, plan } = chooseCircuit(program, intervals, PUBLIC, undefined);
    expect(plan.constraints > MOST_CONSTRAINTS, "circuit left out").toBe(WITHOUT_CIRCUIT.has(name));
    if (WITHOUT_CIRCUIT.has(name)) return;
    const circuit = await circuitOf(program, choices, intervals);
    expect(circuit.r1cs.constraintCount).toBe(plan.constraints);
    const { inputs } = quantizeSample(program, fresh[0]);
    const witness = honestWitness(circuit, inputs, CHALLENGE);
    expect(firstViolation(circuit.r1cs, witness)).toBeUndefined();
    const signals = publicSignals(circuit, witness);
    outputsOf(program, execute(program, inputs)).forEach((values, i) => {
      const { firstSignal, signalCount, type } = circuit.layout.outputs[i];
      expect(signals.slice(firstSignal, firstSignal + signalCount)).toEqual(packElements(values, type));
    });
  });
});
