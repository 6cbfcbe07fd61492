/**
 * The functions of one variable among ONNX's operators, with their attributes.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md
 */
import type { Attributes } from "../attributes.js";
import type { RealFunction } from "../graph.js";
import { erf, gelu, roundHalfEven, sigmoid, softplus, tanhGelu } from "./special.js";

type FunctionOf = (attributes: Attributes) => RealFunction;

/** The least normal float32: below it, roots and logarithms see it. */
const LEAST = 2 ** -126;

/** float32 holds no more; an infinite value of a pole or of an overflow becomes this. */
const GREATEST = 3.4e38;

/** @param apply may be infinite at poles */
export function realFunction(name: string, apply: (x: number) => number): RealFunction {
  return { name, apply: (x) => finite(apply(x)) };
}

function finite(y: number): number {
  return Number.isNaN(y) ? 0 : Math.max(-GREATEST, Math.min(GREATEST, y));
}

function plain(name: string, apply: (x: number) => number): FunctionOf {
  const fn = realFunction(name, apply);
  return () => fn;
}

function stepwise(name: string, apply: (x: number) => number): FunctionOf {
  return () => ({ name, apply, snap: true });
}

/** A function with the attribute `alpha`. */
function withAlpha(name: string, absent: number, apply: (x: number, alpha: number) => number): FunctionOf {
  return (attributes) => {
    const alpha = attributes.float("alpha", absent);
    return realFunction(name, (x) => apply(x, alpha));
  };
}

const clampUnit = (x: number): number => Math.max(-1, Math.min(1, x));

export const log = realFunction("log", (x) => Math.log(Math.max(x, LEAST)));
export const squareRoot = realFunction("square root", (x) => Math.sqrt(Math.max(x, 0)));
export const reciprocal = realFunction("reciprocal", (x) => 1 / x);
export const exp = realFunction("exp", Math.exp);

/** By operator. Arguments outside a function's domain are taken for its edge. */
export const FUNCTIONS = {
  Acos: plain("acos", (x) => Math.acos(clampUnit(x))),
  Acosh: plain("acosh", (x) => Math.acosh(Math.max(x, 1))),
  Asin: plain("asin", (x) => Math.asin(clampUnit(x))),
  Asinh: plain("asinh", Math.asinh),
  Atan: plain("atan", Math.atan),
  Atanh: plain("atanh", (x) => Math.atanh(clampUnit(x))),
  Ceil: stepwise("ceil", Math.ceil),
  Celu: withAlpha("celu", 1, (x, alpha) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha))),
  Cos: plain("cos", Math.cos),
  Cosh: plain("cosh", Math.cosh),
  Elu: withAlpha("elu", 1, (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x)),
  Erf: plain("erf", erf),
  Exp: () => exp,
  Floor: stepwise("floor", Math.floor),
  HardSigmoid: (attributes) => hardSigmoid(attributes.float("alpha", 0.2), attributes.float("beta", 0.5)),
  HardSwish: plain("hard swish", (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
  LeakyRelu: withAlpha("leaky relu", 0.01, (x, alpha) => (x < 0 ? alpha * x : x)),
  Log: () => log,
  Mish: plain("mish", (x) => x * Math.tanh(softplus(x))),
  Reciprocal: () => reciprocal,
  Round: stepwise("round", roundHalfEven),
  Selu: (attributes) => {
    const [alpha, gamma] = [attributes.float("alpha", 1.67326319217681884765625), attributes.float("gamma", 1.05070102214813232421875)];
    return realFunction("selu", (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x)));
  },
  Sigmoid: plain("sigmoid", sigmoid),
  Sin: plain("sin", Math.sin),
  Sinh: plain("sinh", Math.sinh),
  Softplus: plain("softplus", softplus),
  Softsign: plain("softsign", (x) => x / (1 + Math.abs(x))),
  Sqrt: () => squareRoot,
  Swish: withAlpha("swish", 1, (x, alpha) => x * sigmoid(alpha * x)),
  Tan: plain("tan", Math.tan),
  Tanh: plain("tanh", Math.tanh),
} satisfies Readonly<Record<string, FunctionOf>>;

export function hardSigmoid(alpha: number, beta: number): RealFunction {
  return realFunction("hard sigmoid", (x) => Math.max(0, Math.min(1, alpha * x + beta)));
}

export function shrinkFunction(bias: number, lambda: number): RealFunction {
  return realFunction("shrink", (x) => (x < -lambda ? x + bias : x > lambda ? x - bias : 0));
}

/** @param approximation "none" or "tanh" */
export function geluFunction(approximation: "none" | "tanh"): RealFunction {
  return approximation === "none" ? realFunction("gelu", gelu) : realFunction("tanh gelu", tanhGelu);
}
