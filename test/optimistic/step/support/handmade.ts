/** Plans that no program has: any descriptor of the right form, over regions and tensors of any bytes. */
import { rootOfTree, treeOfBytes } from "../../../../src/math/merkle.js";
import { descriptorTree, type ModelTrees, OPEN_REGIONS, type OpenRegion, stepHeader, type TraceTrees } from "../../../../src/optimistic/step/index.js";
import { commitProgram } from "../../../../src/program/steps/index.js";
import { elementBytes, ELEMENT_TYPES } from "../../../../src/program/elementType.js";
import type {
  AffineParameters, ConstantLocation, Core, IndexMap, ModelHeader, Operand, Plan, Step, TailEntry, WindowAxis,
} from "../../../../src/program/steps/index.js";
import { headerOf, modelIdOfHeader } from "../../../../src/program/steps/index.js";
import { SEMANTICS_VERSION, type ElementType, type Program } from "../../../../src/program/types.js";
import { ProgramBuilder } from "../../../../src/quantize/builder.js";
import type { Draw } from "../../../program/seeded.js";
import { hex, traceOf } from "./execution.js";

export interface Handmade {
  readonly model: ModelTrees;
  readonly trace: TraceTrees;
  readonly modelId: string;
  readonly traceRoot: string;
  /** The only one. */
  readonly step: Step;
}

/** Stands in the plan where a program is asked for; nothing depends on it. */
const PROGRAM: Program = new ProgramBuilder().finish([], []);

export type Kind = Core["kind"];
export const KINDS = ["dot", "matmul", "sumPool", "maxPool", "copy", "add", "mul", "affine", "gather"] as const satisfies readonly Kind[];

/** A step of a kind with a tail, most of whose reads lie within their sources, and some not. */
export function handmade(draw: Draw, kind: Kind): Handmade {
  const regions = Object.fromEntries(OPEN_REGIONS.map((region) => [region, bytes(draw, draw.pick([draw.integer(0, 1500), 6000]))])) as Record<OpenRegion, Uint8Array>;
  const maker = new Maker(draw, regions);
  const core = maker.core(kind);
  const tail = draw.list(draw.integer(0, 8), () => maker.tail());
  const { operands } = maker;
  const step: Step = {
    node: "n", slot: operands.length, tensor: 0, shape: [], type: draw.pick(ELEMENT_TYPES), count: draw.pick([1, draw.integer(1, 300), draw.integer(1, 2 ** 32)]),
    operands, core, tail, operations: [],
  };
  const inputs = operands.map(({ type, count }, slot) => ({ slot, type, count }));
  return { ...planned(step, inputs, regions), ...traceOf([...operands.map((operand) => maker.tensors[operand.slot]), bytes(draw, 1)]), step };
}

/** A model of one step. */
export function planned(step: Step, inputs: readonly Operand[], regions: Readonly<Record<OpenRegion, Uint8Array>>): { readonly model: ModelTrees; readonly modelId: string } {
  const plan: Plan = { program: PROGRAM, slots: inputs.length + 1, inputs, steps: [step], outputs: [step.slot], parameters: regions.parameters, slotOf: new Map() };
  const trees = { weights: treeOfBytes(regions.weights), tables: treeOfBytes(regions.tables), parameters: treeOfBytes(regions.parameters) };
  const rootOf = (region: "weights" | "tables"): string => hex(rootOfTree(trees[region]));
  const commitment = { ...commitProgram(PROGRAM), weightsRoot: rootOf("weights"), tablesRoot: rootOf("tables") };
  const header: ModelHeader = headerOf(plan, commitment);
  const model: ModelTrees = {
    plan,
    header: stepHeader(header, (region) => trees[region].length),
    descriptors: descriptorTree(plan),
    region: (region) => trees[region],
  };
  return { model, modelId: modelIdOfHeader(header, SEMANTICS_VERSION) };
}

class Maker {
  readonly operands: Operand[] = [];
  readonly tensors: Uint8Array[] = [];

  constructor(private readonly draw: Draw, private readonly regions: Readonly<Record<OpenRegion, Uint8Array>>) {}

  core(kind: Kind): Core {
    switch (kind) {
      case "dot": {
        this.#operand(3000);
        const groups = this.draw.integer(1, 3);
        const window = this.#window();
        const cells = window.reduce((product, { kernel }) => product * kernel, 1);
        // Now and then more than one segment, whose ends lie within a cell.
        const depth = this.draw.chance(0.4) ? Math.ceil(this.draw.integer(513, 1400) / cells) : this.draw.integer(1, window.length > 1 ? 6 : 40);
        return { kind, window, outputs: groups * this.draw.integer(1, 3), channels: groups * depth, depth, weight: this.#constant(), bias: this.#constant() };
      }
      case "matmul":
        this.#operand(1200);
        this.#operand(1200);
        return { kind, length: this.draw.pick([this.draw.integer(1, 40), this.draw.integer(500, 700)]), rows: this.draw.integer(1, 4), columns: this.draw.integer(1, 4) };
      case "sumPool":
      case "maxPool":
        this.#operand(600);
        return { kind, window: this.#window(), channels: this.draw.integer(1, 6) };
      case "copy":
        this.#operand(300);
        return { kind, map: this.#map() };
      case "add":
        this.#operand(300);
        this.#operand(300);
        return { kind, left: this.#map(), right: this.#map(), leftFactor: this.#number(), rightFactor: this.#number() };
      case "mul":
        this.#operand(300);
        this.#operand(300);
        return { kind, left: this.#map(), right: this.#map() };
      case "affine":
        this.#operand(300);
        return { kind, input: this.#map(), ...this.#affine() };
      case "gather":
        for (let i = this.draw.integer(0, 3); i > 0; i--) this.#operand(60);
        return { kind, index: this.#constant(), list: this.#constant() };
    }
  }

  tail(): TailEntry {
    const kind = this.draw.pick(["requantize", "table", "affine", "add", "mul"] as const);
    switch (kind) {
      case "requantize": {
        const shifts = this.draw.chance(0.5) ? [this.draw.pick([0, 1, this.draw.integer(0, 60), 255])] : new Array<number>(this.draw.integer(2, 9)).fill(0);
        const room = this.regions.parameters.length;
        return { kind, shifts, offset: shifts.length === 1 ? 0 : this.draw.integer(0, room + 3), low: this.#number(), high: this.#number() };
      }
      case "table":
        return { kind, entries: this.#constant(), low: this.draw.chance(0.5) ? this.draw.integer(-200, 200) : this.#number() };
      case "affine":
        return { kind, ...this.#affine() };
      case "add":
        return { kind, operand: this.#operand(300), map: this.#map(), own: this.#number(), other: this.#number() };
      case "mul":
        return { kind, operand: this.#operand(300), map: this.#map() };
    }
  }

  #affine(): AffineParameters {
    return { weightMap: this.#map(), biasMap: this.#map(), weight: this.#constant(), bias: this.#constant() };
  }

  #operand(most: number): number {
    const type = this.draw.pick(ELEMENT_TYPES);
    const count = this.draw.integer(1, most);
    const slot = this.operands.push({ slot: this.operands.length, type, count }) - 1;
    this.tensors.push(bytes(this.draw, count * elementBytes(type)));
    return slot;
  }

  #constant(): ConstantLocation {
    const region = this.draw.pick(OPEN_REGIONS);
    const type: ElementType = this.draw.pick(ELEMENT_TYPES);
    const room = this.regions[region].length;
    const offset = this.draw.integer(0, this.draw.chance(0.9) ? Math.floor(room / 3) : room + 9);
    return { region, type, offset, count: this.draw.pick([0, 1, this.draw.integer(0, 300), Math.floor(room / elementBytes(type)), 2 ** 32 - 1]) };
  }

  #map(): IndexMap {
    if (this.draw.chance(0.2)) return "identity";
    const dim = (): number => this.draw.pick([1, this.draw.integer(1, 7), 2 ** 16]);
    return this.draw.list(this.draw.integer(0, 3), () => ({ dim: dim(), stride: this.draw.pick([0, 1, this.draw.integer(0, 60), 2 ** 32 - 1]) }));
  }

  #window(): WindowAxis[] {
    return this.draw.list(this.draw.integer(0, 3), () => ({
      input: this.draw.integer(1, 9), output: this.draw.integer(1, 5), kernel: this.draw.integer(1, 5), stride: this.draw.integer(0, 3),
      dilation: this.draw.integer(0, 3), padBegin: this.draw.integer(0, 4),
    }));
  }

  #number(): number {
    return this.draw.pick([0, 1, -1, this.draw.integer(-99, 99), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, this.draw.integer(-(2 ** 40), 2 ** 40)]);
  }
}

/** Half of all bytes are extreme ones. */
export function bytes(draw: Draw, length: number): Uint8Array {
  return Uint8Array.from(draw.list(length, () => draw.pick([0, 0x7f, 0x80, 0xff, draw.integer(0, 255), draw.integer(0, 255), draw.integer(0, 255)])));
}
