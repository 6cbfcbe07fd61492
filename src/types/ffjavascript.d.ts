/** The part of ffjavascript 0.3.1 that Assay uses. Field and curve elements are little-endian Montgomery bytes. */
declare module "ffjavascript" {
  /** A WebAssembly memory; `buffer` is replaced by every `grow`. */
  export interface WasmMemory {
    readonly buffer: ArrayBuffer;
    /** Adds 64 KiB pages. */
    grow(pages: number): number;
  }

  /** A variable's memory, or a plain number. */
  export type ThreadParameter = { readonly var: number; readonly offset?: number } | { readonly val: number };

  export type ThreadCommand =
    | { readonly cmd: "ALLOC"; readonly var: number; readonly len: number }
    | { readonly cmd: "ALLOCSET"; readonly var: number; readonly buff: Uint8Array }
    | { readonly cmd: "CALL"; readonly fnName: string; readonly params: readonly ThreadParameter[] }
    | { readonly cmd: "GET"; readonly out: number; readonly var: number; readonly len: number };

  export interface ThreadManager {
    readonly memory: WasmMemory;
    /** Raw functions; arguments and results are byte offsets, lengths or 0/1. */
    readonly instance: { readonly exports: Readonly<Record<string, (...args: number[]) => number>> };
    readonly concurrency: number;
    /** Runs commands on one thread; resolves with what its GETs copied out. */
    queueAction(commands: readonly ThreadCommand[]): Promise<Uint8Array[]>;
  }

  export interface WasmField {
    readonly n8: number;
    readonly one: Uint8Array;
    /** w[k] generates the subgroup of order 2^k. */
    readonly w: readonly Uint8Array[];
    e(value: bigint): Uint8Array;
    toObject(element: Uint8Array): bigint;
    fft(values: Uint8Array): Promise<Uint8Array>;
    ifft(values: Uint8Array): Promise<Uint8Array>;
    /** Multiplies element i by first · inc^i. */
    batchApplyKey(values: Uint8Array, first: Uint8Array, inc: Uint8Array): Promise<Uint8Array>;
    batchToMontgomery(values: Uint8Array): Promise<Uint8Array>;
    batchFromMontgomery(values: Uint8Array): Promise<Uint8Array>;
  }

  /** Points are affine (2 coordinates) or Jacobian (3 coordinates) by their length. */
  export interface WasmGroup<Coordinates> {
    readonly g: Uint8Array;
    readonly zero: Uint8Array;
    readonly zeroAffine: Uint8Array;
    add(a: Uint8Array, b: Uint8Array): Uint8Array;
    neg(a: Uint8Array): Uint8Array;
    eq(a: Uint8Array, b: Uint8Array): boolean;
    isZero(a: Uint8Array): boolean;
    toAffine(a: Uint8Array): Uint8Array;
    /** Scalar: canonical little-endian bytes. */
    timesScalar(base: Uint8Array, scalar: Uint8Array): Uint8Array;
    sub(a: Uint8Array, b: Uint8Array): Uint8Array;
    toObject(a: Uint8Array): Coordinates;
    fromObject(a: Coordinates): Uint8Array;
    /** Whether a point lies on the curve. */
    isValid(a: Uint8Array): boolean;
    /** Sum of scalar·base; all scalars have the same number of canonical little-endian bytes. */
    multiExpAffine(bases: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
    /** Multiplies affine point i by first · inc^i (field elements, Montgomery form); affine again. */
    batchApplyKey(points: Uint8Array, first: Uint8Array, inc: Uint8Array): Promise<Uint8Array>;
  }

  /** Affine or projective coordinates as canonical integers; the last is 1. */
  export type G1Coordinates = [bigint, bigint, bigint];
  export type G2Coordinates = [[bigint, bigint], [bigint, bigint], [bigint, bigint]];
  export type GtCoordinates = [[bigint, bigint][], [bigint, bigint][]];

  export interface Curve {
    readonly tm: ThreadManager;
    readonly Fr: WasmField;
    readonly G1: WasmGroup<G1Coordinates>;
    readonly G2: WasmGroup<G2Coordinates>;
    readonly Gt: { toObject(element: Uint8Array): GtCoordinates };
    pairing(p: Uint8Array, q: Uint8Array): Uint8Array;
    /** Whether the product of e(p, q) over the pairs (p, q, p, q, ...) is one. */
    pairingEq(...pairs: Uint8Array[]): Promise<boolean>;
    /** Ends the threads; does nothing for a single-threaded curve. */
    terminate(): Promise<void>;
  }

  /** A single-threaded curve is new at each call; a threaded one is shared by the process (`globalThis.curve_bn128`). */
  export function buildBn128(singleThread?: boolean): Promise<Curve>;
}
