/** Real Groth16 keys and proofs of a tiny circuit, all made by circom and snarkjs themselves. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SnarkjsProof, SnarkjsVerificationKey } from "../../../src/zk/keyEncoding.js";

interface MemoryFile {
  readonly type: "mem";
}

export interface Group<Coordinate> {
  readonly g: Uint8Array;
  fromObject(point: readonly Coordinate[]): Uint8Array;
  timesFr(point: Uint8Array, scalar: Uint8Array): Uint8Array;
  add(a: Uint8Array, b: Uint8Array): Uint8Array;
  neg(a: Uint8Array): Uint8Array;
  toAffine(a: Uint8Array): Uint8Array;
  toObject(a: Uint8Array): Coordinate[];
}

export interface Curve {
  readonly G1: Group<bigint>;
  readonly G2: Group<readonly bigint[]>;
  readonly Fr: { e(value: bigint): Uint8Array };
  /** Whether the product of e(p, q) over the pairs (p, q, p, q, ...) is one. */
  pairingEq(...points: Uint8Array[]): Promise<boolean>;
  terminate(): Promise<void>;
}

export interface FullProof {
  readonly proof: SnarkjsProof;
  readonly publicSignals: string[];
}

interface SnarkJs {
  readonly powersOfTau: {
    newAccumulator(curve: Curve, power: number, file: MemoryFile): Promise<unknown>;
    contribute(from: MemoryFile, to: MemoryFile, name: string, entropy: string): Promise<unknown>;
    preparePhase2(from: MemoryFile, to: MemoryFile): Promise<unknown>;
  };
  readonly zKey: {
    newZKey(r1cs: string, ptau: MemoryFile, zkey: MemoryFile): Promise<unknown>;
    contribute(from: MemoryFile, to: MemoryFile, name: string, entropy: string): Promise<unknown>;
    exportVerificationKey(zkey: MemoryFile): Promise<SnarkjsVerificationKey>;
  };
  readonly groth16: {
    fullProve(input: Record<string, unknown>, wasm: Uint8Array, zkey: MemoryFile): Promise<FullProof>;
    verify(vk: SnarkjsVerificationKey, signals: readonly string[], proof: SnarkjsProof): Promise<boolean>;
  };
}

const fromHere = createRequire(import.meta.url);
const snarkjs = fromHere("snarkjs") as SnarkJs;
const ffjavascript = fromHere("ffjavascript") as { getCurveFromName(name: string): Promise<Curve> };

/** Room for 28 public signals and as many constraints. */
const PTAU_POWER = 7;

let prepared: Promise<MemoryFile> | undefined;

export const curve = (): Promise<Curve> => ffjavascript.getCurveFromName("bn128");

/** Ends snarkjs' threads, which would keep the process alive. */
export async function endCurve(): Promise<void> {
  await (await curve()).terminate();
}

async function preparedPtau(): Promise<MemoryFile> {
  const [empty, contributed, ptau] = [memory(), memory(), memory()];
  await snarkjs.powersOfTau.newAccumulator(await curve(), PTAU_POWER, empty);
  await snarkjs.powersOfTau.contribute(empty, contributed, "test", "entropy");
  await snarkjs.powersOfTau.preparePhase2(contributed, ptau);
  return ptau;
}

function memory(): MemoryFile {
  return { type: "mem" };
}

/** A circuit of 1 output, the context and n inputs, with a key. */
export interface Toy {
  readonly verificationKey: SnarkjsVerificationKey;
  /** A key of the same circuit that nobody contributed to. */
  readonly uncontributedKey: SnarkjsVerificationKey;
  /** Signals in public order: output, context, inputs. */
  prove(signals: readonly bigint[]): Promise<FullProof>;
}

export async function makeToy(inputs: number): Promise<Toy> {
  prepared ??= preparedPtau();
  const directory = mkdtempSync(join(tmpdir(), "assay-toy-"));
  try {
    const source = readFileSync(new URL("toy.circom", import.meta.url), "utf8").replace("Toy(N)", `Toy(${inputs})`);
    writeFileSync(join(directory, "toy.circom"), source);
    const circom = fromHere.resolve("circom2/cli.js");
    execFileSync(process.execPath, [circom, "toy.circom", "--r1cs", "--wasm", "-o", "."], {
      cwd: directory,
      stdio: "ignore",
    });
    const [first, zkey] = [memory(), memory()];
    await snarkjs.zKey.newZKey(join(directory, "toy.r1cs"), await prepared, first);
    await snarkjs.zKey.contribute(first, zkey, "test", "entropy");
    const wasm = new Uint8Array(readFileSync(join(directory, "toy_js", "toy.wasm")));
    return {
      verificationKey: await snarkjs.zKey.exportVerificationKey(zkey),
      uncontributedKey: await snarkjs.zKey.exportVerificationKey(first),
      prove: ([y, context, ...input]) => snarkjs.groth16.fullProve({ y, context, in: input }, wasm, zkey),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function verifyOffChain(
  vk: SnarkjsVerificationKey,
  signals: readonly string[],
  proof: SnarkjsProof,
): Promise<boolean> {
  return snarkjs.groth16.verify(vk, signals, proof);
}
