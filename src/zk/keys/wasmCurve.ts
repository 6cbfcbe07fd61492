/**
 * Raw access to the functions and the memory of one single-threaded curve. Only the raw functions may be used on such a
 * curve: growing its memory detaches the views that ffjavascript's own methods keep.
 */
import { buildBn128, type Curve, type ThreadManager } from "ffjavascript";
import { AssayError } from "../../errors.js";
import { FIELD_BYTES } from "../../math/field.js";

const PAGE_BYTES = 1 << 16;
/** Where wasmcurves keeps the offset of free memory. */
const FREE_POINTER = 0;

export type GroupName = "g1" | "g2";

export type RawFunction = (...args: number[]) => number;

export class WasmCurve {
  /** Affine, 64 and 128 bytes. */
  readonly generators: Readonly<Record<GroupName, Uint8Array>>;
  readonly #manager: ThreadManager;

  private constructor(curve: Curve) {
    this.#manager = curve.tm;
    this.generators = { g1: curve.G1.g.slice(0, 2 * FIELD_BYTES), g2: curve.G2.g.slice(0, 4 * FIELD_BYTES) };
  }

  static async create(): Promise<WasmCurve> {
    return new WasmCurve(await buildBn128(true));
  }

  raw(name: string): RawFunction {
    const found = this.#manager.instance.exports[name] as RawFunction | undefined;
    if (found === undefined) throw new AssayError("INTERNAL", `ffjavascript has no function ${name}`);
    return found;
  }

  /** Reserves memory for good, at an offset divisible by 8. */
  allocate(bytes: number): number {
    const start = (this.#free() + 7) & ~7;
    new Uint32Array(this.#manager.memory.buffer, FREE_POINTER, 1)[0] = start + bytes;
    this.ensureFree(0);
    return start;
  }

  /** Grows the memory until `bytes` follow what is reserved: raw functions take their working space there, unchecked. */
  ensureFree(bytes: number): void {
    const { memory } = this.#manager;
    const missing = this.#free() + bytes + PAGE_BYTES - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  /** A view that the next {@link allocate} may detach. */
  view(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#manager.memory.buffer, offset, length);
  }

  #free(): number {
    return new Uint32Array(this.#manager.memory.buffer, FREE_POINTER, 1)[0];
  }
}
