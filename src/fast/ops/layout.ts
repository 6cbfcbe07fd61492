/** Operations that only move elements. */
import type { GatherOperation, TransposeOperation } from "../../program/types.js";
import { done, type Emit } from "../context.js";
import { rangeOfData, union } from "../ranges.js";
import { BYTE_OFFSET, byteFormOfRange, type Form, laneOf, smallestForm } from "../value.js";

export const transpose: Emit<TransposeOperation> = (context, operation) => {
  const input = context.value(operation.input);
  const form = smallestForm(input);
  return done(context.result(operation, form, context.writer.node("Transpose", [context.as(input, form)], { perm: operation.permutation })));
};

export const gather: Emit<GatherOperation> = (context, operation) => {
  const { writer } = context;
  const { data } = operation.constant;
  const ranges = [...operation.inputs.map((tensor) => context.range(tensor)), ...(data.length > 0 ? [rangeOfData(data)] : [])];
  const range = ranges.reduce(union);
  const isAlone = operation.inputs.length === 1 && data.length === 0;
  const form: Form = isAlone ? smallestForm(context.value(operation.inputs[0])) : (byteFormOfRange(range) ?? laneOf(range));
  const lists = operation.inputs.map((tensor) => writer.node("Reshape", [context.as(context.value(tensor), form), writer.constant("int64", [1], [-1])]));
  if (data.length > 0) lists.push(constantList(form, data));
  const list = lists.length === 1 ? lists[0] : writer.node("Concat", lists, { axis: 0 });
  const index = writer.constant("int32", operation.index.shape, operation.index.data);
  return done(context.result(operation, form, writer.node("Gather", [list, index])));

  function constantList(target: Form, values: Float64Array): string {
    if (target === "float" || target === "double") return writer.constant(target, [values.length], values);
    return writer.constant("uint8", [values.length], target === "byte" ? values : values.map((value) => value + BYTE_OFFSET));
  }
};
