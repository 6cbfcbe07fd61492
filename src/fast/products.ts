/**
 * Sums of products of bytes, exact on every processor: both operands unsigned, zero points 0 or 128. Kernels of unsigned by signed
 * bytes saturate in 16 bits on some. Wider operands are split into bytes, whose products are put together in float64.
 */
import { AssayError } from "../errors.js";
import type { Attributes } from "./graphWriter.js";
import type { EmitContext } from "./context.js";
import { rangeOfData } from "./ranges.js";
import { BYTE_OFFSET, byteFormOf, byteFormOfRange, contains, type Value } from "./value.js";

/** Unsigned bytes in the graph that stand for byte − zero. */
export interface Bytes {
  readonly name: string;
  readonly zero: 0 | typeof BYTE_OFFSET;
}

/** 255·255·n < 2^31: no order of adding the products, of raw bytes even, leaves 32 bits. */
export const MAX_PRODUCTS = 33_025;

export function assertProducts(length: number, node: string): void {
  if (length <= MAX_PRODUCTS) return;
  throw new AssayError("MODEL_TOO_LARGE", `an element sums ${length} products; ${MAX_PRODUCTS} are supported`, { where: `node ${node}`, hint: "split the reduction" });
}

export function zeroPoint(context: EmitContext, zero: number): string {
  return context.writer.constant("uint8", [], [zero]);
}

/** The value in its byte form, or undefined if it is wider than a byte. */
export function bytesOf(context: EmitContext, value: Value): Bytes | undefined {
  const form = byteFormOf(value);
  return form === undefined ? undefined : { name: context.as(value, form), zero: form === "byte" ? 0 : BYTE_OFFSET };
}

/** v = Σ 256^i · bytes[i]: all but the last lie in 0..255, which floor division gives of any v. */
export function limbsOf(context: EmitContext, value: Value): readonly Bytes[] {
  const whole = bytesOf(context, value);
  if (whole !== undefined) return [whole];
  const { writer } = context;
  const limbs: Bytes[] = [];
  let rest = context.as(value, "double");
  let range = value.range;
  let form = byteFormOfRange(range);
  while (form === undefined) {
    const above = writer.node("Floor", [writer.node("Mul", [rest, context.scalar("double", 1 / 256)])]);
    const low = writer.node("Sub", [rest, context.times("double", above, 256)]);
    limbs.push({ name: writer.cast(low, "uint8"), zero: 0 });
    rest = above;
    range = { low: Math.floor(range.low / 256), high: Math.floor(range.high / 256) };
    form = byteFormOfRange(range);
  }
  const shifted = form === "byte" ? rest : writer.node("Add", [rest, context.scalar("double", BYTE_OFFSET)]);
  return [...limbs, { name: writer.cast(shifted, "uint8"), zero: form === "byte" ? 0 : BYTE_OFFSET }];
}

/** w = Σ 256^i · (limbs[i] − 128), each w digit by digit in −128..127; one limb where all weights are bytes. */
export function weightLimbs(weights: Float64Array): readonly Uint8Array[] {
  const limbs: Uint8Array[] = [];
  let rest = weights;
  while (!contains(SIGNED_BYTE, rangeOfData(rest))) {
    const above = rest.map((value) => Math.floor((value + BYTE_OFFSET) / 256));
    limbs.push(Uint8Array.from(rest, (value, i) => value - 256 * above[i] + BYTE_OFFSET));
    rest = above;
  }
  return [...limbs, offsetBytes(rest)];
}

const SIGNED_BYTE = { low: -BYTE_OFFSET, high: BYTE_OFFSET - 1 };

function offsetBytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = values[i] + BYTE_OFFSET;
  return bytes;
}

/** Σ_i Σ_j 256^(i+j) · product(left[i], right[j]) in float64. */
export function limbProducts<L, R>(context: EmitContext, left: readonly L[], right: readonly R[], product: (left: L, right: R) => string): string {
  const { writer } = context;
  const byPower: (string | undefined)[] = [];
  left.forEach((a, i) => {
    right.forEach((b, j) => {
      const term = writer.cast(product(a, b), "double");
      const known = byPower[i + j];
      byPower[i + j] = known === undefined ? term : writer.node("Add", [known, term]);
    });
  });
  // From the top, where every sum is the result divided by a power of 256, up to a small remainder: none exceeds 2^53.
  return byPower.reduceRight<string | undefined>((above, term = "") => (above === undefined ? term : writer.node("Add", [context.times("double", above, 256), term])), undefined) ?? "";
}

/** left [.., m, k] times right [.., k, n] in int32. */
export function matrixProduct(context: EmitContext, left: Bytes, right: Bytes): string {
  return context.writer.node("MatMulInteger", [left.name, right.name, zeroPoint(context, left.zero), zeroPoint(context, right.zero)]);
}

/** The same in float32, where it is exact, plus a bias a column. */
export function floatMatrixProduct(context: EmitContext, left: Bytes, right: Bytes, bias?: string): string {
  const one = context.scalar("float", 1);
  const operands = [left.name, right.name, one, one, zeroPoint(context, left.zero), zeroPoint(context, right.zero)];
  return context.writer.node("MatMulIntegerToFloat", bias === undefined ? operands : [...operands, bias]);
}

/** Channels-first convolution in int32. */
export function convolution(context: EmitContext, input: Bytes, weight: Bytes, attributes: Attributes): string {
  return context.writer.node("ConvInteger", [input.name, weight.name, zeroPoint(context, input.zero), zeroPoint(context, weight.zero)], attributes);
}
