/** What never reaches a circuit: numbers that are none, and integers that are not of their type. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { execute } from "../../src/program/executor.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { readSample } from "../../src/samples/samples.js";
import { executeSample } from "../../src/zk/prove.js";
import { differenceProgram } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, witnessOf } from "../support/zkRig.js";

const directory = mkdtempSync(join(tmpdir(), "assay-inputs-"));
const INPUTS = [{ name: "x", shape: [1, 2] }];

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
}

/** Two float32 numbers as NumPy writes them, format 1.0. */
function npy(values: readonly number[]): Uint8Array {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, ${values.length}), }`;
  const padded = `${head.padEnd(117)}\n`;
  const length = Uint8Array.of(padded.length & 0xff, padded.length >> 8);
  const magic = Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), 1, 0);
  return Buffer.concat([magic, length, Buffer.from(padded), Buffer.from(Float32Array.from(values).buffer)]);
}

describe("attack ZK-16: NaN and infinity at the input", () => {
  it.each([
    ["1e999", '{"x": [1, 1e999]}', "INPUT_NOT_FINITE"],
    ["−1e999", '{"x": [-1e999, 1]}', "INPUT_NOT_FINITE"],
    ["beyond float32", '{"x": [1e39, 1]}', "INPUT_NOT_FINITE"],
    ["the word NaN", '{"x": [NaN, 1]}', "INPUT_MALFORMED"],
    ["a text", '{"x": ["NaN", 1]}', "INPUT_MALFORMED"],
    ["null", '{"input_data": [[null, 1]]}', "INPUT_MALFORMED"],
  ])("%s in JSON is refused", (name, text, code) => {
    expect(codeOf(() => readSample(file(`${name.length}.json`, text), INPUTS))).toBe(code);
  });

  it.each([NaN, Infinity, -Infinity])("%d in .npy is refused", (value) => {
    expect(codeOf(() => readSample(file("finite.npy", npy([1, 2])), INPUTS))).toBe("accepted");
    expect(codeOf(() => readSample(file("bad.npy", npy([1, value])), INPUTS))).toBe("INPUT_NOT_FINITE");
  });

  it("a NaN that got past the reader stops before the witness", async () => {
    const circuit = await circuitOf(differenceProgram());
    expect(codeOf(() => executeSample(circuit, [Float32Array.of(NaN, 1)], 0n))).toBe("INPUT_MISMATCH");
  });

  it("infinities and values far outside saturate and are counted, the sign of zero is dropped", () => {
    const program = differenceProgram();
    const { inputs, saturated } = quantizeSample(program, [Float32Array.of(Infinity, -1e30)]);
    expect([...inputs[0]]).toEqual([255, 0]);
    expect(saturated).toEqual({ x: 2 });
    const zero = quantizeSample(program, [Float32Array.of(-0, -0.25)]);
    expect(zero.inputs[0].every((value) => Object.is(value, 0))).toBe(true);
  });
});

describe("attack ZK-08: integers that are not of their type", () => {
  it.each([256, -1, 0.5, 2 ** 53])("the reference refuses %d as u8", (value) => {
    expect(codeOf(() => execute(differenceProgram(), [Float64Array.of(value, 1)]))).toBe("INPUT_MISMATCH");
  });

  it("a value outside its type has no witness: the gadget's calculator stops, or its rows do not hold", async () => {
    const circuit = await circuitOf(differenceProgram());
    for (const value of [256, -1, 2 ** 40]) {
      const given = { inputs: [Float64Array.of(value, 1)], context: 0n, inputSalts: [], outputSalts: [] };
      expect(codeOf(() => assertSatisfied(circuit, witnessOf(circuit, given)))).toBe("CONSTRAINT_UNSATISFIED");
    }
  });
});
