/** Models of one node, in few words. */
import { buildModel, type AttributeSpec, type TensorSpec, type TypeName } from "../support/onnxBuilder.js";
import { seededRandom } from "./differential.js";

/** An activation (a shape, for a type other than float with that), a constant, or nothing for an operand left out. */
export type OperandSpec = readonly number[] | { readonly shape: readonly number[]; readonly type: TypeName } | Omit<TensorSpec, "name"> | undefined;

export interface NodeModelSpec {
  /** In order; the activations are called x0, x1, ... by position. */
  readonly operands: readonly OperandSpec[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  /** How many; "" in a list leaves one out. Default 1, called y0, y1, ... */
  readonly outputs?: number | readonly string[];
  /** Default 17. */
  readonly opset?: number;
  readonly domain?: string;
  /** Of the domain's operator set. Default 3. */
  readonly domainVersion?: number;
}

export function nodeModel(op: string, { operands, attributes, outputs = 1, opset, domain, domainVersion = 3 }: NodeModelSpec): Uint8Array {
  const names = typeof outputs === "number" ? Array.from({ length: outputs }, (_, i) => `y${i}`) : outputs;
  const named = operands.map((operand, i) => ({ operand, name: operand === undefined ? "" : `x${i}` }));
  return buildModel({
    inputs: named.flatMap(({ operand, name }) => (operand === undefined || "data" in operand ? [] : [{ name, ...typed(operand) }])),
    outputs: names.filter((name) => name !== "").map((name) => ({ name, type: null })),
    initializers: named.flatMap(({ operand, name }) => (operand !== undefined && "data" in operand ? [{ ...operand, name }] : [])),
    nodes: [{ op, name: "n", inputs: named.map(({ name }) => name), outputs: names, attributes, domain }],
    opset,
    ...(domain === undefined ? {} : { domains: { [domain]: domainVersion } }),
  });
}

function typed(operand: readonly number[] | { readonly shape: readonly number[]; readonly type: TypeName }): { shape: readonly number[]; type: TypeName } {
  return "shape" in operand ? operand : { shape: operand, type: "float" };
}

/** A constant of seeded floats in [low, high). */
export function floats(dims: readonly number[], seed = 7, low = -1, high = 1): Omit<TensorSpec, "name"> {
  const random = seededRandom(seed);
  return { dims, data: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => low + (high - low) * random()) };
}

export function constant(data: readonly number[], dims: readonly number[] = [data.length], type: TypeName = "float"): Omit<TensorSpec, "name"> {
  return { dims, data, type };
}
