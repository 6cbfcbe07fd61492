/**
 * Dims that a model leaves open, from what a user feeds it: an exporter's dynamic batch was traced with the batch of its sample
 * input, and a sequence is as long as the one that is given.
 */
import type { FixedShapes } from "./fixShapes.js";
import { decodeMessage, type RawDimension, type RawModel } from "./schema.js";

/** A dim of an input: its size, or what open dims of one size share. */
type Dim = number | string;

/** Number of elements that an input of the model is given; undefined where nothing is said of it. */
export type ElementCount = (name: string, position: number) => number | undefined;

/**
 * Shapes of the inputs that have open dims, where these follow from the counts: every open dim but the batch must be the only
 * one that is unknown in some input. A batch that stays unknown is 1.
 * @param given what the user says already; it stands
 * @returns none for inputs of which only the batch is open and is 1
 */
export function openShapes(bytes: Uint8Array, given: FixedShapes, count: ElementCount): FixedShapes {
  if (given.has("*")) return given;
  const inputs = inputsOf(bytes);
  const sizes = new Map<string, number>();
  for (const { name, dims } of inputs) {
    given.get(name)?.forEach((size, axis) => {
      if (typeof dims[axis] === "string") sizes.set(dims[axis], size);
    });
  }
  const solve = (): void => {
    for (let before = -1; sizes.size > before; ) {
      before = sizes.size;
      inputs.forEach(({ name, dims }, position) => {
        const found = unknownOf(dims, sizes, count(name, position));
        if (found !== undefined) sizes.set(...found);
      });
    }
  };
  solve();
  for (const { dims: [batch] } of inputs) if (typeof batch === "string" && !sizes.has(batch)) sizes.set(batch, 1);
  solve();
  const shapes = inputs.flatMap(({ name, dims }): [string, number[]][] => {
    const shape = dims.map((dim) => (typeof dim === "number" ? dim : sizes.get(dim)));
    const asUsual = dims.slice(1).every(Number.isInteger) && shape[0] === 1;
    return dims.every(Number.isInteger) || asUsual || !isKnown(shape) ? [] : [[name, shape]];
  });
  return new Map([...shapes, ...given]);
}

function isKnown(shape: readonly (number | undefined)[]): shape is number[] {
  return !shape.includes(undefined);
}

/** The one open dim that is unknown, if the count is a multiple of the others. */
function unknownOf(dims: readonly Dim[], sizes: ReadonlyMap<string, number>, count: number | undefined): [string, number] | undefined {
  const unknown = dims.filter((dim) => typeof dim === "string").filter((dim) => !sizes.has(dim));
  if (count === undefined || new Set(unknown).size !== 1) return undefined;
  const rest = dims.reduce<number>((product, dim) => product * (typeof dim === "number" ? dim : (sizes.get(dim) ?? 1)), 1);
  const size = Math.round((count / rest) ** (1 / unknown.length));
  return size >= 1 && rest * size ** unknown.length === count ? [unknown[0], size] : undefined;
}

function inputsOf(bytes: Uint8Array): { readonly name: string; readonly dims: readonly Dim[] }[] {
  const graph = decoded(bytes)?.graph;
  const initializers = new Set(graph?.initializer.map(({ name }) => name));
  const inputs = (graph?.input ?? []).filter(({ name }) => !initializers.has(name));
  return inputs.map(({ name, type }) => ({ name, dims: (type?.tensorType?.shape?.dim ?? []).map((dim, axis) => dimOf(dim, `${name} ${axis}`)) }));
}

/** undefined for a damaged file, of which the reader has more to say. */
function decoded(bytes: Uint8Array): RawModel | undefined {
  try {
    return decodeMessage(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return undefined;
  }
}

/** Exporters write -1 and 0 for any size; dims of one name are equal. */
function dimOf(dim: RawDimension, place: string): Dim {
  const size = dim.value === "dimValue" ? Number(dim.dimValue) : 0;
  if (size > 0) return size;
  return dim.value === "dimParam" && dim.dimParam ? `name ${dim.dimParam}` : `place ${place}`;
}
