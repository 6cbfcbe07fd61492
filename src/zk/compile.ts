/** ONNX file → program → circuit → keys, into a directory that is whole or absent. */
import { createHash } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { cacheDirectory } from "../files.js";
import { fillDirectory } from "../filling.js";
import { type FixedShapes, fixShapes } from "../onnx/fixShapes.js";
import { readModelBytes } from "../onnx/read.js";
import { assertReplaceable } from "../outputDirectory.js";
import type { WorkerPool } from "../pool/index.js";
import type { Progress } from "../progress.js";
import { canonicalJson, encodeProgram } from "../program/encoding.js";
import { modelIdOf } from "../program/steps/index.js";
import type { Fidelity } from "../quantize/fidelity.js";
import { quantizeModel, type QuantizedModel, type QuantizeRequest } from "../quantize/quantizeModel.js";
import { type Choice, chooseCircuit } from "./circuit/choose.js";
import type { Circuit } from "./circuit/circuit.js";
import { type CompiledModel, FILES, fileHash, type FileRole, FORMAT, MANIFEST, type Manifest, manifestHash, pathIn, provingKeyPath, readCompiled, readManifest } from "./compiledModel.js";
import { toHex } from "./bundle.js";
import { auditCeremonyKey, ceremonySetup, checkPtau, exportAnyVerificationKey } from "./keys/index.js";
import { makeDevKeys } from "./proofSystem.js";
import { assertProvable } from "./feasibility.js";
import { openingOf, PRIVATE_ROLES, PRIVATE_WEIGHTS, readPrivateWeights, saltedHash, type WeightsOpening, writePrivateWeights } from "./privateWeights.js";
import type { Protocol } from "./protocol.js";
import { prepareCircuit } from "./prepareCircuit.js";
import { domainPower } from "./r1cs.js";
import { writeR1cs } from "./r1csFile.js";
import { assertVariant, type Base, readBase, shareFiles, variantManifest } from "./variant.js";
import type { Visibilities } from "./visibility.js";

export interface CompileOptions extends QuantizeRequest {
  readonly visibilities: Visibilities;
  /** Shapes of inputs that the file leaves open. */
  readonly shapes?: FixedShapes;
  /** Default: the faster one for this model. */
  readonly protocol?: Protocol;
  /** Where to put the result; default: the cache, by content hash. */
  readonly directory?: string;
  /** A prepared .ptau for keys that are not made by one party, groth16 only; default: a dev key. */
  readonly ptauPath?: string;
  /** Compiled directory of a base model with committed weights: this model becomes its variant, with the same program and keys. */
  readonly like?: string;
  /** Called before work on a new circuit starts. */
  readonly onPlan?: (choice: Choice) => void;
  readonly pool: () => WorkerPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

export interface CompileResult {
  readonly model: CompiledModel;
  /** True when a directory made from the same content was found. */
  readonly reused: boolean;
  /** How far the program is from the float model, on calibration samples; undefined for a variant, which needs none. */
  readonly fidelity: Fidelity | undefined;
  /** Of a variant: committed weights that the base's types have no room for, by node; clamped. */
  readonly clampedWeights: Readonly<Record<string, number>>;
}

export async function compile(modelPath: string, options: CompileOptions): Promise<CompileResult> {
  const { progress } = options;
  const bytes = fixShapes(await readModelBytes(modelPath), options.shapes ?? new Map());
  const base = options.like === undefined ? undefined : readBase(options.like, options.directory);
  const quantized = await quantizeModel(bytes, modelPath, { ...publicRequest(options), recorded: base?.record }, progress, options);
  if (base !== undefined) return compileVariant(base, bytes, quantized, options);
  const choice = choose(quantized, options);
  assertProvable(choice.plan.constraints, choice.domainPower, modelPath);
  const setup = options.ptauPath === undefined ? "dev" : fileHash(options.ptauPath);
  const contentHash = hashContent(quantized, { choices: choice.choices, setup });
  return into(options.directory, contentHash, quantized, async (fill) => {
    const opening = openingOf(quantized.program);
    options.onPlan?.(choice);
    const circuit = await prepareCircuit(quantized.program, quantized.intervals, choice.choices, options.pool, progress);
    await fill(async (temporary) => {
      writeSources(temporary, bytes, quantized, opening);
      await progress.stage("r1cs", () => writeR1cs(pathIn(temporary, "circuit"), circuit.r1cs));
      await makeKeys(temporary, circuit, options);
      return describe(temporary, quantized, circuit, choice, options, opening, contentHash);
    });
  });
}

/** The same program, circuit and keys as the base; its own weights, salt and commitment. */
async function compileVariant(base: Base, bytes: Uint8Array, quantized: QuantizedModel, options: CompileOptions): Promise<CompileResult> {
  assertVariant(base, quantized.program);
  const contentHash = hashContent(quantized, { like: base.model.manifest.hash });
  return into(options.directory, contentHash, quantized, async (fill) => {
    const opening = openingOf(quantized.program);
    await fill((temporary) => {
      writeSources(temporary, bytes, quantized, opening);
      shareFiles(base, temporary);
      return Promise.resolve(variantManifest(base, opening, contentHash));
    });
  });
}

type Fill = (write: (temporary: string) => Promise<Manifest>) => Promise<void>;

/** The directory of this content: as it is where it was made before, else as `make` fills it. */
async function into(given: string | undefined, contentHash: string, { clampedWeights, fidelity }: QuantizedModel, make: (fill: Fill) => Promise<void>): Promise<CompileResult> {
  const directory = given ?? join(cacheDirectory(), "models", contentHash.slice(0, 32));
  const reusable = await reuse(directory, contentHash);
  if (reusable !== undefined) return { model: reusable, reused: true, clampedWeights, fidelity };
  assertReplaceable(directory, "a compiled model", MANIFEST);
  assertNoCeremony(directory);
  await make((write) =>
    fillDirectory(directory, [...Object.values(FILES), PRIVATE_WEIGHTS, MANIFEST], async (temporary) => {
      const manifest = await write(temporary);
      writeFileSync(join(temporary, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    }),
  );
  return { model: await readCompiled(directory), reused: false, clampedWeights, fidelity };
}

/** The compiled model in `directory` if it was made from the same content and is undamaged. */
async function reuse(directory: string, contentHash: string): Promise<CompiledModel | undefined> {
  try {
    const salt = readPrivateWeights(directory)?.salt;
    const expected = salt === undefined ? contentHash : saltedHash(contentHash, BigInt(salt));
    return readManifest(directory)?.contentHash === expected ? await readCompiled(directory) : undefined;
  } catch (error) {
    // Damaged or of another version: made anew.
    if (error instanceof AssayError && (error.code === "ARTEFACT_STALE" || error.code === "ARTEFACT_MISSING")) return undefined;
    throw error;
  }
}

/** A key that several people made is not given up for a dev key without a word. */
function assertNoCeremony(directory: string): void {
  if (setupOf(directory) !== "ceremony") return;
  throw new AssayError("BAD_USAGE", "the directory has a key of a ceremony, and another model or other options than that key is for", {
    where: directory,
    hint: "choose another directory with -o, or remove this one",
  });
}

/** Undefined where no manifest says. */
function setupOf(directory: string): Manifest["setup"] | undefined {
  try {
    return readManifest(directory)?.setup;
  } catch (error) {
    if (error instanceof AssayError && error.code === "ARTEFACT_STALE") return undefined;
    throw error;
  }
}

/** A given input may shape the program only if it is public anyway: the scales of a program tell its range. */
function publicRequest(options: CompileOptions): QuantizeRequest {
  const { inputs, outputs } = options.visibilities;
  return inputs === "public" && outputs === "public" ? options : { ...options, given: undefined };
}

function choose({ program, intervals }: QuantizedModel, { visibilities, protocol, ptauPath }: CompileOptions): Choice {
  if (ptauPath === undefined) return chooseCircuit(program, intervals, visibilities, protocol);
  if (protocol === "two-round") {
    throw new AssayError("BAD_USAGE", "compile makes keys from a .ptau for groth16 only", { hint: "compile without --ptau, then assay ceremony start" });
  }
  return { ...chooseCircuit(program, intervals, visibilities, "groth16"), reason: "keys from a .ptau" };
}

function hashContent({ graph, program, calibration }: QuantizedModel, origin: Readonly<Record<string, unknown>>): string {
  // Of committed weights the model id says nothing.
  const committed = createHash("sha256").update(encodeProgram(program).committed).digest("hex");
  const content = { format: FORMAT, file: graph.fileHash, modelId: modelIdOf(program), committed, calibration, ...origin };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

function writeSources(directory: string, bytes: Uint8Array, { program, record }: QuantizedModel, opening: WeightsOpening | undefined): void {
  const { structure, weights, tables, committed } = encodeProgram(program);
  writeFileSync(pathIn(directory, "model"), bytes, { mode: opening === undefined ? 0o666 : 0o600 });
  writeFileSync(pathIn(directory, "structure"), structure);
  writeFileSync(pathIn(directory, "weights"), weights);
  writeFileSync(pathIn(directory, "tables"), tables);
  if (opening === undefined) return;
  writeFileSync(pathIn(directory, "quantization"), `${JSON.stringify(record)}\n`, { mode: 0o600 });
  const [model, quantization] = PRIVATE_ROLES.map((role) => fileHash(pathIn(directory, role)));
  writePrivateWeights(directory, { salt: opening.salt.toString(), weights: toHex(committed), files: { model, quantization } });
}

async function makeKeys(directory: string, circuit: Circuit, options: CompileOptions): Promise<void> {
  const { progress, ptauPath, signal } = options;
  const keyPath = provingKeyPath(directory, circuit.choices.protocol);
  await progress.stage("keys", async (tick) => {
    const onProgress = (fraction: number): void => tick(fraction, 1);
    if (ptauPath === undefined) {
      await makeDevKeys(circuit, keyPath, { pool: options.pool(), onProgress, signal });
    } else {
      checkPtau(ptauPath, domainPower(circuit.r1cs));
      await ceremonySetup(pathIn(directory, "circuit"), ptauPath, keyPath, { onProgress });
      // Without it a damaged .ptau shows only as proofs that do not verify.
      const { passed, failures } = await auditCeremonyKey(pathIn(directory, "circuit"), ptauPath, keyPath);
      if (!passed) {
        throw new AssayError("PTAU_INVALID", `the key made from it does not fit the circuit: ${failures.join("; ")}`, {
          where: ptauPath,
          hint: "check the file with snarkjs powersoftau verify",
        });
      }
    }
    const key = await exportAnyVerificationKey(keyPath);
    writeFileSync(pathIn(directory, "verificationKey"), `${JSON.stringify(key, null, 1)}\n`);
  });
}

function describe(directory: string, quantized: QuantizedModel, circuit: Circuit, { choices, reason }: Choice, options: CompileOptions, opening: WeightsOpening | undefined, contentHash: string): Manifest {
  const isPrivate = (role: FileRole): boolean => opening !== undefined && PRIVATE_ROLES.some((hidden) => hidden === role);
  const roles = (Object.keys(FILES) as FileRole[]).filter((role) => !isPrivate(role) && statSync(pathIn(directory, role), { throwIfNoEntry: false }));
  const content: Omit<Manifest, "hash"> = {
    format: FORMAT,
    modelId: modelIdOf(quantized.program),
    choices,
    reason,
    setup: options.ptauPath === undefined ? "dev" : "ceremony",
    calibration: quantized.calibration,
    constraints: circuit.r1cs.constraintCount,
    domain: 2 ** domainPower(circuit.r1cs),
    publicSignals: circuit.layout.signalCount,
    weightsCommitment: opening?.commitment,
    contentHash: opening === undefined ? contentHash : saltedHash(contentHash, opening.salt),
    files: Object.fromEntries(roles.map((role) => [role, fileHash(pathIn(directory, role))])),
  };
  return { ...content, hash: manifestHash(content) };
}
