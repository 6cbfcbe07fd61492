/**
 * A program to its steps. What is fused: a tensor with one consumer, which is no output, where the consumer is elementwise in
 * the same coordinate. Deterministic, from shapes and types alone: the model id commits to the result.
 */
import { elementCount } from "../../math/shape.js";
import { elementBytes } from "../elementType.js";
import { rulesOf } from "../ops/index.js";
import type { Operation, Program, TensorId } from "../types.js";
import { affineParameters, coreOf } from "./core.js";
import { broadcastMap } from "./indexMap.js";
import { type ConstantLayout, layOutConstants } from "./layout.js";
import { type Core, MAX_TAIL, type Operand, type Plan, type Slot, type Step, type TailEntry } from "./types.js";

/** A step under construction; operands by tensor, since slots are known at the end. */
interface Draft {
  readonly core: Core;
  readonly tail: TailEntry[];
  readonly operands: TensorId[];
  readonly operations: Operation[];
  /** Position of the last operation: steps are ordered by it. */
  last: number;
}

/** Of a tensor that nothing defines, which no valid program has: never earlier than a step, so a contract refuses it. */
const NO_SLOT = 0xffff_ffff;

export function planSteps(program: Program): Plan {
  const planner = new Planner(program);
  program.operations.forEach((operation, position) => planner.take(operation, position));
  return planner.finish();
}

class Planner {
  readonly #program: Program;
  readonly #layout: ConstantLayout;
  readonly #parameters: number[] = [];
  /** Through renamings to the tensor that is stored. */
  readonly #source = new Map<TensorId, TensorId>();
  readonly #uses: ReadonlyMap<TensorId, number>;
  readonly #outputs: ReadonlySet<TensorId>;
  /** By the tensor that they define so far. */
  readonly #drafts = new Map<TensorId, Draft>();

  constructor(program: Program) {
    this.#program = program;
    this.#layout = layOutConstants(program);
    const uses = new Map<TensorId, number>();
    for (const operation of program.operations) {
      const operands = operandsOf(operation);
      if (operation.kind === "reshape") this.#source.set(operation.output, this.#sourceOf(operands[0]));
      else for (const id of operands) uses.set(this.#sourceOf(id), (uses.get(this.#sourceOf(id)) ?? 0) + 1);
    }
    this.#uses = uses;
    this.#outputs = new Set(program.outputs.map(({ tensor }) => this.#sourceOf(tensor)));
  }

  take(operation: Operation, position: number): void {
    if (operation.kind === "reshape") return;
    const carrier = this.#carrierOf(operation);
    if (carrier === undefined) this.#begin(operation, position);
    else this.#extend(operation, position, carrier);
  }

  finish(): Plan {
    const { inputs, outputs } = this.#program;
    const ordered = [...this.#drafts].sort(([, a], [, b]) => a.last - b.last);
    const slotOf = new Map<TensorId, Slot>();
    for (const id of [...inputs.map(({ tensor }) => tensor), ...ordered.map(([id]) => id)]) slotOf.set(id, slotOf.size);
    const slot = (id: TensorId): Slot => slotOf.get(this.#sourceOf(id)) ?? NO_SLOT;
    const operand = (id: TensorId): Operand => ({ slot: slot(id), type: this.#type(id), count: this.#count(id) });
    const steps = ordered.map(([id, draft]): Step => ({
      node: draft.operations[0].node,
      slot: slot(id),
      tensor: id,
      shape: this.#shape(id),
      type: this.#type(id),
      count: this.#count(id),
      operands: draft.operands.map(operand),
      core: draft.core,
      tail: draft.tail,
      operations: draft.operations,
    }));
    for (const alias of this.#source.keys()) if (slotOf.has(this.#sourceOf(alias))) slotOf.set(alias, slot(alias));
    return {
      program: this.#program,
      slots: inputs.length + steps.length,
      inputs: inputs.map(({ tensor }) => operand(tensor)),
      steps,
      outputs: outputs.map(({ tensor }) => slot(tensor)),
      parameters: Uint8Array.from(this.#parameters),
      slotOf,
    };
  }

  #begin(operation: Operation, position: number): void {
    const operands = operandsOf(operation);
    const core = coreOf(operation, operands.map((id) => this.#shape(id)), this.#shape(operation.output), this.#constants(operation));
    const draft: Draft = { core, tail: [], operands: [...operands], operations: [operation], last: position };
    if (operation.kind === "requantize" || operation.kind === "table") draft.tail.push(this.#tail(operation, 0, draft));
    this.#drafts.set(operation.output, draft);
  }

  #extend(operation: Operation, position: number, carrier: 0 | 1): void {
    const id = this.#sourceOf(operandsOf(operation)[carrier]);
    const draft = this.#drafts.get(id);
    if (draft === undefined) throw new Error("a fused tensor has a draft");
    draft.tail.push(this.#tail(operation, carrier, draft));
    draft.operations.push(operation);
    draft.last = position;
    this.#drafts.delete(id);
    this.#drafts.set(operation.output, draft);
  }

  /** Which operand's step this operation continues, if any. */
  #carrierOf(operation: Operation): 0 | 1 | undefined {
    const operands = operandsOf(operation);
    const continues = (index: 0 | 1): boolean => this.#isOpen(operands[index]) && this.#count(operands[index]) === this.#count(operation.output);
    switch (operation.kind) {
      case "requantize":
      case "table":
      case "affine":
        return continues(0) ? 0 : undefined;
      case "add":
      case "mul": {
        const [left, right] = [continues(0), continues(1)];
        if (left && right) return elementBytes(this.#type(operands[1])) > elementBytes(this.#type(operands[0])) ? 1 : 0;
        return left ? 0 : right ? 1 : undefined;
      }
      case "conv":
      case "linear":
      case "sumPool":
      case "maxPool":
      case "reshape":
      case "transpose":
      case "gather":
      case "matmul":
        return undefined;
    }
  }

  /** Whether nothing but the one consumer needs the tensor. */
  #isOpen(tensor: TensorId): boolean {
    const id = this.#sourceOf(tensor);
    const draft = this.#drafts.get(id);
    return draft !== undefined && draft.tail.length < MAX_TAIL && this.#uses.get(id) === 1 && !this.#outputs.has(id);
  }

  #tail(operation: Operation, carrier: 0 | 1, draft: Draft): TailEntry {
    const output = this.#shape(operation.output);
    const constants = this.#constants(operation);
    switch (operation.kind) {
      case "requantize": {
        const { shifts, low, high } = operation;
        const offset = shifts.length === 1 ? 0 : this.#parameters.length;
        if (shifts.length > 1) for (const shift of shifts) this.#parameters.push(shift);
        return { kind: "requantize", shifts, offset, low, high };
      }
      case "table":
        return { kind: "table", entries: constants.entries, low: operation.low };
      case "affine":
        return { kind: "affine", ...affineParameters(operation, output, constants) };
      case "add": {
        const factors = [operation.leftFactor, operation.rightFactor];
        return { kind: "add", ...this.#other(operation, carrier, draft), own: factors[carrier], other: factors[1 - carrier] };
      }
      case "mul":
        return { kind: "mul", ...this.#other(operation, carrier, draft) };
      case "conv":
      case "linear":
      case "sumPool":
      case "maxPool":
      case "reshape":
      case "transpose":
      case "gather":
      case "matmul":
        throw new Error(`${operation.kind} is not elementwise`);
    }
  }

  #other(operation: Operation, carrier: 0 | 1, draft: Draft): { readonly operand: number; readonly map: ReturnType<typeof broadcastMap> } {
    const other = operandsOf(operation)[1 - carrier];
    draft.operands.push(other);
    return { operand: draft.operands.length - 1, map: broadcastMap(this.#shape(other), this.#shape(operation.output)) };
  }

  #constants(operation: Operation): NonNullable<ReturnType<ConstantLayout["get"]>> {
    return this.#layout.get(operation) ?? {};
  }

  #sourceOf(id: TensorId): TensorId {
    return this.#source.get(id) ?? id;
  }

  #shape(id: TensorId): readonly number[] {
    return this.#program.tensors[id].shape;
  }

  #type(id: TensorId): Operand["type"] {
    return this.#program.tensors[this.#sourceOf(id)].type;
  }

  #count(id: TensorId): number {
    return elementCount(this.#shape(id));
  }
}

function operandsOf(operation: Operation): readonly TensorId[] {
  return rulesOf(operation).operands(operation);
}
