/**
 * Worker side of {@link columnSums}: sums of points with small known coefficients, one sum a wire. A coefficient comes as its
 * non-adjacent form, so that a term costs one addition a nonzero digit; the sums of one digit's place are added up by one
 * Horner's rule a wire.
 */
import type { TaskHandlers } from "../../pool/index.js";
import { FIELD_BYTES } from "../../math/field.js";
import { WasmCurve, type GroupName, type RawFunction } from "../keys/wasmCurve.js";

/** Terms sorted by wire; everything lies in shared memory. */
export interface Columns {
  /** Uint32, one more than wires. */
  readonly offsets: SharedArrayBuffer;
  /** Uint32: which point. */
  readonly points: SharedArrayBuffer;
  /** Uint32: which coefficient. */
  readonly coefficients: SharedArrayBuffer;
  /** Uint32, one more than coefficients. */
  readonly digitOffsets: SharedArrayBuffer;
  /** Int16: ±(place + 1). */
  readonly digits: SharedArrayBuffer;
}

export interface ColumnSumTasks {
  readonly sum: {
    readonly input: {
      readonly group: GroupName;
      /** Affine. */
      readonly basis: SharedArrayBuffer;
      readonly columns: Columns;
      /** The wires to sum. */
      readonly from: number;
      readonly to: number;
      /** Affine, one a wire. */
      readonly results: SharedArrayBuffer;
    };
    readonly output: undefined;
  };
}

const PLACES = 256;

interface Workspace {
  readonly curve: WasmCurve;
  readonly affineBytes: number;
  readonly jacobianBytes: number;
  /** One affine point. */
  readonly term: number;
  /** One Jacobian sum a place. */
  readonly places: number;
  readonly zero: RawFunction;
  readonly add: RawFunction;
  readonly addMixed: RawFunction;
  readonly subMixed: RawFunction;
  readonly double: RawFunction;
  readonly toAffine: RawFunction;
}

const workspaces = new Map<GroupName, Promise<Workspace>>();

function workspaceOf(group: GroupName): Promise<Workspace> {
  const known = workspaces.get(group) ?? makeWorkspace(group);
  workspaces.set(group, known);
  return known;
}

async function makeWorkspace(group: GroupName): Promise<Workspace> {
  const curve = await WasmCurve.create();
  const coordinate = group === "g1" ? FIELD_BYTES : 2 * FIELD_BYTES;
  const raw = (name: string): RawFunction => curve.raw(`${group}m_${name}`);
  const [affineBytes, jacobianBytes] = [2 * coordinate, 3 * coordinate];
  const term = curve.allocate(affineBytes);
  const places = curve.allocate(PLACES * jacobianBytes);
  curve.ensureFree(1 << 16);
  return {
    curve, affineBytes, jacobianBytes, term, places,
    zero: raw("zero"), add: raw("add"), addMixed: raw("addMixed"), subMixed: raw("subMixed"), double: raw("double"), toAffine: raw("toAffine"),
  };
}

async function sum({ group, basis, columns, from, to, results }: ColumnSumTasks["sum"]["input"]): Promise<undefined> {
  const space = await workspaceOf(group);
  const { curve, affineBytes, term } = space;
  const [offsets, points, coefficients, digitOffsets] = [columns.offsets, columns.points, columns.coefficients, columns.digitOffsets].map((data) => new Uint32Array(data));
  const digits = new Int16Array(columns.digits);
  const source = new Uint8Array(basis);
  const target = new Uint8Array(results);
  const memory = curve.view(term, affineBytes);
  for (let wire = from; wire < to; wire++) {
    const used = new PlaceRange(space);
    for (let k = offsets[wire]; k < offsets[wire + 1]; k++) {
      memory.set(source.subarray(points[k] * affineBytes, (points[k] + 1) * affineBytes));
      const coefficient = coefficients[k];
      for (let d = digitOffsets[coefficient]; d < digitOffsets[coefficient + 1]; d++) used.addTerm(digits[d]);
    }
    const total = used.horner();
    // Infinity is all zeros in a key, as in fresh shared memory.
    if (total === undefined) continue;
    space.toAffine(total, term);
    target.set(memory, wire * affineBytes);
  }
  return undefined;
}

/** The sums of one wire by place; those of places above the highest used are not initialised. */
class PlaceRange {
  #count = 0;

  constructor(private readonly space: Workspace) {}

  addTerm(digit: number): void {
    const { places, jacobianBytes, term, addMixed, subMixed, zero } = this.space;
    const place = Math.abs(digit) - 1;
    for (; this.#count <= place; this.#count++) zero(places + this.#count * jacobianBytes);
    const at = places + place * jacobianBytes;
    (digit > 0 ? addMixed : subMixed)(at, term, at);
  }

  /** Where the sum lies; undefined without terms. */
  horner(): number | undefined {
    const { places, jacobianBytes, add, double } = this.space;
    if (this.#count === 0) return undefined;
    let total = places + (this.#count - 1) * jacobianBytes;
    for (let place = this.#count - 2; place >= 0; place--) {
      const at = places + place * jacobianBytes;
      double(total, total);
      add(total, at, at);
      total = at;
    }
    return total;
  }
}

export const tasks: TaskHandlers<ColumnSumTasks> = { sum };
