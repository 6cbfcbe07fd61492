/** Arguments of the claims contract's functions, from traces: right ones, for tests to spoil. */
import { AbiCoder, concat, dataSlice, type ParamType } from "ethers";
import { proveNode, expand, expandChunks } from "../../../../src/math/merkleProofs.js";
import { type DescriptorProof, proveStep, type StepHeader, type StepPart, type StepProof } from "../../../../src/optimistic/step/index.js";
import { compiled } from "./arena.js";
import { type Model, type PartyTrace, toHex } from "./toy.js";

/** As the contract numbers them. */
export enum Phase {
  None,
  Trace,
  Tensor,
  Inner,
  Execute,
  Sums,
  Refute,
  ClaimLost,
  ChallengerLost,
  Released,
}

export const OPERATOR = 0n;
export const CHALLENGER = 1n;

/** What {@link answerArgs} needs of the contract's Game. */
export interface GameState {
  readonly phase: bigint;
  readonly turn: bigint;
  readonly levels: bigint;
  readonly index: bigint;
  readonly slot: bigint;
}

const coder = AbiCoder.defaultAbiCoder();
const { abi: executor } = compiled("StepExecutor");
const STEP_PROOF = inputOf("execute", 4);
const DEFINITION = inputOf("describe", 2);

function inputOf(name: string, position: number): ParamType {
  const found = executor.getFunction(name)?.inputs[position];
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
}

export interface PostOptions {
  readonly nonce?: bigint;
  readonly uploads: readonly { readonly uploader: string; readonly nonce: bigint }[];
  readonly entry?: string;
  readonly consumer?: string;
  /** Roots only, as for outputs that are not kept on chain. */
  readonly rootsOnly?: boolean;
}

const ZERO_ADDRESS = `0x${"0".repeat(40)}`;
const ZERO = `0x${"0".repeat(64)}`;

export interface PostingFields {
  modelId: string;
  traceRoot: string;
  nonce: bigint;
  header: StepHeader;
  inputs: readonly { readonly uploader: string; readonly nonce: bigint }[];
  ports: { descriptor: Uint8Array; descriptorSiblings: Uint8Array[]; traceSiblings: Uint8Array[] }[];
  outputs: string[];
  outputRoots: string[];
  entry: string;
  consumer: string;
}

export function postingOf({ modelId, trees, descriptor }: Model, trace: PartyTrace, options: PostOptions): PostingFields {
  const { plan, header } = trees;
  const slots = [...plan.inputs.map(({ slot }) => slot), ...plan.outputs];
  const ports = slots.map((slot) => ({
    descriptor: descriptor(slot),
    descriptorSiblings: proveNode(trees.descriptors, slot),
    traceSiblings: proveNode(trace.roots, slot),
  }));
  const roots = plan.outputs.map((slot) => toHex(trace.roots.nodes(0, slot, 1)));
  return {
    modelId,
    traceRoot: trace.root,
    nonce: options.nonce ?? 0n,
    header,
    inputs: options.uploads,
    ports,
    outputs: options.rootsOnly === true ? [] : plan.outputs.map((slot) => toHex(trace.tensor(slot).bytes())),
    outputRoots: options.rootsOnly === true ? roots : [],
    entry: options.entry ?? ZERO,
    consumer: options.consumer ?? ZERO_ADDRESS,
  };
}

/** What a party's node is made of. */
export function expansion(trace: PartyTrace, { phase, levels, index, slot }: Omit<GameState, "turn">): Uint8Array {
  if (phase === BigInt(Phase.Trace)) return expand(trace.roots, Number(levels), Number(index));
  return expandChunks(trace.tensor(Number(slot)), Number(levels), Number(index));
}

export function opening(trace: PartyTrace): Uint8Array {
  return expand(trace.roots, trace.roots.depth, 0);
}

export interface Answer {
  theirs: Uint8Array;
  mine: Uint8Array;
  next: Uint8Array;
  definition: string;
}

/** The move of the side to move. */
export function answerOf(model: Model, state: GameState, claim: PartyTrace, challenger: PartyTrace): Answer {
  const [own, other] = state.turn === OPERATOR ? [claim, challenger] : [challenger, claim];
  const [mine, theirs] = [expansion(own, state), expansion(other, state)];
  const answer = { theirs, mine, next: new Uint8Array(0), definition: "0x" };
  if (state.levels === 0n) return answer;

  const child = firstDifference(mine, theirs) >> 5;
  const stride = state.levels < 4n ? state.levels : 4n;
  const [levels, index] = [state.levels - stride, (state.index << stride) | BigInt(child)];
  const { plan, header } = model.trees;
  if (state.phase !== BigInt(Phase.Trace)) {
    const chunks = Math.max(1, Math.ceil(own.tensor(Number(state.slot)).length / 512));
    const over = levels === 0n && index >= chunks;
    return over ? answer : { ...answer, next: expansion(own, { ...state, phase: BigInt(Phase.Inner), levels, index }) };
  }
  if (levels > 0n) return { ...answer, next: expansion(own, { ...state, levels, index }) };
  if (index >= header.slots || index < plan.inputs.length) return answer;
  const slot = Number(index);
  const depth = BigInt(own.tensor(slot).depth);
  const next = expansion(own, { phase: BigInt(Phase.Tensor), levels: depth, index: 0n, slot: index });
  return { ...answer, next, definition: encodeDefinition(definitionOf(model, slot)) };
}

export function definitionOf({ trees: { header, descriptors }, descriptor }: Model, slot: number): DescriptorProof {
  return { header, descriptor: descriptor(slot), siblings: proveNode(descriptors, slot) };
}

export function encodeDefinition(proof: DescriptorProof): string {
  return coder.encode([DEFINITION], [proof]);
}

export function encodeStep(proof: StepProof): string {
  return coder.encode([STEP_PROOF], [proof]);
}

/** The evidence for a part of an element, and its value. */
export function evidenceOf({ trees }: Model, trace: PartyTrace, slot: number, element: number, part: StepPart = { kind: "whole" }): { readonly value: bigint; readonly evidence: string } {
  const { value, proof } = proveStep(trees, trace, slot, element, part);
  return { value, evidence: encodeStep(proof) };
}

/** Calldata of a function of the executor. */
export function question(name: string, args: readonly unknown[]): string {
  return executor.encodeFunctionData(name, args);
}

/** Calldata with a byte string's garbage behind it. */
export function padded(data: string, bytes: number): string {
  return concat([data, `0x${"ff".repeat(bytes)}`]);
}

export function withByte(data: string, position: number, by = 1): string {
  const byte = Number(dataSlice(data, position, position + 1)) ^ by;
  return concat([dataSlice(data, 0, position), Uint8Array.of(byte), dataSlice(data, position + 1)]);
}

export function firstDifference(left: Uint8Array, right: Uint8Array): number {
  const position = left.findIndex((byte, i) => byte !== right[i]);
  if (position < 0) throw new Error("the expansions are equal");
  return position;
}
