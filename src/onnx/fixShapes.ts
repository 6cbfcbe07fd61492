/** Models with dynamic dims: the user says the shapes, and the model goes on with those written into it. */
import { decodeMessage, encodeMessage } from "./schema.js";
import { malformed, quote, unsupported } from "./problems.js";

/** Input name → dims. The name `*` stands for the only input. */
export type FixedShapes = ReadonlyMap<string, readonly number[]>;

/**
 * The model with these shapes of its inputs. Dims that the model declares must agree; the shapes that it declares of other
 * values are left out (schema.ts reads none), since they follow from the inputs.
 * @throws AssayError ONNX_MALFORMED, ONNX_UNSUPPORTED
 */
export function fixShapes(bytes: Uint8Array, shapes: FixedShapes): Uint8Array {
  if (shapes.size === 0) return bytes;
  const model = decodeMessage(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const graph = model.graph;
  if (!graph) throw malformed("not an ONNX model");
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !initializers.has(name));
  for (const [name, shape] of shapes) {
    const input = name === "*" ? soleInput(inputs) : inputs.find((candidate) => candidate.name === name);
    if (input === undefined) throw unsupported(`the model has no input ${quote(name)}`, undefined, `its inputs: ${inputs.map((each) => each.name).join(", ")}`);
    const type = input.type?.tensorType;
    if (!type) throw unsupported("its type is no tensor", `input ${quote(input.name)}`);
    const declared = type.shape?.dim ?? [];
    if (type.shape && declared.length !== shape.length) throw unsupported(`${shape.length} dims where the model declares ${declared.length}`, `input ${quote(input.name)}`);
    declared.forEach((dim, axis) => {
      const value = dim.value === "dimValue" ? Number(dim.dimValue) : 0;
      if (value > 0 && value !== shape[axis]) throw unsupported(`dim ${axis} is ${value} in the model, not ${shape[axis]}`, `input ${quote(input.name)}`);
    });
    Object.assign(type, { shape: { dim: shape.map((size) => ({ dimValue: size })) } });
  }
  for (const output of graph.output) if (output.type?.tensorType) Object.assign(output.type.tensorType, { shape: undefined });
  return encodeMessage(model);
}

function soleInput<T>(inputs: readonly T[]): T {
  if (inputs.length === 1) return inputs[0];
  throw unsupported(`the model has ${inputs.length} inputs`, undefined, "name the input: --shape NAME=1x3x224x224");
}
