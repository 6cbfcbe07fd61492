/** snarkjs proving one circuit several times: one that circom compiled, or one of ours. */
import { readFileSync } from "node:fs";
import { groth16, wtns, zKey } from "snarkjs";
import { answerParent } from "../../src/bench/childProcess.js";
import { peakMemoryMiB } from "../../src/bench/measure.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import type { Sample } from "../../src/samples/samples.js";
import { readCompiled } from "../../src/zk/compiledModel.js";
import { ConstraintEvaluator } from "../../src/zk/constraintValues.js";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { prepareCircuit } from "../../src/zk/prepareCircuit.js";
import { executeSample } from "../../src/zk/prove.js";
import { roundOne, roundZero } from "../../src/zk/witness.js";
import { encodeWtns } from "../../src/zk/wtnsFile.js";

export type CircuitSource =
  | { readonly kind: "circom"; readonly wasm: string; readonly input: object }
  | { readonly kind: "assay"; readonly directory: string; readonly sample: Sample };

export interface SnarkjsWork {
  readonly circuit: CircuitSource;
  readonly zkey: string;
  readonly runs: number;
}

export interface SnarkjsFigures {
  readonly witnessMs: readonly number[];
  /** Witness and proof. */
  readonly proofMs: readonly number[];
  readonly peakMiB: number;
  readonly publicSignals: readonly string[];
}

answerParent("snarkjs", async ({ circuit, zkey, runs }: SnarkjsWork): Promise<SnarkjsFigures> => {
  const witnessOf = await witnessSource(circuit);
  const key = new Uint8Array(readFileSync(zkey));
  const [witnessMs, proofMs]: [number[], number[]] = [[], []];
  let signals: readonly string[] = [];
  // The first proof is not counted: code is compiled while it runs.
  for (let i = -1; i < runs; i++) {
    const start = performance.now();
    const witness = await witnessOf();
    const middle = performance.now();
    const { proof, publicSignals } = await groth16.prove({ type: "mem", data: key }, { type: "mem", data: witness });
    const end = performance.now();
    if (i === -1) {
      const verificationKey = await zKey.exportVerificationKey({ type: "mem", data: key });
      if (!(await groth16.verify(verificationKey, publicSignals, proof))) throw new Error("the proof does not verify");
      signals = publicSignals;
      continue;
    }
    witnessMs.push(middle - start);
    proofMs.push(end - start);
  }
  const peakMiB = peakMemoryMiB();
  await terminateCurve();
  return { witnessMs, proofMs, peakMiB, publicSignals: signals };
});

async function witnessSource(circuit: CircuitSource): Promise<() => Promise<Uint8Array>> {
  switch (circuit.kind) {
    case "circom": {
      const wasm = new Uint8Array(readFileSync(circuit.wasm));
      return async () => {
        const file: { type: "mem"; data?: Uint8Array } = { type: "mem" };
        await wtns.calculate(circuit.input, wasm, file);
        if (file.data === undefined) throw new Error("no witness");
        return file.data;
      };
    }
    case "assay": {
      const { program, intervals, manifest } = await readCompiled(circuit.directory);
      const pool = new WorkerPool();
      const assembled = await prepareCircuit(program, intervals, manifest.choices, () => pool, new Stages());
      await pool.close();
      const evaluator = new ConstraintEvaluator(assembled.r1cs);
      return () => {
        const witness = roundOne(assembled, roundZero(assembled, executeSample(assembled, circuit.sample, 1n).given), 0n);
        if (evaluator.firstViolation(witness) !== undefined) throw new Error("a constraint does not hold");
        return Promise.resolve(encodeWtns(witness.bytes));
      };
    }
  }
}
