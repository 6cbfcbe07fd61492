/**
 * A dense model as users of circomlib-ml write it: its Dense, ReLU and ArgMax templates, integer weights, compiled by circom's WASM build with
 * full simplification, which folds the products with constants. It rescales nothing between layers, so accumulators grow; a field element has room for that.
 */
import { execFileSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseModel } from "../../src/onnx/read.js";

const require = createRequire(import.meta.url);

/** Largest integer of a weight and of an input element. */
const WEIGHT = 127;
const ELEMENT = 255;

export interface IntegerMlp {
  /** By layer, [in][out]. */
  readonly weights: readonly (readonly (readonly number[])[])[];
  readonly biases: readonly (readonly number[])[];
}

export interface CircomFiles {
  readonly r1cs: string;
  readonly wasm: string;
  readonly compileMs: number;
}

/** Weights by the greatest one of their layer, biases at the scale of what they are added to. */
export async function integerMlp(bytes: Uint8Array): Promise<IntegerMlp> {
  const { nodes, constants } = await parseModel(bytes, "peer");
  let scale = ELEMENT;
  const layers = nodes.flatMap((node) => {
    if (node.operator !== "Linear") return [];
    const weight = constants.get(node.weight);
    const bias = constants.get(node.bias ?? "");
    if (weight === undefined || bias === undefined) throw new Error(`${node.name} has no constants`);
    const [rows, columns] = weight.shape;
    const factor = WEIGHT / weight.data.reduce((most: number, value) => Math.max(most, Math.abs(value)), 0);
    scale *= factor;
    const row = (i: number): number[] => Array.from({ length: columns }, (_, j) => Math.round(weight.data[i * columns + j] * factor));
    return [{ weights: Array.from({ length: rows }, (_, i) => row(i)), biases: Array.from(bias.data, (value) => Math.round(value * scale)) }];
  });
  return { weights: layers.map(({ weights }) => weights), biases: layers.map(({ biases }) => biases) };
}

/** The witness calculator's input: the image, and the weights where they are inputs. */
export function circomInput(image: ArrayLike<number>, { weights, biases }: IntegerMlp, constant: boolean): Record<string, unknown> {
  const given = { in: Array.from(image, (value) => Math.round(value * ELEMENT)) };
  return constant ? given : { ...given, w1: weights[0], b1: biases[0], w2: weights[1], b2: biases[1] };
}

/** @param constant the weights are constants of the circuit instead of private inputs */
export function compileMlp(mlp: IntegerMlp, constant: boolean, directory: string): CircomFiles {
  // The compiler's sandbox sees one directory only.
  cpSync(join(dirname(require.resolve("circomlib-ml/package.json")), "circuits"), join(directory, "circomlib-ml"), { recursive: true });
  writeFileSync(join(directory, "mlp.circom"), source(mlp, constant));
  const start = performance.now();
  const cli = join(dirname(require.resolve("circom2/package.json")), "cli.js");
  execFileSync(process.execPath, [cli, "mlp.circom", "--r1cs", "--wasm", "--O2", "-o", "."], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
  return { r1cs: join(directory, "mlp.r1cs"), wasm: join(directory, "mlp_js", "mlp.wasm"), compileMs: performance.now() - start };
}

function source({ weights, biases }: IntegerMlp, constant: boolean): string {
  const [inputs, hidden, outputs] = [weights[0].length, biases[0].length, biases[1].length];
  const declared = constant
    ? ""
    : `signal input w1[${inputs}][${hidden}]; signal input b1[${hidden}]; signal input w2[${hidden}][${outputs}]; signal input b2[${outputs}];`;
  const assigned = constant
    ? [0, 1].flatMap((layer) => constantsOf(`d${layer + 1}`, weights[layer], biases[layer])).join("\n    ")
    : "d1.weights <== w1; d1.bias <== b1; d2.weights <== w2; d2.bias <== b2;";
  return `pragma circom 2.0.0;
include "circomlib-ml/Dense.circom";
include "circomlib-ml/ReLU.circom";
include "circomlib-ml/ArgMax.circom";

template Mlp() {
    signal input in[${inputs}];
    ${declared}
    signal output logits[${outputs}];
    signal output class;
    component d1 = Dense(${inputs}, ${hidden});
    component relu[${hidden}];
    component d2 = Dense(${hidden}, ${outputs});
    component top = ArgMax(${outputs});
    ${assigned}
    d1.in <== in;
    for (var i = 0; i < ${hidden}; i++) {
        relu[i] = ReLU();
        relu[i].in <== d1.out[i];
        d2.in[i] <== relu[i].out;
    }
    top.in <== d2.out;
    logits <== d2.out;
    class <== top.out;
}

component main {public [in]} = Mlp();
`;
}

function constantsOf(component: string, weights: readonly (readonly number[])[], biases: readonly number[]): string[] {
  return [
    ...weights.flatMap((row, i) => row.map((weight, j) => `${component}.weights[${i}][${j}] <== ${weight};`)),
    ...biases.map((bias, j) => `${component}.bias[${j}] <== ${bias};`),
  ];
}
