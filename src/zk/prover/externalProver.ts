/**
 * Plain Groth16 proofs by another program, of rapidsnark's interface: `prover KEY.zkey WITNESS.wtns PROOF.json PUBLIC.json`.
 * It sees the whole witness, hidden values too, and nothing that it says is believed: the signals must be those of our own
 * witness, and the proof must verify.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { removeAtExit } from "../../files.js";
import { printableLine } from "../../printable.js";
import { assertCanonicalProof } from "../canonical.js";
import type { Circuit } from "../circuit/circuit.js";
import { ConstraintEvaluator } from "../constraintValues.js";
import { verifyGroth16 } from "../groth16.js";
import { isTwoRound, type Proof, type SnarkjsProof, type VerificationKey } from "../keyEncoding.js";
import { publicSignals, roundOne, roundZero, type WitnessInputs } from "../witness.js";
import { writeWtns } from "../wtnsFile.js";
import type { ProofMaker, Proven, ProverOptions, ProverStage } from "./prover.js";

export interface ExternalProverOptions {
  /** Default: half an hour. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30 * 60_000;
/** A proof is under 2 KB; signals take 80 bytes each. */
const MAX_OUTPUT_BYTES = 1 << 24;
const MAX_STDERR = 2000;
/** Characters of its last line that an error repeats. */
const MAX_WORDS = 200;

export class ExternalProver implements ProofMaker {
  readonly #evaluator: ConstraintEvaluator;

  /** @throws AssayError BAD_USAGE for a two-round circuit */
  constructor(
    private readonly program: string,
    private readonly circuit: Circuit,
    private readonly keyPath: string,
    private readonly verificationKey: VerificationKey,
    private readonly options: ExternalProverOptions = {},
  ) {
    if (circuit.choices.protocol !== "groth16") throw new AssayError("BAD_USAGE", "an external prover makes plain Groth16 proofs only", { where: program, hint: "compile with --protocol groth16" });
    this.#evaluator = new ConstraintEvaluator(circuit.r1cs);
  }

  /** @throws AssayError CONSTRAINT_UNSATISFIED, ABORTED; PROVER_FAILED, PROOF_MALFORMED, PROOF_INVALID are the program's fault */
  async prove(given: WitnessInputs, { signal, onStage }: ProverOptions = {}): Promise<Proven> {
    const begin = (stage: ProverStage): void => {
      if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: stage });
      onStage?.(stage);
    };
    begin("witness");
    const witness = roundOne(this.circuit, roundZero(this.circuit, given), 0n);
    begin("constraints");
    this.#evaluator.evaluations(witness, this.circuit.labels);
    begin("multiexp");
    const signals = publicSignals(this.circuit, witness).map(String);
    const made = await this.#run(witness.bytes, signal);
    if (JSON.stringify(made.signals) !== JSON.stringify(signals)) throw this.#wrong("its public signals are not those of the witness");
    const proof = normalProof(made.proof) ?? this.#malformed("proof.json is no Groth16 proof");
    assertCanonicalProof(proof, `${this.program}, proof.json`);
    if (isTwoRound(this.verificationKey) || !(await verifyGroth16(this.verificationKey, proof, signals))) throw this.#wrong("its proof does not verify");
    return { proof, publicSignals: signals, witness };
  }

  async #run(witness: Uint8Array, signal: AbortSignal | undefined): Promise<{ readonly proof: unknown; readonly signals: unknown }> {
    // Readable by its owner only: the witness holds all that is hidden.
    const directory = mkdtempSync(join(tmpdir(), "assay-prover-"));
    const removed = removeAtExit(directory);
    try {
      const [wtns, proof, signals] = ["witness.wtns", "proof.json", "public.json"].map((name) => join(directory, name));
      writeWtns(wtns, witness);
      await this.#execute([this.keyPath, wtns, proof, signals], signal);
      return { proof: this.#json(proof, "proof.json"), signals: this.#json(signals, "public.json") };
    } finally {
      rmSync(directory, { recursive: true, force: true });
      removed();
    }
  }

  #execute(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const timeoutMs = this.options.timeoutMs ?? TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, args, { stdio: ["ignore", "ignore", "pipe"] });
      let [errors, timedOut] = ["", false];
      child.stderr.setEncoding("utf8").on("data", (text: string) => { errors = (errors + text).slice(-MAX_STDERR); });
      const kill = (): void => { child.kill("SIGKILL"); };
      const timer = setTimeout(() => {
        timedOut = true;
        kill();
      }, timeoutMs);
      signal?.addEventListener("abort", kill, { once: true });
      if (signal?.aborted === true) kill();
      const end = (error: AssayError | undefined): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", kill);
        if (error === undefined) resolve();
        else reject(error);
      };
      child.on("error", (cause) => { end(this.#failed(`cannot be run: ${cause.message}`, "give the path of an executable to --prover or ASSAY_PROVER")); });
      // Of the program itself: what it started may hold its stderr open.
      child.on("exit", (code, killedBy) => {
        child.stderr.destroy();
        if (signal?.aborted === true) end(new AssayError("ABORTED", "aborted", { where: this.program }));
        else if (timedOut) end(this.#failed(`did not finish in ${(timeoutMs / 1000).toString()} s`));
        else if (code !== 0) end(this.#failed(`ended with ${killedBy ?? `exit code ${String(code)}`}${lastLine(errors)}`));
        else end(undefined);
      });
    });
  }

  #json(path: string, name: string): unknown {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) throw this.#failed(`wrote no ${name}`);
    if (found.size > MAX_OUTPUT_BYTES) return this.#malformed(`${name} is too large`);
    try {
      // Some provers end the text with a zero byte.
      return JSON.parse(readFileSync(path, "utf8").replace(/\0+$/, ""));
    } catch {
      return this.#malformed(`${name} is no JSON`);
    }
  }

  #failed(message: string, hint = "run it by hand, or leave it out: Assay has a prover of its own"): AssayError {
    return new AssayError("PROVER_FAILED", `the external prover ${message}`, { where: this.program, hint });
  }

  #malformed(message: string): never {
    throw new AssayError("PROOF_MALFORMED", `the external prover's ${message}`, { where: this.program });
  }

  #wrong(message: string): AssayError {
    return new AssayError("PROOF_INVALID", `the external prover is wrong: ${message}`, { where: this.program, hint: "check that it reads keys and witnesses as snarkjs writes them" });
  }
}

function lastLine(errors: string): string {
  const line = errors.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${printableLine(line.slice(0, MAX_WORDS))}`;
}

/** With the fields that count; rapidsnark leaves out the curve. */
function normalProof(value: unknown): (SnarkjsProof & Proof) | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { protocol, curve, pi_a, pi_b, pi_c } = value as Readonly<Record<string, unknown>>;
  if (protocol !== "groth16" || (curve !== undefined && curve !== "bn128")) return undefined;
  return { protocol, curve: "bn128", pi_a, pi_b, pi_c } as SnarkjsProof;
}
