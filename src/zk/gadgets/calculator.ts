/**
 * Drives the witness calculator that circom emits for a gadget, by its raw interface: values go in and out as eight 32-bit
 * words through a shared region of its memory; an input is named by the 64-bit FNV-1a hash of its name.
 */
import { AssayError } from "../../errors.js";
import { FIELD_BYTES } from "../../math/field.js";

interface CalculatorExports {
  readonly memory: WebAssembly.Memory;
  readonly getSharedRWMemoryStart: () => number;
  readonly init: (sanityCheck: number) => void;
  readonly setInputSignal: (hashHigh: number, hashLow: number, position: number) => void;
  readonly getWitness: (wire: number) => void;
}

export interface SignalHash {
  readonly high: number;
  readonly low: number;
}

export function signalHash(name: string): SignalHash {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return { high: Number(hash >> 32n) | 0, low: Number(hash & 0xffffffffn) | 0 };
}

export class GadgetCalculator {
  readonly #exports: CalculatorExports;
  readonly #shared: number;

  constructor(code: Uint8Array<ArrayBuffer>, private readonly gadget: string) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { runtime: this.#runtime() });
    this.#exports = instance.exports as unknown as CalculatorExports;
    this.#shared = this.#exports.getSharedRWMemoryStart();
  }

  begin(): void {
    this.#exports.init(0);
  }

  /** Sets element `position` of an input to canonical little-endian bytes; the gadget runs when its last input is set. */
  setInput(hash: SignalHash, position: number, value: Uint8Array): void {
    this.#region().set(value);
    this.#exports.setInputSignal(hash.high, hash.low, position);
  }

  /** Copies the value of a wire to `target`, canonical little-endian bytes. */
  readWire(wire: number, target: Uint8Array, offset: number): void {
    this.#exports.getWitness(wire);
    target.set(this.#region(), offset);
  }

  #region(): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, this.#shared, FIELD_BYTES);
  }

  #runtime(): WebAssembly.ModuleImports {
    return {
      exceptionHandler: (code: number): never => {
        throw new AssayError("CONSTRAINT_UNSATISFIED", `no witness for these inputs (circom's error ${code})`, { where: this.gadget });
      },
      printErrorMessage: () => undefined,
      writeBufferMessage: () => undefined,
      showSharedRWMemory: () => undefined,
    };
  }
}
