/** What a random model is made from, in a form that shrinks: an operator to test, and the steps before and after it. */
import fc from "fast-check";
import { elementCount } from "../../src/math/shape.js";
import type { RealArray } from "../../src/math/elements.js";
import { Draw } from "../program/seeded.js";
import type { ModelSpec } from "../support/onnxBuilder.js";
import { GraphDraft, type DrawnInput, Skip } from "./draft.js";
import { MAKERS } from "./makers.js";
import type { Maker } from "./maker.js";

interface Step {
  /** Of the operators that its opset has. */
  readonly choice: number;
  readonly seed: number;
}

export interface Recipe {
  readonly operator: string;
  readonly seed: number;
  readonly opset: number;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** Versions in which some operator changed; a recipe takes the nearest that has its operator. */
const OPSETS = [9, 10, 11, 13, 16, 17, 18, 20, 21, 23];

const OPERATORS = [...MAKERS.keys()];

const seed = fc.integer({ min: 0, max: 2 ** 30 });
const step = fc.record({ choice: fc.nat({ max: 9999 }), seed });

/** @param most steps before and after the operator, each */
export function recipes(most = 3): fc.Arbitrary<Recipe> {
  return fc.record({
    operator: fc.constantFrom(...OPERATORS),
    seed,
    opset: fc.constantFrom(...OPSETS),
    before: fc.array(step, { maxLength: most }),
    after: fc.array(step, { maxLength: most }),
  });
}

export interface RandomModel {
  readonly spec: ModelSpec;
  readonly inputs: readonly DrawnInput[];
  readonly operators: readonly string[];
}

export function modelOf(recipe: Recipe): RandomModel {
  const wanted = makerNamed(recipe.operator);
  const opset = Math.min(Math.max(recipe.opset, wanted.opsets[0]), wanted.opsets[1]);
  const known = OPERATORS.filter((name) => hasOpset(makerNamed(name), opset));
  const draft = new GraphDraft(opset);
  const make = (maker: Maker, stepSeed: number): void => attempt(() => maker.make(draft, new Draw(stepSeed)));
  const all = (steps: readonly Step[]): void => {
    for (const { choice, seed: stepSeed } of steps) make(makerNamed(known[choice % known.length]), stepSeed);
  };
  all(recipe.before);
  make(wanted, recipe.seed);
  all(recipe.after);
  if (draft.operators.length === 0) draft.map("Identity", draft.take(new Draw(recipe.seed)), { low: -1, high: 1 });
  return { spec: draft.finish(), inputs: draft.inputs, operators: draft.operators };
}

function attempt(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
  }
}

function makerNamed(name: string): Maker {
  const maker = MAKERS.get(name);
  if (maker === undefined) throw new Error(`no maker for ${name}`);
  return maker;
}

function hasOpset({ opsets: [first, last] }: Maker, opset: number): boolean {
  return opset >= first && opset <= last;
}

/** Samples of the inputs, each in its range. */
export function samplesOf({ inputs }: RandomModel, count: number, seed: number): RealArray[][] {
  const draw = new Draw(seed);
  return draw.list(count, () => inputs.map((input) => elementsOf(input, draw)));
}

function elementsOf({ shape, type, low, high, integral }: DrawnInput, draw: Draw): RealArray {
  const data = draw.list(elementCount(shape), () => (integral ? draw.integer(low, high) : draw.real(low, high)));
  return type === "float" ? Float32Array.from(data) : Float64Array.from(data);
}

/** For messages: the nodes with their shapes. */
export function describeModel({ spec }: RandomModel): string {
  const inputs = spec.inputs.map(({ name, shape, type }) => `${name}:${type ?? ""}[${(shape ?? []).join()}]`).join(" ");
  const constants = new Map((spec.initializers ?? []).map((tensor) => [tensor.name, `${tensor.name}[${tensor.dims.join()}]`]));
  const nodes = spec.nodes.map((node) => {
    const operands = node.inputs.map((name) => constants.get(name) ?? name).join(", ");
    return `  ${node.outputs.join(", ")} = ${node.op}(${operands}) ${JSON.stringify(node.attributes)}`;
  });
  return [`opset ${spec.opset}, inputs ${inputs}`, ...nodes, `  outputs ${spec.outputs.map(({ name }) => name).join(" ")}`].join("\n");
}
