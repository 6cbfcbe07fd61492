/** Products with constant weights: convolutions and matrices, alone or with the rescaling that follows. */
import type { ConvOperation, LinearOperation, Operation, RequantizeOperation } from "../../program/types.js";
import { done, type Emit, type EmitContext, type Emitted } from "../context.js";
import { assertProducts, type Bytes, bytesOf, floatMatrixProduct, limbProducts, limbsOf, weightLimbs, zeroPoint } from "../products.js";
import { added, type DotRange, rangeOfData } from "../ranges.js";
import { BYTE_OFFSET, contains, INT32, laneOf, type Value } from "../value.js";
import { type Geometry, geometryOf } from "./geometry.js";
import { fusedFactor, fusedForm, narrowed } from "./requantize.js";

type Dot = ConvOperation | LinearOperation;

export const dot: Emit<Dot> = (context, operation, following) => {
  const geometry = geometryOf(context, operation);
  assertProducts(geometry.cells * geometry.depth, operation.node);
  const input = context.value(operation.input);
  const range = context.ranges.dot(operation);
  const weights = weightLimbs(operation.weight.data);
  const bytes = weights.length === 1 ? bytesOf(context, input) : undefined;
  if (bytes === undefined) return done(wide(context, operation, geometry, weights));
  const fused = rescaled(context, operation, geometry, range, bytes, weights[0], following);
  if (fused !== undefined) return fused;
  const isExact = laneOf(range.products, range.sum, rangeOfData(operation.bias.data)) === "float";
  if (geometry.isRows && isExact) return done(floatRows(context, operation, geometry, bytes, weights[0]));
  return done(withBias(context, operation, range.sum, geometry.product(bytes, weights[0])));
};

/** The kernel's own rescaling, where it is exact. */
function rescaled(context: EmitContext, operation: Dot, geometry: Geometry, { products }: DotRange, input: Bytes, weight: Uint8Array, following: Operation | undefined): Emitted | undefined {
  if (following?.kind !== "requantize" || following.input !== operation.output) return undefined;
  const form = fusedForm(following);
  if (form === undefined) return undefined;
  const bias = offsetBias(operation, following, form === "byte" ? 0 : BYTE_OFFSET);
  const range = rangeOfData(bias);
  if (![range, added(products, range), products].every((reached) => contains(INT32, reached))) return undefined;
  const { writer } = context;
  const factors = following.shifts.map(fusedFactor);
  const one = context.scalar("float", 1);
  const output = writer.channelsLastConv(
    [
      geometry.channelsLast(input.name), one, zeroPoint(context, input.zero),
      writer.bytes(geometry.windowShape, geometry.windowOrder(weight)), writer.constant("float", factors.length === 1 ? [] : [factors.length], factors), zeroPoint(context, BYTE_OFFSET),
      one, zeroPoint(context, 0), writer.constant("int32", [bias.length], bias),
    ],
    geometry.attributes,
  );
  return { value: context.result(following, form, geometry.outputShape(narrowed(context, following, form, output))), fused: true };
}

/** With `offset` added to the rescaled result: the kernel then rounds and clamps what is not negative. */
function offsetBias({ bias }: Dot, { shifts }: RequantizeOperation, offset: number): Float64Array {
  return bias.data.map((value, output) => value + offset * 2 ** shifts[output % shifts.length]);
}

/** In float32 where it is exact: the kernel adds the bias, and what follows is fast in it. */
function floatRows(context: EmitContext, operation: Dot, geometry: Geometry, input: Bytes, weight: Uint8Array): Value {
  const { writer } = context;
  const { data } = operation.bias;
  const left = { ...input, name: geometry.rows(input.name) };
  const right: Bytes = { name: writer.bytes([geometry.depth, geometry.outputs], geometry.columnOrder(weight)), zero: BYTE_OFFSET };
  const bias = data.some((value) => value !== 0) ? writer.constant("float", [data.length], data) : undefined;
  return context.result(operation, "float", floatMatrixProduct(context, left, right, bias));
}

/** @param product in int32 */
function withBias(context: EmitContext, operation: Dot, sum: DotRange["sum"], product: string): Value {
  const { writer } = context;
  const { data } = operation.bias;
  const fits = contains(INT32, sum) && contains(INT32, rangeOfData(data));
  const form = fits ? "int32" : "double";
  const products = fits ? product : writer.cast(product, "double");
  const name = data.every((value) => value === 0) ? products : writer.node("Add", [products, writer.constant(form, [data.length], data)]);
  return context.result(operation, form, name);
}

function wide(context: EmitContext, operation: Dot, geometry: Geometry, weights: readonly Uint8Array[]): Value {
  const input = limbsOf(context, context.value(operation.input));
  const product = limbProducts(context, input, weights, (limb, weight) => geometry.product(limb, weight));
  const { data } = operation.bias;
  return context.result(operation, "double", context.writer.node("Add", [product, context.writer.constant("double", [data.length], data)]));
}
