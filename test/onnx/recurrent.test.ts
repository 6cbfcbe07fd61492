/** RNN, GRU and LSTM, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import type { AttributeSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime, runGraph } from "./differential.js";
import { constant, floats, nodeModel, type NodeModelSpec, type OperandSpec } from "./nodeModel.js";

const [LENGTH, BATCH, INPUTS, HIDDEN] = [4, 2, 3, 5];
const CELLS = { RNN: { gates: 1, activations: 1, states: 1 }, GRU: { gates: 3, activations: 2, states: 1 }, LSTM: { gates: 4, activations: 3, states: 2 } };
type Op = keyof typeof CELLS;

interface Options {
  readonly direction?: string;
  readonly bias?: boolean;
  readonly lengths?: OperandSpec;
  readonly initial?: (dims: readonly number[], index: number) => OperandSpec;
  readonly peephole?: boolean;
  readonly attributes?: Record<string, AttributeSpec>;
}

function spec(op: Op, { direction, bias = true, lengths, initial, peephole, attributes }: Options): NodeModelSpec {
  const { gates, states } = CELLS[op];
  const directions = direction === "bidirectional" ? 2 : 1;
  const operands: OperandSpec[] = [
    [LENGTH, BATCH, INPUTS],
    floats([directions, gates * HIDDEN, INPUTS], 1),
    floats([directions, gates * HIDDEN, HIDDEN], 2),
    bias ? floats([directions, 2 * gates * HIDDEN], 3) : undefined,
    lengths,
    ...Array.from({ length: states }, (_, i) => initial?.([directions, BATCH, HIDDEN], i)),
    ...(peephole ? [floats([directions, 3 * HIDDEN], 6)] : []),
  ];
  while (operands.at(-1) === undefined) operands.pop();
  const all = { hidden_size: { int: HIDDEN }, ...(direction && { direction: { string: direction } }), ...attributes };
  return { operands, attributes: all, outputs: 1 + states };
}

async function same(op: Op, options: Options = {}): Promise<void> {
  await expectSameAsRuntime(nodeModel(op, spec(op, options)), { range: [-2, 2] });
}

async function refused(op: Op, options: Options, code: string, message?: string): Promise<void> {
  const error: unknown = await parseModel(nodeModel(op, spec(op, options)), "m").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, ...(code === "ONNX_UNSUPPORTED" ? {} : { where: 'node "n"' }) });
  if (message) expect(String(error)).toContain(message);
}

describe.each(["RNN", "GRU", "LSTM"] as const)("%s", (op) => {
  it.each(["forward", "reverse", "bidirectional"])("%s", async (direction) => {
    await same(op, { direction });
    await same(op, { direction, bias: false });
    await same(op, { direction, initial: (dims) => dims });
    await same(op, { direction, initial: (dims, i) => floats(dims, 20 + i) });
  });

  it("with lengths that are all equal", async () => {
    await same(op, { lengths: constant([LENGTH, LENGTH], [2], "int32") });
    for (const direction of ["forward", "bidirectional"]) await same(op, { direction, lengths: constant([3, 3], [2], "int32") });
    await refused(op, { lengths: constant([3, 2], [2], "int32") }, "ONNX_UNSUPPORTED", "sequences of different lengths");
    await refused(op, { lengths: constant([9, 9], [2], "int32") }, "ONNX_SHAPE");
  });

  it("with a clip", async () => {
    await same(op, { attributes: { clip: { float: 0.4 } } });
    await refused(op, { attributes: { clip: { float: -1 } } }, "ONNX_MALFORMED");
  });

  // An LSTM grows without bound by Softplus, and onnxruntime's overflows.
  const others = ["Relu", "HardSigmoid", "Affine", "LeakyRelu", "Softsign", "ScaledTanh", "Elu", "ThresholdedRelu", ...(op === "LSTM" ? [] : ["Softplus"])];
  it.each(others)("with the activation %s", async (name) => {
    const { activations } = CELLS[op];
    const strings = { strings: Array.from({ length: activations }, () => name) };
    const floatsOf = (value: number): AttributeSpec => ({ floats: Array.from({ length: activations }, (_, i) => value + 0.1 * i) });
    await same(op, { attributes: { activations: strings, activation_alpha: floatsOf(0.3), activation_beta: floatsOf(0.2) } });
    // onnxruntime asks for all parameters of some functions, and takes 0 for ThresholdedRelu's default of 1.
    if (!["Affine", "ScaledTanh", "ThresholdedRelu"].includes(name)) await same(op, { attributes: { activations: strings } });
  });

  it("with the batch first", async () => {
    const first = nodeModel(op, spec(op, {}));
    const layout = spec(op, { attributes: { layout: { int: 1 } } });
    const operands = [[BATCH, LENGTH, INPUTS], ...layout.operands.slice(1)];
    const [a, b] = await Promise.all([parseModel(first, "m"), parseModel(nodeModel(op, { ...layout, operands }), "m")]);
    const x = Float64Array.from({ length: LENGTH * BATCH * INPUTS }, (_, i) => Math.sin(i));
    const moved = x.map((_, i) => x[((Math.floor(i / INPUTS) % LENGTH) * BATCH + Math.floor(i / (LENGTH * INPUTS))) * INPUTS + (i % INPUTS)]);
    const [ya, yb] = [runGraph(a, new Map([["x0", x]])), runGraph(b, new Map([["x0", moved]]))];
    expect(b.outputs.map((output) => output.shape)).toEqual([[BATCH, LENGTH, 1, HIDDEN], [BATCH, 1, HIDDEN], [BATCH, 1, HIDDEN]].slice(0, b.outputs.length));
    const at = (values: ReadonlyMap<string, Float64Array>, index: number): number => values.get("y0")?.[index] ?? NaN;
    for (let t = 0; t < LENGTH; t++) {
      for (let n = 0; n < BATCH; n++) expect(at(yb, (n * LENGTH + t) * HIDDEN)).toBeCloseTo(at(ya, (t * BATCH + n) * HIDDEN), 12);
    }
    expect(Array.from(yb.get("y1") ?? [])).toEqual(Array.from(ya.get("y1") ?? []));
  });

  it("refuses malformed attributes and shapes", async () => {
    await refused(op, { direction: "sideways" }, "ONNX_MALFORMED");
    await refused(op, { attributes: { hidden_size: { int: 4 } } }, "ONNX_SHAPE");
    await refused(op, { attributes: { activations: { strings: ["Tanh", "Tanh", "Tanh", "Tanh"] } } }, "ONNX_MALFORMED");
    await refused(op, { attributes: { activations: { strings: Array.from({ length: CELLS[op].activations }, () => "Cosh") } } }, "ONNX_MALFORMED");
    await refused(op, { initial: () => floats([1, BATCH, HIDDEN + 1]) }, "ONNX_SHAPE");
    const { operands, ...rest } = spec(op, {});
    await expect(parseModel(nodeModel(op, { operands: [operands[0], [1, HIDDEN, INPUTS], ...operands.slice(2)], ...rest }), "m")).rejects.toThrow("its weight is computed from an input");
  });
});

it("GRU with the linear part before the reset", async () => {
  for (const direction of ["forward", "bidirectional"]) {
    for (const bias of [true, false]) await same("GRU", { direction, bias, attributes: { linear_before_reset: { int: 1 } } });
  }
});

it("LSTM with peepholes, and with input and forget gates coupled", async () => {
  for (const direction of ["forward", "bidirectional"]) {
    await same("LSTM", { direction, peephole: true, initial: (dims) => dims });
    await same("LSTM", { direction, peephole: true });
    await same("LSTM", { direction, attributes: { input_forget: { int: 1 } }, initial: (dims) => dims });
  }
});
