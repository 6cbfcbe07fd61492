/** The part of snarkjs 0.7.6 that Assay uses. */
declare module "snarkjs" {
  export interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }

  /** Numbers are decimal strings; the last coordinate of a point is 1, or 0 at infinity. */
  export interface Groth16Proof {
    pi_a: string[];
    pi_b: string[][];
    pi_c: string[];
    protocol: string;
    curve: string;
  }

  export interface Groth16VerificationKey {
    protocol: string;
    curve: string;
    nPublic: number;
    vk_alpha_1: string[];
    vk_beta_2: string[][];
    vk_gamma_2: string[][];
    vk_delta_2: string[][];
    vk_alphabeta_12: string[][][];
    IC: string[][];
  }

  export interface ProofAndSignals {
    proof: Groth16Proof;
    publicSignals: string[];
  }

  export interface R1csInfo {
    readonly n8: number;
    readonly prime: bigint;
    readonly nVars: number;
    readonly nOutputs: number;
    readonly nPubInputs: number;
    readonly nPrvInputs: number;
    readonly nLabels: number;
    readonly nConstraints: number;
  }

  /** A path, a file image, or a file kept in memory. */
  export type FileLike = string | Uint8Array | { type: "mem" | "bigMem"; data?: Uint8Array };

  export const groth16: {
    prove(zkey: FileLike, witness: FileLike, logger?: Logger): Promise<ProofAndSignals>;
    fullProve(input: object, wasm: FileLike, zkey: FileLike, logger?: Logger): Promise<ProofAndSignals>;
    verify(key: Groth16VerificationKey, publicSignals: string[], proof: Groth16Proof, logger?: Logger): Promise<boolean>;
  };

  export const zKey: {
    /** Returns the circuit hash, or -1 after logging an error. */
    newZKey(r1cs: FileLike, ptau: FileLike, zkey: FileLike, logger?: Logger): Promise<Uint8Array | -1>;
    contribute(from: FileLike, to: FileLike, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    /** Returns false after logging an error; `iterations` is the log2 of their number, 10 to 63. */
    beacon(from: FileLike, to: FileLike, name: string, valueHex: string, iterations: number, logger?: Logger): Promise<Uint8Array | false>;
    verifyFromR1cs(r1cs: FileLike, ptau: FileLike, zkey: FileLike, logger?: Logger): Promise<boolean>;
    exportVerificationKey(zkey: FileLike, logger?: Logger): Promise<Groth16VerificationKey>;
    exportSolidityVerifier(zkey: FileLike, templates: { groth16: string }, logger?: Logger): Promise<string>;
  };

  export const r1cs: {
    info(r1cs: FileLike, logger?: Logger): Promise<R1csInfo>;
  };

  export const wtns: {
    calculate(input: object, wasm: FileLike, witness: FileLike): Promise<void>;
    check(r1cs: FileLike, witness: FileLike, logger?: Logger): Promise<boolean>;
    exportJson(witness: FileLike): Promise<bigint[]>;
  };

  export const powersOfTau: {
    newAccumulator(curve: import("ffjavascript").Curve, power: number, file: FileLike, logger?: Logger): Promise<Uint8Array>;
    contribute(from: FileLike, to: FileLike, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    preparePhase2(from: FileLike, to: FileLike, logger?: Logger): Promise<void>;
  };

  export const curves: {
    getCurveFromName(name: string): Promise<import("ffjavascript").Curve>;
  };
}
