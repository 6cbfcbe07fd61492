/** Evidence without proofs: it names what it shows, and the judge looks into the trace of that root. */
import type { Hash } from "../../../../src/optimistic/dispute/hash.js";
import type { Judge, Judged, Question } from "../../../../src/optimistic/dispute/judge.js";
import type { GameMove } from "../../../../src/optimistic/dispute/moves.js";
import type { EvidenceSource } from "../../../../src/optimistic/dispute/views.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import type { SeededRandom } from "../../../support/random.js";
import { type Agent, Arena, type Seats } from "./arena.js";
import { finish, partialsOf, segmentOf, type ToyModel, valueOf } from "./toyModel.js";

export interface ToyDefinition {
  readonly slot: number;
}

export interface ToyProof {
  readonly root: Hash;
  readonly slot: number;
  readonly element: number;
}

export type ToyGameMove = GameMove<ToyDefinition, ToyProof>;
export type ToySeats = Seats<ToyDefinition, ToyProof>;
export type ToyAgent = Agent<ToyDefinition, ToyProof>;

export function toyEvidence(model: ToyModel, trace: Trace): EvidenceSource<ToyDefinition, ToyProof> {
  const proof = (slot: number, element: number): ToyProof => ({ root: trace.root, slot, element });
  return {
    definition: (slot) => ({ slot }),
    step: proof,
    partials: (slot, element) => partialsOf(model, slot, element, (operand, index) => trace.element(operand, index)),
    finish: proof,
    segment: proof,
  };
}

export class ToyJudge implements Judge<ToyDefinition, ToyProof> {
  readonly #traces = new Map<Hash, Trace>();
  /** Slots whose descriptors are no steps. */
  readonly malformed = new Set<number>();

  constructor(private readonly model: ToyModel) {}

  learn(trace: Trace): void {
    this.#traces.set(trace.root, trace);
  }

  describe(_claimId: Hash, slot: number, definition: ToyDefinition): ReturnType<Judge<ToyDefinition, ToyProof>["describe"]> {
    if (definition.slot !== slot) return { fault: "DescriptorMismatch" };
    return { value: { ...this.model.slots[slot], malformed: this.malformed.has(slot) } };
  }

  execute(question: Question, evidence: ToyProof): Judged<bigint> {
    return this.#read(question, evidence, (read) => valueOf(this.model, question.slot, question.element, read));
  }

  segment(question: Question, segment: number, evidence: ToyProof): Judged<bigint> {
    return this.#read(question, evidence, (read) => segmentOf(this.model, question.slot, question.element, segment, read));
  }

  finish(question: Question, partials: readonly bigint[], evidence: ToyProof): Judged<bigint> {
    return this.#read(question, evidence, () => finish(this.model, question.slot, partials));
  }

  #read<T>({ root, slot, element }: Question, evidence: ToyProof, compute: (read: (slot: number, element: number) => bigint) => T): Judged<T> {
    const trace = this.#traces.get(root);
    if (trace === undefined || evidence.root !== root || evidence.slot !== slot || evidence.element !== element) return { fault: "TensorMismatch" };
    return { value: compute((operand, index) => trace.element(operand, index)) };
  }
}

/** With the judge that knows the traces. */
export class ToyArena extends Arena<ToyDefinition, ToyProof> {
  constructor(
    model: ToyModel,
    random: SeededRandom,
    readonly toyJudge = new ToyJudge(model),
  ) {
    super(model, toyJudge, random);
  }
}
