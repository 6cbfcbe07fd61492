/** How proving time grows: with constraints, and with parameters where the activations stay. */
import type { BenchModel } from "../src/bench/benchModel.js";
import { parametersOf, bytesOf } from "../src/bench/benchModel.js";
import type { CurvePoint, Curves } from "../src/bench/figures.js";
import { measureProof } from "../src/bench/proving.js";
import { Stages } from "../src/progress.js";
import { quantizeModel } from "../src/quantize/quantizeModel.js";
import { chooseCircuit } from "../src/zk/circuit/choose.js";
import { PROTOCOLS, type Protocol } from "../src/zk/protocol.js";
import { denseCase } from "./cases.js";
import { parameterCount } from "./wideMlp.js";

const POWERS = [10, 11, 12, 13, 14, 15, 16, 17, 18] as const;

/** Narrow layers between wide ones: parameters stay few, reductions within 4,608 terms. */
const NARROW = 16;
const WIDEST = 4096;

/** Hidden layers of 6,060 activations together, between 784 inputs and 10 outputs. */
const FIXED_ACTIVATIONS = 6060;
const FIRST_WIDTHS = [30, 60, 120, 250, 400, 600] as const;

/** Constraints of a ReLU with rescaling, roughly: a first guess. */
const GUESS: Readonly<Record<Protocol, number>> = { groth16: 30, "two-round": 8 };

/** Domains are filled to this share, so that points lie on one line. */
const FILLED = 0.92;
const LEAST_FILLED = 0.84;
const MOST_GUESSES = 12;

export async function measureCurves(runs: number, scratch: string, say: (what: string) => void): Promise<Curves> {
  const constraints: CurvePoint[] = [];
  for (const protocol of PROTOCOLS) {
    for (const power of POWERS) {
      say(`curve: ${protocol}, 2^${power}`);
      const layers = await layersFor(protocol, power, scratch);
      const point = await measurePoint(layers, protocol, runs, scratch);
      if (point.domainPower !== power) throw new Error(`${point.constraints} constraints do not fill 2^${power}`);
      constraints.push(point);
    }
  }
  const parameters: CurvePoint[] = [];
  for (const first of FIRST_WIDTHS) {
    const layers = [784, first, FIXED_ACTIVATIONS - first, 10];
    say(`curve: ${parameterCount(layers).toLocaleString("en-US")} parameters`);
    parameters.push(await measurePoint(layers, "two-round", runs, scratch));
  }
  return { constraints, parameters };
}

/** A member of the family with so many hidden ReLUs. */
function familyOf(activations: number): number[] {
  const layers: number[] = [NARROW];
  for (let left = activations; left > 0; left -= WIDEST + NARROW) {
    layers.push(Math.min(left, WIDEST));
    if (left > WIDEST + NARROW) layers.push(NARROW);
  }
  return [...layers, 10];
}

/** Constraints follow the activations, though not quite in proportion: tables cost the same whatever their use, and wider sums have wider ranges. */
async function layersFor(protocol: Protocol, power: number, scratch: string): Promise<number[]> {
  const wanted = FILLED * 2 ** power;
  let activations = Math.round(wanted / GUESS[protocol]);
  for (let i = 0; i < MOST_GUESSES; i++) {
    const { constraints, domainPower } = await sizeOf(familyOf(activations), protocol, scratch);
    if (domainPower === power && constraints >= LEAST_FILLED * 2 ** power) return familyOf(activations);
    activations = Math.max(1, Math.round(activations * (wanted / constraints)));
  }
  throw new Error(`no member of the family fills 2^${power} under ${protocol}`);
}

async function sizeOf(layers: readonly number[], protocol: Protocol, scratch: string): Promise<{ readonly constraints: number; readonly domainPower: number }> {
  const model = denseCase("guess", layers, scratch);
  const { program, intervals } = await quantizeModel(await bytesOf(model), model.name, model.request, new Stages());
  const { plan, domainPower } = chooseCircuit(program, intervals, { inputs: "public", outputs: "public" }, protocol);
  return { constraints: plan.constraints, domainPower };
}

async function measurePoint(layers: readonly number[], protocol: Protocol, runs: number, scratch: string): Promise<CurvePoint> {
  const model: BenchModel = denseCase(layers.length > 6 ? `${layers.length - 2} hidden layers` : layers.join("-"), layers, scratch);
  const { manifest, preparing, proof, peakMiB } = await measureProof(model, { protocol }, runs);
  return {
    model: model.name,
    protocol,
    parameters: await parametersOf(model),
    activations: layers.slice(1, -1).reduce((sum, width) => sum + width, 0),
    constraints: manifest.constraints,
    domainPower: Math.log2(manifest.domain),
    keysMs: preparing.keys.medianMs,
    proof,
    peakMiB,
  };
}
