/** validateProgram refuses every malformed program with PROGRAM_INVALID, whatever file it came from. */
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { OPERATION_KINDS } from "../../src/program/ops/index.js";
import { validateProgram } from "../../src/program/validate.js";
import { MAX_ELEMENTS, type Program } from "../../src/program/types.js";
import { allKinds, damaged, type Loose, only, reshaped } from "./allKinds.js";

type Change = (program: Loose<Program>) => void;
type Damage = readonly [what: string, change: Change];

function expectRefused(change: Change): void {
  const program = damaged(change);
  let thrown: unknown;
  try {
    validateProgram(program);
  } catch (error) {
    thrown = error;
  }
  expect(thrown, "a malformed program must be refused").toBeInstanceOf(AssayError);
  expect(thrown).toMatchObject({ code: "PROGRAM_INVALID" });
}

/** A value of a type that the field should not have. */
function set(target: object, field: string, value: unknown): void {
  Object.assign(target, { [field]: value });
}

it("accepts the undamaged program, which has every kind of operation", () => {
  const program = allKinds();
  expect(validateProgram(program)).toHaveLength(program.tensors.length);
  expect(new Set(program.operations.map((operation) => operation.kind))).toEqual(new Set(OPERATION_KINDS));
});

describe("version", () => {
  it.each([0, 2, "1", undefined])("semantics %j", (version) => expectRefused((p) => set(p, "semantics", version)));
});

describe("order and ids", () => {
  it.each<Damage>([
    ["an operand that is computed later", (p) => { only(p, "conv").input = only(p, "linear").output; }],
    ["an operand that is its own result", (p) => { only(p, "conv").input = only(p, "conv").output; }],
    ["an operand that does not exist", (p) => { only(p, "conv").input = 99; }],
    ["an operand of −1", (p) => { only(p, "conv").input = -1; }],
    ["an operand between two", (p) => { only(p, "conv").input = 0.5; }],
    ["a second operand that is computed later", (p) => { only(p, "add").right = only(p, "linear").output; }],
    ["operations in another order", (p) => { p.operations.reverse(); }],
    ["an output that is a model input", (p) => { only(p, "conv").output = 0; }],
    ["an output that was written before", (p) => { only(p, "linear").output = only(p, "conv").output; }],
    ["an output that does not exist", (p) => { only(p, "linear").output = 99; }],
    ["an operation twice", (p) => { p.operations.push(p.operations[0]); }],
    ["two inputs of one tensor", (p) => { p.inputs[1].tensor = 0; }],
    ["an input without a tensor", (p) => { p.inputs[1].tensor = 99; }],
    ["an input that an operation writes", (p) => { p.inputs.push({ ...p.inputs[0], tensor: only(p, "conv").output }); }],
    ["an output that is never computed", (p) => { p.tensors.push({ name: "t", shape: [1], type: "u8" }); p.outputs[0].tensor = p.tensors.length - 1; }],
    ["an output without a tensor", (p) => { p.outputs[0].tensor = 99; }],
    ["an operation that is unknown", (p) => { set(only(p, "linear"), "kind", "softmax"); }],
    ["an operation named like an object's own method", (p) => { set(only(p, "linear"), "kind", "constructor"); }],
  ])("refuses %s", (_, change) => expectRefused(change));
});

describe("tensors", () => {
  it("refuses a declared shape that differs, for every kind of operation", () => {
    for (const kind of OPERATION_KINDS) {
      expectRefused((p) => { p.tensors[only(p, kind).output].shape[0] = 2; });
      expectRefused((p) => { p.tensors[only(p, kind).output].shape.push(2); });
    }
  });

  it("refuses a type that the values do not fit, for every kind of operation", () => {
    for (const kind of OPERATION_KINDS) if (kind !== "requantize") expectRefused((p) => { p.tensors[only(p, kind).output].type = "i8"; });
    expectRefused((p) => { p.tensors[only(p, "requantize").output].type = "i8"; });
  });

  it.each<Damage>([
    ["an unknown type of an input", (p) => { set(p.tensors[0], "type", "f32"); }],
    ["an unknown type of a result", (p) => { set(p.tensors[only(p, "linear").output], "type", "u7"); }],
    ["a negative dim of an input", (p) => { p.tensors[0].shape = [-1, 5, 4, 2]; }],
    ["a dim of an input that is no integer", (p) => { p.tensors[0].shape = [1.5, 5, 4, 2]; }],
    ["a dim of an input that is no number", (p) => { set(p.tensors[0], "shape", ["1", 5, 4, 2]); }],
    ["a negative dim behind a reshape", (p) => { p.tensors[only(p, "reshape").output].shape = [-1, -12]; }],
    ["a fractional dim behind a reshape", (p) => { p.tensors[only(p, "reshape").output].shape = [0.5, 24]; }],
    ["an input larger than any memory", (p) => { p.tensors[0].shape = [1, 2 ** 31, 2 ** 31, 2]; }],
    ["an input of one element too many", (p) => { p.tensors[0].shape = [1, 5, MAX_ELEMENTS / 8 + 1, 8]; }],
    ["an input that nobody reads, larger than any memory", (p) => { p.tensors.push({ name: "t", shape: [2 ** 53 - 1, 2 ** 53 - 1], type: "u8" }); p.inputs.push({ ...p.inputs[0], tensor: p.tensors.length - 1 }); }],
    ["another number of elements behind a reshape", (p) => { p.tensors[only(p, "reshape").output].shape = [1, 13]; }],
  ])("refuses %s", (_, change) => expectRefused(change));
});

describe("constants", () => {
  const fields = [["conv", "weight"], ["conv", "bias"], ["linear", "weight"], ["linear", "bias"], ["affine", "weight"], ["affine", "bias"]] as const;
  it.each(fields)("of %s, %s", (kind, field) => {
    expectRefused((p) => { const constant = only(p, kind)[field]; constant.data = constant.data.slice(1); });
    expectRefused((p) => { const constant = only(p, kind)[field]; constant.type = "i8"; constant.data[0] = 128; });
    expectRefused((p) => { const constant = only(p, kind)[field]; constant.type = "u8"; constant.data[0] = -1; });
    for (const value of [0.5, NaN, Infinity]) expectRefused((p) => { only(p, kind)[field].data[0] = value; });
    expectRefused((p) => { set(only(p, kind)[field], "type", "f32"); });
    expectRefused((p) => { set(only(p, kind)[field], "type", "toString"); });
  });
});

describe("convolution", () => {
  it.each<Damage>([
    ["a weight of another rank", (p) => { only(p, "conv").weight.shape = [3, 4, 2]; }],
    ["a weight of another depth", (p) => { reshaped(only(p, "conv").weight, [3, 2, 2, 3]); }],
    ["a kernel larger than its weight's", (p) => { const c = only(p, "conv"); c.window = { ...c.window, kernel: [3, 2], padsBegin: [2, 0] }; }],
    ["a kernel smaller than its weight's", (p) => { const c = only(p, "conv"); c.window = { ...c.window, kernel: [1, 2], padsBegin: [0, 0] }; }],
    ["a kernel with its axes swapped", (p) => { reshaped(only(p, "conv").weight, [3, 1, 4, 2]); }],
    ["a group that does not divide the outputs", (p) => { const c = only(p, "conv"); c.group = 2; reshaped(c.weight, [3, 2, 2, 1]); }],
    ["a group of 0", (p) => { only(p, "conv").group = 0; }],
    ["a fractional group", (p) => { const c = only(p, "conv"); c.group = 0.5; reshaped(c.weight, [3, 2, 2, 4]); }],
    ["a bias of another length", (p) => { reshaped(only(p, "conv").bias, [4]); }],
    ["a bias of two axes", (p) => { reshaped(only(p, "conv").bias, [3, 2]); }],
    ["a window that does not fit", (p) => { const c = only(p, "conv"); c.window.dilations = [9, 1]; }],
  ])("refuses %s", (_, change) => expectRefused(change));
});

describe.each(["conv", "maxPool", "sumPool"] as const)("window of a %s", (kind) => {
  const fields = ["kernel", "strides", "dilations", "padsBegin", "padsEnd"] as const;
  it.each(fields)("%s", (field) => {
    expectRefused((p) => { only(p, kind).window[field] = [1]; });
    expectRefused((p) => { only(p, kind).window[field].push(1); });
    for (const value of [-1, 0.5, NaN, Infinity, "1", null]) expectRefused((p) => { set(only(p, kind).window[field], "0", value); });
    // Beyond these, sums of them were no longer exact, or their cells more than a memory holds.
    for (const value of [2 ** 24 + 1, 2 ** 53 - 1]) expectRefused((p) => { only(p, kind).window[field][0] = value; });
    if (!field.startsWith("pads")) expectRefused((p) => { only(p, kind).window[field][0] = 0; });
  });
});

it.each(["maxPool", "sumPool"] as const)("windows of a %s with more cells than a memory holds are refused", (kind) => {
  expectRefused((p) => { Object.assign(only(p, kind).window, { kernel: [2 ** 15, 2 ** 15], padsBegin: [2 ** 14, 2 ** 14], padsEnd: [2 ** 14, 2 ** 14] }); });
  expectRefused((p) => { Object.assign(only(p, kind).window, { kernel: [2 ** 20, 1], padsBegin: [2 ** 20, 0], padsEnd: [2 ** 20, 0] }); });
});

describe("other operations", () => {
  it.each<Damage>([
    ["a matrix of other columns", (p) => { reshaped(only(p, "linear").weight, [4, 11]); }],
    ["a matrix of three axes", (p) => { reshaped(only(p, "linear").weight, [4, 12, 2]); }],
    ["a bias of another length after a matrix", (p) => { reshaped(only(p, "linear").bias, [5]); }],
    ["a bias of two axes after a matrix", (p) => { reshaped(only(p, "linear").bias, [4, 2]); }],
    ["a factor that does not broadcast", (p) => { reshaped(only(p, "affine").weight, [2]); }],
    ["an offset that does not broadcast", (p) => { reshaped(only(p, "affine").bias, [4, 3]); }],
    ["operands that do not broadcast", (p) => { only(p, "add").left = 0; }],
    ["a fractional factor", (p) => { only(p, "add").leftFactor = 0.5; }],
    ["a factor that is no number", (p) => { set(only(p, "add"), "leftFactor", "3"); }],
    ["a maximum over padding alone", (p) => { only(p, "maxPool").window.padsBegin = [2, 0]; p.tensors[only(p, "maxPool").output].shape[1] = 4; }],
    ["a permutation that repeats an axis", (p) => { only(p, "transpose").permutation = [0, 3, 3, 2]; }],
    ["a permutation of fewer axes", (p) => { only(p, "transpose").permutation = [0, 2, 1]; }],
  ])("refuses %s", (_, change) => expectRefused(change));

  it.each([NaN, Infinity, -Infinity, 2 ** 53])("refuses a factor of %d", (value) => {
    expect(() => validateProgram(damaged((p) => { only(p, "add").leftFactor = value; }))).toThrow(AssayError);
  });
});

describe("gather", () => {
  it.each<Damage>([
    ["an operand that is computed later", (p) => { only(p, "gather").inputs[1] = only(p, "linear").output; }],
    ["an operand of −1", (p) => { only(p, "gather").inputs[0] = -1; }],
    ["operands that are no list", (p) => { set(only(p, "gather"), "inputs", 3); }],
    ["an index of −1", (p) => { only(p, "gather").index.data[5] = -1; }],
    ["an index beyond the constant", (p) => { only(p, "gather").index.data[5] = 123; }],
    ["an index beyond what is left of the operands", (p) => { const g = only(p, "gather"); g.index.data[0] = 122; g.inputs.pop(); }],
    ["a fractional index", (p) => { only(p, "gather").index.data[5] = 0.5; }],
    ["indices of another type", (p) => { only(p, "gather").index.type = "i64"; }],
    ["a constant of two axes", (p) => { only(p, "gather").constant.shape = [3, 1]; }],
    ["a constant of no axes", (p) => { const { constant } = only(p, "gather"); constant.shape = []; constant.data = constant.data.slice(0, 1); }],
    ["a constant whose type it leaves", (p) => { const { constant } = only(p, "gather"); constant.type = "u8"; constant.data[0] = -1; }],
    ["an index that lacks an element", (p) => { const { index } = only(p, "gather"); index.data = index.data.slice(1); }],
  ])("refuses %s", (_, change) => expectRefused(change));

  it("takes no operand and no constant, but not neither", () => {
    const change = (empty: boolean) => (p: Loose<Program>): void => {
      const { index, constant } = only(p, "gather");
      only(p, "gather").inputs = [];
      index.data.fill(0);
      if (empty) Object.assign(constant, { shape: [0], data: new Float64Array(0) });
    };
    expect(() => validateProgram(damaged(change(false)))).not.toThrow();
    expectRefused(change(true));
  });
});

describe("products", () => {
  it.each<Damage>([
    ["operands of mul that do not broadcast", (p) => { only(p, "mul").right = 0; }],
    ["an operand of mul that is computed later", (p) => { only(p, "mul").right = only(p, "linear").output; }],
    ["matrices of another reduction axis", (p) => { const m = only(p, "matmul"); m.left = only(p, "mul").left; m.right = 0; }],
    ["matrices of another rank", (p) => { only(p, "matmul").right = only(p, "mul").output; }],
    ["vectors", (p) => { for (const id of [only(p, "gather").output]) { p.tensors[id].shape = [36]; only(p, "gather").index.shape = [36]; } }],
  ])("refuses %s", (_, change) => expectRefused(change));

  it.each(["mul", "matmul"] as const)("refuses a %s beyond 2^53 by its node's name", (kind) => {
    const wide = (p: Loose<Program>): void => {
      p.inputs.forEach(({ tensor }) => Object.assign(p.tensors[tensor], { type: "i32", shape: [1, 2] }));
      p.operations = [{ kind, node: "grow", output: 2, left: 0, right: 1 }];
      p.tensors[2] = { name: "y", shape: kind === "mul" ? [1, 2] : [1, 1], type: "i64" };
      p.outputs = [{ ...p.outputs[0], tensor: 2 }];
    };
    expect(() => validateProgram(damaged(wide))).toThrow(expect.objectContaining({ code: "QUANTIZE_RANGE", where: "node grow" }) as Error);
  });
});

describe("table", () => {
  const entries = (p: Loose<Program>, count: number): void => {
    Object.assign(only(p, "table").entries, { shape: [count], data: new Float64Array(count) });
  };
  it.each<Damage>([
    ["an argument below the table", (p) => { only(p, "table").low = 1; }],
    ["an argument above the table", (p) => { entries(p, 257); }],
    ["a fractional low end", (p) => { only(p, "table").low = -0.5; }],
    ["a low end beyond 53 bits", (p) => { only(p, "table").low = -(2 ** 53); }],
    ["a low end that is no number", (p) => { set(only(p, "table"), "low", "-2"); }],
    ["no entries", (p) => { entries(p, 0); }],
    ["1025 entries", (p) => { entries(p, 1025); }],
    ["entries of two axes", (p) => { only(p, "table").entries.shape = [130, 2]; }],
    ["entries of i64", (p) => { only(p, "table").entries.type = "i64"; }],
    ["an entry that its type does not hold", (p) => { only(p, "table").entries.data[9] = 2 ** 15; }],
  ])("refuses %s", (_, change) => expectRefused(change));

  it("takes exactly the arguments that it has entries for", () => {
    expect(() => validateProgram(damaged((p) => { only(p, "table").low = 0; entries(p, 256); }))).not.toThrow();
    expect(() => validateProgram(damaged((p) => { only(p, "table").low = -768; entries(p, 1024); }))).not.toThrow();
  });
});

describe("requantize", () => {
  it.each([[[-1]], [[53]], [[0.5]], [[NaN]], [[5, 6]], [[5, 6, 7, 8]], [[]], [[5, 6, -1]]])("refuses shifts of %j", (shifts) =>
    expectRefused((p) => { only(p, "requantize").shifts = shifts; }),
  );

  it.each([
    [0, 0], [5, 5], [0, 2], [0, 254], [-1, 255], [1, 0], [255, 0], [0.5, 127.5], [0, -0.5], [0, NaN], [NaN, 255], [0, Infinity], [-Infinity, Infinity],
  ])("refuses a clamp to %d..%d", (low, high) => expectRefused((p) => { Object.assign(only(p, "requantize"), { low, high }); }));

  it.each([[0, 255], [0, 1], [0, 127], [100, 163]])("accepts a clamp to %d..%d", (low, high) => {
    expect(() => validateProgram(damaged((p) => { Object.assign(only(p, "requantize"), { low, high }); }))).not.toThrow();
  });

  // A circuit saturates at a power of two: with another clamp it would prove values that the program does not have.
  it.each([40, 48, 49, 50, 51, 52])("refuses a clamp whose size is next to 2^%i", (bits) => {
    const clamp = (low: number, high: number) => (p: Loose<Program>): void => {
      Object.assign(only(p, "requantize"), { low, high, shifts: [0] });
      // Whatever the values are, an i64 holds them.
      p.tensors[only(p, "requantize").output].type = "i64";
    };
    const accepted = (change: Change): void => void validateProgram({ ...damaged(change), operations: damaged(change).operations.slice(0, 2), outputs: [] });
    expect(() => accepted(clamp(0, 2 ** bits - 1))).not.toThrow();
    expect(() => accepted(clamp(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))).not.toThrow();
    for (const by of [-2, -1, 1, 2]) expectRefused(clamp(0, 2 ** bits - 1 + by));
    expectRefused(clamp(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
  });

  it("takes a shift for each of very many channels", () => {
    const channels = 300_000;
    const program: Program = {
      ...allKinds(),
      tensors: [{ name: "x", shape: [1, channels], type: "i8" }, { name: "y", shape: [1, channels], type: "i8" }],
      operations: [{ kind: "requantize", node: "n", input: 0, output: 1, shifts: new Array<number>(channels).fill(3), low: -16, high: 15 }],
    };
    const ports = { inputs: [{ ...program.inputs[0], tensor: 0 }], outputs: [{ ...program.outputs[0], tensor: 1 }] };
    expect(validateProgram({ ...program, ...ports })[1].low).toHaveLength(channels);
  });
});
