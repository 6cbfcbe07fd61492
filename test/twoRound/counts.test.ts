/** What the two-round system spends on the bundled models: planned, and for one of them assembled. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/packageRoot.js";
import { Stages } from "../../src/progress.js";
import { type QuantizedModel, quantizeModel } from "../../src/quantize/quantizeModel.js";
import { readModelBytes } from "../../src/onnx/read.js";
import { chooseCircuit } from "../../src/zk/circuit/choose.js";
import { planCircuit } from "../../src/zk/circuit/circuit.js";
import { ConstraintEvaluator } from "../../src/zk/constraintValues.js";
import { domainPower, publicCount } from "../../src/zk/r1cs.js";
import { SeededRandom } from "../support/random.js";
import { circuitOf, honestWitness, PUBLIC, twoRound } from "../support/zkRig.js";
import { tinyModel } from "./support/rig.js";

const fashion = (name: string): string => join(packageRoot(), "bench", "fashion", name);

async function quantized(name: string): Promise<QuantizedModel> {
  const calibrationPath = fashion("fashion-calibration-200.images.idx3-ubyte.gz");
  return quantizeModel(await readModelBytes(fashion(name)), name, { calibrationPath }, new Stages());
}

it.each([["fashion_mlp.onnx", 4_096, 12], ["fashion_lenet.onnx", 40_000, 16]])("%s: at most %i constraints, and the domain 2^%i at most", async (name, most, power) => {
  const { program, intervals } = await quantized(name);
  const { plan, choices, domainPower: planned } = chooseCircuit(program, intervals, PUBLIC, "two-round");
  expect(plan.constraints).toBeLessThanOrEqual(most);
  expect(planned).toBeLessThanOrEqual(power);
  const circuit = await circuitOf(program, twoRound(choices.wideBits), intervals);
  expect(circuit.r1cs.constraintCount).toBe(plan.constraints);
  expect(domainPower(circuit.r1cs)).toBe(planned);
  expect(publicCount(circuit.r1cs)).toBe(circuit.layout.signalCount);
  const random = new SeededRandom(3);
  const pixels = Float64Array.from({ length: 784 }, () => random.below(256));
  expect(new ConstraintEvaluator(circuit.r1cs).firstViolation(honestWitness(circuit, [pixels], random.field()))).toBeUndefined();
});

it("a tiny model: planned as assembled for every size of the wider table", async () => {
  const { program, intervals } = await tinyModel();
  for (const wideBits of [8, 9, 10, 11]) {
    const plan = planCircuit(program, intervals, twoRound(wideBits));
    expect((await circuitOf(program, twoRound(wideBits))).r1cs.constraintCount).toBe(plan.constraints);
  }
});
