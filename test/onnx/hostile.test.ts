/** Attack 17 of the design: malformed ONNX. Each file gives one AssayError, quickly and without large allocations. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { inspectModel } from "../../src/onnx/inspect.js";
import { parseModel, readModel } from "../../src/onnx/read.js";
import { largestArray } from "../support/allocations.js";
import { buildModel, concat, integer, message, oneNode, text, type AttributeSpec, type ModelSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { seededRandom } from "./differential.js";

const RELU = { op: "Relu", name: "relu", inputs: ["x"], outputs: ["y"] };

function model(part: Partial<ModelSpec>): Uint8Array {
  return buildModel({ inputs: [{ name: "x", shape: [1, 4] }], outputs: [{ name: "y" }], nodes: [RELU], ...part });
}

async function refusal(bytes: Uint8Array): Promise<AssayError> {
  const error: unknown = await parseModel(bytes, "model.onnx").then(() => undefined, (reason: unknown) => reason);
  if (error instanceof AssayError) return error;
  throw new Error(`no AssayError but ${String(error)}`);
}

describe("attack ZK-17: files that are no ONNX", () => {
  it.each([
    ["empty", new Uint8Array()],
    ["text", new TextEncoder().encode("This is not a model.\n".repeat(50))],
    ["JSON", new TextEncoder().encode('{"input_data": [[0.5]]}')],
    ["PNG", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52])],
    ["zeros", new Uint8Array(1000)],
    ["no ir_version", model({ irVersion: 0 })],
    ["a graph alone", message(7, new Uint8Array())],
    ["deeply nested groups", new Uint8Array(100_000).fill((50 << 3) | 3)],
    ["text that is not UTF-8", model({ extraGraph: message(1, message(3, Uint8Array.from([0xff, 0xfe]))) })],
  ])("%s", async (_, bytes) => {
    expect(await refusal(bytes)).toMatchObject({ code: "ONNX_MALFORMED", where: "model.onnx", exitCode: 2 });
  });

  it("random bytes", async () => {
    const random = seededRandom(3);
    for (let i = 0; i < 300; i++) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 400) }, () => Math.floor(random() * 256));
      await refusal(bytes);
    }
  });

  it("every truncation of a model, and every flipped byte either reads or is refused", async () => {
    const bytes = oneNode("Conv", [1, 1, 5, 5], { pads: { ints: [1, 1, 1, 1] } }, [{ name: "w", dims: [1, 1, 3, 3], data: new Array<number>(9).fill(1) }]);
    for (let length = 0; length < bytes.length; length++) {
      const cut = await parseModel(bytes.subarray(0, length), "m").catch((error: unknown) => error);
      expect(cut, `${length}`).toBeInstanceOf(AssayError);
    }
    const random = seededRandom(5);
    for (let position = 0; position < bytes.length; position++) {
      const changed = bytes.slice();
      changed[position] ^= 1 + Math.floor(random() * 255);
      const outcome = await parseModel(changed, "m").catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AssayError);
    }
  }, 60_000);

  it("truncated models", async () => {
    const bytes = await readFile("bench/fashion/fashion_mlp.onnx");
    for (const part of [0.01, 0.5, 0.99, 0.9999]) {
      expect((await refusal(bytes.subarray(0, Math.floor(bytes.length * part)))).code).toBe("ONNX_MALFORMED");
    }
  });

  it("paths that cannot be read", async () => {
    for (const path of ["/nonexistent/model.onnx", "test", "/dev/zero"]) {
      await expect(readModel(path)).rejects.toMatchObject({ code: "FILE_NOT_READABLE", where: path });
    }
    const directory = await mkdtemp(join(tmpdir(), "assay-onnx-"));
    try {
      await writeFile(join(directory, "m.onnx"), model({}));
      expect((await readModel(join(directory, "m.onnx"))).nodes).toHaveLength(1);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("attack ZK-17: sizes", () => {
  const big = (dims: TensorSpec["dims"]): Uint8Array =>
    oneNode("Add", [1, 4], {}, [{ name: "w", dims, data: new Uint8Array(16) }]);
  it.each([
    ["a 2 GB tensor in a tiny file", big([2 ** 29]), "MODEL_TOO_LARGE"],
    ["2^28 elements declared, 4 held", big([2 ** 28]), "ONNX_MALFORMED"],
    ["a product of dims that overflows", big([2 ** 31, 2 ** 31, 4]), "MODEL_TOO_LARGE"],
    ["a product that is zero modulo 2^64", big([2n ** 32n, 2n ** 32n]), "MODEL_TOO_LARGE"],
    ["a dim beyond 2^53", big([2n ** 62n]), "ONNX_MALFORMED"],
    ["a dim beyond 2^53 beside a zero", big([0, 2n ** 62n]), "ONNX_MALFORMED"],
    ["a negative dim", big([-4]), "ONNX_MALFORMED"],
    ["two negative dims", big([-2, -2]), "ONNX_MALFORMED"],
    ["10,000 dims", big(new Array<number>(10_000).fill(1)), "MODEL_TOO_LARGE"],
    ["a huge input", model({ inputs: [{ name: "x", shape: [1, 2 ** 20, 2 ** 20] }] }), "MODEL_TOO_LARGE"],
    ["an input dim beyond 2^53", model({ inputs: [{ name: "x", shape: [1, 2n ** 60n] }] }), "ONNX_MALFORMED"],
    ["an input dim of -7", model({ inputs: [{ name: "x", shape: [1, -7] }] }), "ONNX_MALFORMED"],
    ["an input of 10,000 dims", model({ inputs: [{ name: "x", shape: new Array<number>(10_000).fill(1) }] }), "MODEL_TOO_LARGE"],
    ["huge pads", oneNode("Conv", [1, 1, 4, 4], { pads: { ints: [2 ** 27, 2 ** 27, 0, 0] } }, [{ name: "w", dims: [1, 1, 1, 1], data: [1] }]), "MODEL_TOO_LARGE"],
  ])("%s", { timeout: 20_000 }, async (_, bytes, code) => {
    const largest = await largestArray(async () => {
      expect((await refusal(bytes)).code).toBe(code);
    });
    expect(largest).toBeLessThan(2 ** 16);
  });

  it("growth by broadcasting", async () => {
    const side = 2 ** 15;
    const bytes = buildModel({
      inputs: [{ name: "x", shape: [1, side] }, { name: "z", shape: [side, 1] }],
      outputs: [{ name: "y" }],
      nodes: [{ op: "Add", name: "grow", inputs: ["x", "z"], outputs: ["y"] }],
    });
    expect(await refusal(bytes)).toMatchObject({ code: "MODEL_TOO_LARGE", where: 'node "grow"' });
  });

  it("many large activations", async () => {
    const nodes = Array.from({ length: 5 }, (_, i) => ({ op: "Relu", inputs: [i === 0 ? "x" : `v${i}`], outputs: [i === 4 ? "y" : `v${i + 1}`] }));
    expect((await refusal(model({ inputs: [{ name: "x", shape: [1, 2 ** 28] }], nodes }))).code).toBe("MODEL_TOO_LARGE");
  });
});

describe("attack ZK-17: graphs", () => {
  const relu = (input: string, output: string, name = "n"): ModelSpec["nodes"][number] => ({ op: "Relu", name, inputs: [input], outputs: [output] });
  it.each([
    ["a dangling input", { nodes: [relu("gone", "y")] }, /reads "gone", which nothing produces/],
    ["unsorted nodes", { nodes: [relu("a", "y", "second"), relu("x", "a", "first")] }, /which node "first" produces only later/],
    ["a cycle", { nodes: [relu("y", "a"), relu("a", "y")] }, /unsorted or form a cycle/],
    ["a node that reads itself", { nodes: [relu("y", "y")] }, /unsorted or form a cycle/],
    ["a value defined twice", { nodes: [relu("x", "y", "one"), relu("x", "y", "two")] }, /already defined by node "one"/],
    ["an output named as an input", { nodes: [relu("x", "x")] }, /already defined by an input/],
    ["two inputs of one name", { inputs: [{ name: "x", shape: [1] }, { name: "x", shape: [1] }] }, /two inputs/],
    ["two initializers of one name", { initializers: [{ name: "w", dims: [1], data: [1] }, { name: "w", dims: [1], data: [1] }] }, /two initializers/],
    ["an output that nothing produces", { outputs: [{ name: "z" }] }, /nothing produces it/],
    ["no outputs", { outputs: [] }, /no outputs/],
    ["a wrong number of operands", { nodes: [{ op: "Relu", inputs: ["x", "x"], outputs: ["y"] }] }, /2 operands instead of 1/],
    ["a left-out operand", { nodes: [{ op: "Add", inputs: ["x", ""], outputs: ["y"] }] }, /operand 1 is missing/],
    ["a declared type that differs", { outputs: [{ name: "y", shape: [1, 4], type: "double" }] }, /declared as float64/],
  ] as [string, Partial<ModelSpec>, RegExp][])("%s", async (_, part, text_) => {
    const error = await refusal(model(part));
    expect(error.message).toMatch(text_);
    expect(["ONNX_MALFORMED", "ONNX_SHAPE"]).toContain(error.code);
  });

  it("declared shapes must agree, batch excepted where symbolic", async () => {
    expect((await refusal(model({ outputs: [{ name: "y", shape: [1, 5] }] }))).code).toBe("ONNX_SHAPE");
    expect((await refusal(model({ outputs: [{ name: "y", shape: [1, 4, 1] }] }))).code).toBe("ONNX_SHAPE");
    expect((await parseModel(model({ outputs: [{ name: "y", shape: ["N", 4] }] }), "m")).outputs[0].shape).toEqual([1, 4]);
  });

  it("names with control characters do not reach the terminal", async () => {
    const error = await refusal(model({ nodes: [{ op: "\u001b[2JEvil", name: "\u009b1m\u202e", inputs: ["x"], outputs: ["y"] }] }));
    expect(error.format()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it("names such as __proto__ are names", async () => {
    const nodes = [relu("x", "__proto__", "constructor"), relu("__proto__", "y", "toString")];
    expect((await parseModel(model({ nodes }), "m")).values.has("__proto__")).toBe(true);
  });
});

describe("attack ZK-17: attributes", () => {
  const weight: TensorSpec = { name: "w", dims: [2, 1, 3, 3], data: new Array<number>(18).fill(1) };
  const conv = (attributes: Record<string, AttributeSpec>): Uint8Array => oneNode("Conv", [1, 2, 5, 5], { group: { int: 2 }, ...attributes }, [weight]);
  it.each([
    ["zero strides", conv({ strides: { ints: [0, 1] } }), "ONNX_SHAPE"],
    ["negative strides", conv({ strides: { ints: [-1, 1] } }), "ONNX_SHAPE"],
    ["strides of a wrong length", conv({ strides: { ints: [1] } }), "ONNX_SHAPE"],
    ["negative pads", conv({ pads: { ints: [-1, 0, 0, 0] } }), "ONNX_SHAPE"],
    ["pads of a wrong length", conv({ pads: { ints: [1, 1] } }), "ONNX_SHAPE"],
    ["zero dilations", conv({ dilations: { ints: [0, 0] } }), "ONNX_SHAPE"],
    ["absurd dilations", conv({ dilations: { ints: [2 ** 40, 1] } }), "ONNX_SHAPE"],
    ["dilations beyond the input", conv({ dilations: { ints: [100, 1] } }), "ONNX_SHAPE"],
    ["another kernel", conv({ kernel_shape: { ints: [2, 2] } }), "ONNX_SHAPE"],
    ["a group that does not divide", conv({ group: { int: 3 } }), "ONNX_SHAPE"],
    ["group 0", conv({ group: { int: 0 } }), "ONNX_SHAPE"],
    ["a wrong type", conv({ strides: { int: 1 } }), "ONNX_MALFORMED"],
    ["an integer beyond 2^53", conv({ strides: { ints: [2n ** 60n, 1] } }), "ONNX_MALFORMED"],
    ["an unknown auto_pad", conv({ auto_pad: { string: "SOME" } }), "ONNX_MALFORMED"],
    ["an auto_pad that is not UTF-8", conv({ auto_pad: { string: Uint8Array.from([0xff]) } }), "ONNX_MALFORMED"],
    ["pads with auto_pad", conv({ auto_pad: { string: "VALID" }, pads: { ints: [1, 1, 1, 1] } }), "ONNX_MALFORMED"],
    ["an attribute from nowhere", conv({ bogus: { int: 1 } }), "ONNX_UNSUPPORTED"],
    ["a bias of a wrong length", oneNode("Conv", [1, 1, 5], {}, [{ name: "w", dims: [2, 1, 3], data: [1, 1, 1, 1, 1, 1] }, { name: "b", dims: [3], data: [1, 1, 1] }]), "ONNX_SHAPE"],
    ["a kernel of zero", oneNode("Conv", [1, 1, 5], {}, [{ name: "w", dims: [2, 1, 0], data: [] }]), "ONNX_SHAPE"],
    ["a pool without kernel", oneNode("MaxPool", [1, 1, 5], {}), "ONNX_MALFORMED"],
    ["a pool with pads as large as its kernel", oneNode("MaxPool", [1, 1, 5], { kernel_shape: { ints: [2] }, pads: { ints: [2, 0] } }), "ONNX_SHAPE"],
    ["a pool over padding alone", oneNode("MaxPool", [1, 1, 2], { kernel_shape: { ints: [2] }, pads: { ints: [1, 1] }, dilations: { ints: [3] } }), "ONNX_SHAPE"],
    ["a flag of 2", oneNode("MaxPool", [1, 1, 5], { kernel_shape: { ints: [2] }, ceil_mode: { int: 2 } }), "ONNX_MALFORMED"],
    ["a negative variance", oneNode("BatchNormalization", [1, 1, 2], {}, ["s", "b", "m", "v"].map((name) => ({ name, dims: [1], data: [-1] }))), "ONNX_MALFORMED"],
    ["an axis outside", oneNode("Flatten", [1, 4], { axis: { int: 5 } }), "ONNX_SHAPE"],
    ["training mode", oneNode("Dropout", [1, 4], {}, [{ name: "r", dims: [], data: [0.5] }, { name: "t", dims: [], data: [1], type: "bool" }]), "ONNX_UNSUPPORTED"],
  ])("%s", async (_, bytes, code) => {
    expect((await refusal(bytes)).code).toBe(code);
  });

  it("an attribute given twice", async () => {
    const axis = message(5, concat([text(1, "axis"), integer(3, 1), integer(20, 2)]));
    const node = concat([text(1, "x"), text(2, "y"), text(4, "Flatten"), axis, axis]);
    const bytes = model({ nodes: [], extraGraph: message(1, node) });
    expect(await refusal(bytes)).toMatchObject({ code: "ONNX_MALFORMED", message: 'attribute "axis" is given twice' });
  });
});

describe("inspect on bad files", () => {
  it("fails like the reader", async () => {
    await expect(inspectModel(new Uint8Array(10))).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
    await expect(inspectModel("/nonexistent")).rejects.toMatchObject({ code: "FILE_NOT_READABLE" });
  });
});
