/** Programs as bytes: round trips, one encoding for one program, and an id that every part of the program changes. */
import { concat, keccak256, toBeHex, ZeroHash } from "ethers";
import { describe, expect, it } from "vitest";
import { merkleRoot } from "../../src/math/merkle.js";
import { canonicalJson, decodeProgram, encodeProgram, type ProgramBytes } from "../../src/program/encoding.js";
import { encodeDescriptor, modelIdOf, planSteps } from "../../src/program/steps/index.js";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { allKinds, damaged, only } from "./allKinds.js";
import { randomProgram } from "./randomProgram.js";
import { Draw } from "./seeded.js";

const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The same value with the keys of every object the other way round. */
function keysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keysReversed);
  if (typeof value !== "object" || value === null || value instanceof Float64Array) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, keysReversed(item)]));
}

describe("round trip", () => {
  it("gives the same program and the same bytes", () => {
    const programs = [allKinds(), ...Array.from({ length: 60 }, (_, seed) => randomProgram(new Draw(seed)))];
    for (const program of programs) {
      const bytes = encodeProgram(program);
      const decoded = decodeProgram(bytes, "test");
      expect(decoded).toEqual(program);
      expect(() => validateProgram(decoded)).not.toThrow();
      expect(encodeProgram(decoded)).toEqual(bytes);
      expect(modelIdOf(decoded)).toBe(modelIdOf(program));
    }
  });

  it("keeps the ends of every constant type", () => {
    for (const [type, low, high] of [
      ["u8", 0, 255], ["i8", -128, 127], ["u16", 0, 65535], ["i16", -32768, 32767], ["i32", -(2 ** 31), 2 ** 31 - 1], ["i64", 1 - 2 ** 53, 2 ** 53 - 1],
    ] as const) {
      const data = Float64Array.of(low, high, 0, 1);
      const program = damaged((p) => { only(p, "linear").bias = { shape: [4], type, data }; });
      const decoded = decodeProgram(encodeProgram(program), "test");
      expect(only(decoded, "linear").bias.data).toEqual(data);
    }
  });
});

describe("bytes", () => {
  it("do not depend on the order in which an object's fields were set", () => {
    const program = allKinds();
    expect(encodeProgram(keysReversed(program) as Program)).toEqual(encodeProgram(program));
  });

  it("are JSON with sorted keys and no spaces, and constants in the order of the operations, weight before bias, tables apart", () => {
    const program = allKinds();
    const { structure, weights, tables } = encodeProgram(program);
    const parsed = JSON.parse(utf8(structure)) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(["inputs", "operations", "outputs", "semantics", "tensors"]);
    expect(utf8(structure)).toBe(JSON.stringify(parsed));
    const conv = only(program, "conv");
    const view = new DataView(weights.buffer, weights.byteOffset);
    conv.weight.data.forEach((value, i) => expect(view.getInt8(i)).toBe(value));
    conv.bias.data.forEach((value, i) => expect(view.getInt16(conv.weight.data.length + 2 * i, true)).toBe(value));
    const { entries } = only(program, "table");
    const tableView = new DataView(tables.buffer, tables.byteOffset);
    expect(tables).toHaveLength(2 * entries.data.length);
    entries.data.forEach((value, i) => expect(tableView.getInt16(2 * i, true)).toBe(value));
    const linear = only(program, "linear");
    linear.bias.data.forEach((value, i) => expect(view.getInt32(weights.length - 4 * (linear.bias.data.length - i), true)).toBe(value));
  });

  it("sort keys at every level", () => {
    expect(canonicalJson({ b: [{ d: 1, c: [2, { z: null, y: "x" }] }], a: -0 })).toBe('{"a":0,"b":[{"c":[2,{"y":"x","z":null}],"d":1}]}');
  });
});

/** Another text; for fields with few, another of those. */
function otherText(key: string, text: string): string {
  if (key === "type") return text === "i64" ? "i32" : "i64";
  if (key !== "kind") return `${text}'`;
  // Another kind with the same constants, so that the program can be encoded at all.
  const withConstants = ["conv", "linear", "affine"];
  const others = withConstants.includes(text) ? withConstants : ["reshape", "sumPool"];
  return others.find((kind) => kind !== text) ?? "";
}

/** Every number and text of the program, each with a function that puts another in its place. */
function* leaves(value: unknown, path: string): Generator<readonly [string, () => void]> {
  if (typeof value !== "object" || value === null) return;
  const target = value as Record<string, unknown>;
  for (const key of Object.keys(target)) {
    const item = target[key];
    const at = `${path}.${key}`;
    if (typeof item === "number") yield [at, () => { target[key] = item === 0 ? 1 : item > 0 ? item - 1 : item + 1; }];
    else if (typeof item === "bigint") yield [at, () => { target[key] = item + 2n; }];
    else if (typeof item === "string") yield [at, () => { target[key] = otherText(key, item); }];
    else yield* leaves(item, at);
  }
}

/** Invalid programs have no steps, hence no id; their structures still differ. */
function idOrStructure(program: Program): string {
  try {
    return modelIdOf(program);
  } catch {
    expect(() => validateProgram(program)).toThrow();
    return utf8(encodeProgram(program).structure);
  }
}

describe("model id", () => {
  it("changes with every weight, shift, shape, scale, name, type and id", () => {
    const original = modelIdOf(allKinds());
    const count = [...leaves(allKinds(), "")].length;
    const seen = new Map([[original, "the program itself"]]);
    for (let index = 0; index < count; index++) {
      let where = "";
      const program = damaged((p) => {
        const [path, change] = [...leaves(p, "")][index];
        where = path;
        change();
      });
      const id = idOrStructure(program);
      expect(seen.get(id), where).toBeUndefined();
      seen.set(id, where);
    }
    expect(seen.size).toBeGreaterThan(200);
  });

  it("changes with the order of operations, inputs, outputs and tensors, and with anything left out or added", () => {
    const swap = (items: unknown[]): void => void items.push(items.shift());
    const programs = [
      allKinds(),
      damaged((p) => swap(p.operations)),
      damaged((p) => swap(p.inputs)),
      damaged((p) => swap(p.outputs)),
      damaged((p) => swap(p.tensors)),
      damaged((p) => void p.operations.pop()),
      damaged((p) => void p.outputs.pop()),
      damaged((p) => void p.inputs.pop()),
      damaged((p) => void p.tensors.pop()),
      damaged((p) => void p.outputs.push(p.outputs[0])),
      damaged((p) => void only(p, "requantize").shifts.pop()),
      damaged((p) => void p.tensors[0].shape.push(1)),
    ];
    expect(new Set(programs.map(idOrStructure)).size).toBe(programs.length);
  });

  it("is keccak(version, program root, weights root, tables root), by another keccak", () => {
    for (const program of [allKinds(), randomProgram(new Draw(1))]) {
      const { structure, weights, tables } = encodeProgram(program);
      const plan = planSteps(program);
      const [structureRoot, weightsRoot, tablesRoot, parametersRoot] = [structure, weights, tables, plan.parameters].map((bytes) => merkleRoot(bytes));
      let level = Array.from({ length: plan.slots }, (_, slot) => keccak256(concat(["0x04", encodeDescriptor(plan, slot)])));
      while (!Number.isInteger(Math.log2(level.length))) level.push(ZeroHash);
      while (level.length > 1) level = level.flatMap((left, i) => (i % 2 === 0 ? [keccak256(concat(["0x01", left, level[i + 1]]))] : []));
      const counts = [plan.slots, plan.inputs.length, plan.outputs.length, ...plan.outputs].map((value) => toBeHex(value, 4));
      const programRoot = keccak256(concat(["0x05", structureRoot, level[0], parametersRoot, ...counts]));
      expect(modelIdOf(program)).toBe(keccak256(concat([toBeHex(program.semantics, 32), programRoot, weightsRoot, tablesRoot])));
    }
  });

  it("stays what it was: ids are in registries", () => {
    const program: Program = {
      semantics: 1,
      tensors: [{ name: "x", shape: [1, 2], type: "u8" }, { name: "acc", shape: [1, 1], type: "i32" }, { name: "y", shape: [1, 1], type: "i8" }],
      operations: [
        {
          kind: "linear", node: "fc", input: 0, output: 1,
          weight: { shape: [1, 2], type: "i8", data: Float64Array.of(-3, 100) },
          bias: { shape: [1], type: "i16", data: Float64Array.of(-300) },
        },
        { kind: "requantize", node: "fc", input: 1, output: 2, shifts: [7], low: -128, high: 127 },
      ],
      inputs: [{ name: "x", tensor: 0, scale: { mantissa: 1n, exponent: -8 } }],
      outputs: [{ name: "y", tensor: 2, scale: { mantissa: 5n, exponent: -4 } }],
    };
    expect(utf8(encodeProgram(program).structure)).toBe(
      '{"inputs":[{"name":"x","scale":{"exponent":-8,"mantissa":"1"},"tensor":0}],"operations":[{"bias":{"offset":2,"shape":[1],"type":"i16"},' +
        '"input":0,"kind":"linear","node":"fc","output":1,"weight":{"offset":0,"shape":[1,2],"type":"i8"}},{"high":127,"input":1,"kind":"requantize",' +
        '"low":-128,"node":"fc","output":2,"shifts":[7]}],"outputs":[{"name":"y","scale":{"exponent":-4,"mantissa":"5"},"tensor":2}],"semantics":1,' +
        '"tensors":[{"name":"x","shape":[1,2],"type":"u8"},{"name":"acc","shape":[1,1],"type":"i32"},{"name":"y","shape":[1,1],"type":"i8"}]}',
    );
    expect([...encodeProgram(program).weights]).toEqual([0xfd, 100, 0xd4, 0xfe]);
    expect(modelIdOf(program)).toBe("0x2b7bb48b52b314e73bc7ebe6083ad7d8eb4c575e6742b70b5e7b833ad97ff76f");
  });
});

describe("damaged files", () => {
  const good = encodeProgram(allKinds());
  const text = (value: string): ProgramBytes => ({ ...good, structure: new TextEncoder().encode(value) });
  it.each<[string, ProgramBytes]>([
    ["no JSON", text("{")],
    ["null", text("null")],
    ["a number", text("7")],
    ["an empty object", text("{}")],
    ["truncated structure", { ...good, structure: good.structure.slice(0, -20) }],
    ["truncated weights", { ...good, weights: good.weights.slice(0, -1) }],
    ["truncated tables", { ...good, tables: good.tables.slice(0, -1) }],
    ["no tables", { ...good, tables: new Uint8Array(0) }],
    ["an offset beyond the weights", text(utf8(good.structure).replace('"offset":0', '"offset":9007199254740991'))],
    ["a fractional offset", text(utf8(good.structure).replace('"offset":0', '"offset":0.5'))],
    ["an offset that is no number", text(utf8(good.structure).replace('"offset":0', '"offset":"0"'))],
    ["a scale that is no number", text(utf8(good.structure).replace('"mantissa":"3"', '"mantissa":"three"'))],
    ["a negative offset", text(utf8(good.structure).replace('"offset":0', '"offset":-8'))],
    ["an unknown constant type", text(utf8(good.structure).replace('"type":"i8"}', '"type":"f8"}'))],
    ["an operation that is null", text(utf8(good.structure).replace('"operations":[', '"operations":[null,'))],
    ["tensors that are no list", text(utf8(good.structure).replace(/"tensors":\[.*\]/, '"tensors":null'))],
  ])("%s: PROGRAM_INVALID with the file's name", (_, bytes) => {
    let thrown: unknown;
    try {
      validateProgram(decodeProgram(bytes, "model/program.json"));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "PROGRAM_INVALID" });
  });

  // Whatever a stranger writes into a field: no crash, no endless work, no error without a code.
  it("are refused or decode to a program that has its intervals, whatever any field says", () => {
    const structure = JSON.parse(utf8(good.structure)) as Json;
    const hostile: Json[] = [null, true, -1, 1.5, 2 ** 32 + 1, 2 ** 53 - 1, 1e308, "", "constructor", [], [-1], {}, [1, 2, 3, 4, 5, 6], new Array<number>(40).fill(3)];
    const outcomes = { accepted: 0, refused: 0 };
    for (const path of pathsOf(structure)) {
      for (const value of hostile) {
        try {
          const program = decodeProgram(text(JSON.stringify(replaced(structure, path, value))), "test");
          expect(validateProgram(program)).toHaveLength(program.tensors.length);
          outcomes.accepted++;
        } catch (error) {
          expect(error, `${path.join(".")} = ${JSON.stringify(value)}`).toMatchObject({ name: "AssayError", code: expect.stringMatching(/PROGRAM_INVALID|QUANTIZE_RANGE/) as string });
          outcomes.refused++;
        }
      }
    }
    expect(outcomes.refused).toBeGreaterThan(3000);
    expect(outcomes.accepted).toBeGreaterThan(20);
  });

  it("are refused or decode to a program of another id, wherever a bit flips", () => {
    const id = modelIdOf(allKinds());
    const draw = new Draw(5);
    for (let flip = 0; flip < 300; flip++) {
      const part = draw.pick(["structure", "weights", "tables"] as const);
      const bytes = good[part].slice();
      bytes[draw.integer(0, bytes.length - 1)] ^= 1 << draw.integer(0, 7);
      try {
        const program = decodeProgram({ ...good, [part]: bytes }, "test");
        validateProgram(program);
        expect(modelIdOf(program)).not.toBe(id);
      } catch (error) {
        expect(error, `flip ${flip}`).toMatchObject({ name: "AssayError" });
      }
    }
  });
});

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** To every value inside, the whole first. */
function pathsOf(value: Json): string[][] {
  const inside = value !== null && typeof value === "object" ? Object.entries(value as Readonly<Record<string, Json>>) : [];
  return [[], ...inside.flatMap(([key, item]) => pathsOf(item).map((path) => [key, ...path]))];
}

function replaced(value: Json, path: readonly string[], by: Json): Json {
  if (path.length === 0) return by;
  const [key, ...rest] = path;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, i) => (String(i) === key ? replaced(item, rest, by) : item));
  const fields = value as Readonly<Record<string, Json>>;
  return { ...fields, [key]: replaced(fields[key], rest, by) };
}
