/** A small program whose games take every kind of turn: two levels of slots, tensors of one chunk to eighteen, partial sums. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { treeOfBytes, type ChunkTree, type HashTree, topOf, traceLeaves, treeOfRoots, rootOfTree } from "../../../../src/math/merkle.js";
import { type ModelTrees, modelTrees, type TraceTrees } from "../../../../src/optimistic/step/index.js";
import { encodeElements } from "../../../../src/program/constantBytes.js";
import { execute } from "../../../../src/program/executor.js";
import { encodeDescriptor, modelIdOfHeader } from "../../../../src/program/steps/index.js";
import type { Program, TensorData, WindowAttributes } from "../../../../src/program/types.js";
import { ProgramBuilder } from "../../../../src/quantize/builder.js";
import { constant } from "../../../program/cases.js";
import { Draw } from "../../../program/seeded.js";

const SIDE = 96;
const KERNEL = 4;

/** Input 96×96, its double, sums of 16, a linear layer of 576 terms, twenty small layers, and both kinds of maximum. */
export function toyProgram(): Program {
  const draw = new Draw(7);
  const builder = new ProgramBuilder();
  const port = (name: string, tensor: number): Program["inputs"][number] => ({ name, tensor, scale: { mantissa: 1n, exponent: 0 } });
  const window = (kernel: number, strides: number): WindowAttributes => ({ kernel: [kernel, kernel], strides: [strides, strides], dilations: [1, 1], padsBegin: [0, 0], padsEnd: [0, 0] });
  const rescale = (input: number, shift: number, node: string): number => builder.push({ kind: "requantize", node, input, shifts: [shift], low: 0, high: 255 }, node, "u8");

  const x = builder.input("x", [1, SIDE, SIDE, 1], "u8");
  const halved = rescale(x, 1, "halved");
  const pooled = builder.push({ kind: "sumPool", node: "pooled", input: halved, window: window(KERNEL, KERNEL) }, "pooled");
  const cells = (SIDE / KERNEL) ** 2;
  const flat = builder.push({ kind: "reshape", node: "flat", input: rescale(pooled, 4, "mean") }, "flat", undefined, [1, cells]);
  let layer = linear(flat, 20, cells, "wide");
  for (let i = 0; i < 14; i++) layer = linear(layer, 20, 20, `layer${i}`);
  const scores = builder.push({ kind: "linear", node: "scores", input: layer, weight: constant(draw, [10, 20], "i8"), bias: constant(draw, [10], "i16") }, "scores");
  const most = builder.push({ kind: "maxPool", node: "most", input: halved, window: window(24, 24) }, "most");
  return builder.finish([port("x", x)], [port("scores", scores), port("most", most)]);

  function linear(input: number, outputs: number, terms: number, node: string): number {
    const wide = builder.push({ kind: "linear", node, input, weight: constant(draw, [outputs, terms], "i8"), bias: constant(draw, [outputs], "i16") }, `${node}.sum`);
    return rescale(wide, terms > 100 ? 10 : 7, node);
  }
}

export interface Model {
  readonly program: Program;
  readonly trees: ModelTrees;
  readonly modelId: string;
  readonly descriptor: (slot: number) => Uint8Array;
}

/** @param replaced descriptors of a model that no compiler made, by slot */
export function modelOf(program: Program, replaced: ReadonlyMap<number, Uint8Array> = new Map()): Model {
  const trees = modelTrees(program);
  const { plan } = trees;
  const descriptor = (slot: number): Uint8Array => replaced.get(slot) ?? encodeDescriptor(plan, slot);
  const leaves = Array.from({ length: plan.slots }, (_, slot) => keccak_256(Uint8Array.of(4, ...descriptor(slot))));
  const descriptors = treeOfRoots(leaves);
  const header = { ...trees.header, stepsTop: toHex(topOf(descriptors)) };
  return { program, trees: { ...trees, header, descriptors }, modelId: modelIdOfHeader(header, program.semantics), descriptor };
}

/** What a party commits to, honest or not. */
export interface PartyTrace extends TraceTrees {
  readonly root: string;
}

/** By slot. */
export function honestBytes({ program, trees: { plan } }: Model, inputs: readonly TensorData[]): Uint8Array[] {
  const values = execute(program, inputs);
  const types = [...plan.inputs, ...plan.steps].map(({ type }) => type);
  const ids = [...program.inputs, ...plan.steps].map(({ tensor }) => tensor);
  return ids.map((id, slot) => encodeElements(values[id], types[slot]));
}

/** What a liar may change beside bytes. */
export interface Lies {
  /** Trees over other chunks than the bytes give, by slot. */
  readonly trees?: ReadonlyMap<number, ChunkTree>;
  /** Leaves behind the last slot. */
  readonly extra?: readonly Uint8Array[];
}

export function traceOfBytes(bytes: readonly Uint8Array[], { trees = new Map(), extra = [] }: Lies = {}): PartyTrace {
  const tensors = bytes.map((data, slot) => trees.get(slot) ?? treeOfBytes(data));
  const roots: HashTree = treeOfRoots([...tensors.map(rootOfTree), ...extra], traceLeaves(tensors.length));
  return { roots, tensor: (slot) => tensors[slot], root: toHex(topOf(roots)) };
}

/** Byte strings with some bytes changed. */
export function changed(bytes: readonly Uint8Array[], slot: number, offset: number, by = 1): Uint8Array[] {
  return bytes.map((data, i) => {
    if (i !== slot) return data;
    const copy = Uint8Array.from(data);
    copy[offset] ^= by;
    return copy;
  });
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
