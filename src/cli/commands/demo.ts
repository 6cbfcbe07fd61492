/** The main job on the bundled model: everything a user would do by hand, with the parts shown, for both proof systems. */
import { join } from "node:path";
import { type Connection } from "../../chain/connect.js";
import { withChain } from "../../chain/node.js";
import { registerModel } from "../../chain/registerModel.js";
import { registrationOf } from "../../chain/registerCompiled.js";
import { type ChainVerdict, verifyDirectoryOnChain } from "../../chain/verifyDirectory.js";
import { FloatModel } from "../../onnx/runtime.js";
import { packageRoot } from "../../packageRoot.js";
import { Stages } from "../../progress.js";
import { argmax } from "../../quantize/accuracy.js";
import { readSample, type Sample } from "../../samples/samples.js";
import type { ProofDirectory } from "../../zk/bundle.js";
import { type CompiledModel, provingKeyPath } from "../../zk/compiledModel.js";
import { isTwoRound, type Proof } from "../../zk/keyEncoding.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { loadProver } from "../../zk/proofSystem.js";
import { type Protocol, PROTOCOLS } from "../../zk/protocol.js";
import { outputValues, type OutputValues, prove } from "../../zk/prove.js";
import { claimsDemoLines, demoClaims } from "../demoClaims.js";
import { count, seconds, table, timingLines } from "../format.js";
import { compiledModel } from "../../api/model.js";
import { destination } from "../../api/target.js";
import { pictureLines } from "../picture.js";
import { Session } from "../session.js";

const DIRECTORY = join(packageRoot(), "bench", "fashion");
const MODEL = join(DIRECTORY, "fashion_mlp.onnx");
/** Claimed where the first one is proven. */
const CLAIMED_MODEL = join(DIRECTORY, "fashion_resnet8.onnx");
const CALIBRATION = join(DIRECTORY, "fashion-calibration-200.images.idx3-ubyte.gz");
const IMAGE = join(DIRECTORY, "fashion-ankle-boot.json");

/** Fashion-MNIST's classes in the order of its labels (Xiao, Rasul, Vollgraf 2017). */
const CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

/** What one proof system made of the model. */
interface SystemRun {
  readonly protocol: Protocol;
  readonly constraints: number;
  readonly domain: number;
  readonly publicSignals: number;
  readonly keysMs: number;
  readonly proofMs: number;
  readonly outputs: Readonly<Record<string, OutputValues>>;
  readonly registrationGas: bigint;
  readonly honest: ChainVerdict;
  readonly tamperedProof: ChainVerdict;
  readonly tamperedOutput: ChainVerdict;
}

export async function demoCommand(session: Session): Promise<number> {
  const { stages } = session;
  const preferred = await compiledModel(session, MODEL, { calibration: CALIBRATION });
  const sample = readSample(IMAGE, preferred.graph.inputs);
  const logits = await stages.stage("float", () => floatLogits(preferred, sample));
  const chosen = preferred.manifest.choices.protocol;
  const runs = await withChain(undefined, async (connection) => {
    const results: SystemRun[] = [];
    for (const protocol of [chosen, ...PROTOCOLS.filter((other) => other !== chosen)]) results.push(await runSystem(session, connection, protocol, sample));
    return results;
  });
  const claims = await demoClaims(session, CLAIMED_MODEL, CALIBRATION, IMAGE);
  const proofsJudged = runs.every((run) => run.honest.valid && !run.tamperedProof.valid && !run.tamperedOutput.valid);
  const accepted = proofsJudged && claims.honestIsFinal && claims.dispute.status === "Defeated";
  const [proven] = Object.values(runs[0].outputs);
  session.print({ accepted, modelId: preferred.manifest.modelId, systems: runs, claims, timingsMs: stages.timingsMs }, [
    "An image, and a model that somebody else runs on it: 784 pixels, 784-128-10 perceptron, trained on Fashion-MNIST",
    ...pictureLines(sample[0], 28, 28).map((line) => `    ${line}`),
    "What the float model says",
    ...classLines(logits),
    "",
    "What was proven (integers times the output's scale)",
    ...classLines(proven.dequantized ?? []),
    "",
    `Proven and verified by contracts on an embedded EVM node; ${chosen} is the default: ${preferred.manifest.reason}`,
    ...comparison(runs),
    "  keys: dev, made by this machine alone and marked so on chain; whoever made them could forge",
    "",
    ...claimsDemoLines(claims),
    "",
    "Where the time went",
    ...timingLines(stages.timingsMs),
  ]);
  return accepted ? 0 : 1;
}

async function floatLogits(model: CompiledModel, sample: Sample): Promise<readonly number[]> {
  const float = await FloatModel.load(model.modelBytes, model.graph.inputs, model.graph.outputs.map((output) => output.name));
  try {
    return [...(await float.run(sample))[0].data];
  } finally {
    await float.close();
  }
}

async function runSystem(session: Session, connection: Connection, protocol: Protocol, sample: Sample): Promise<SystemRun> {
  const { stages } = session;
  const model = await compiledModel(session, MODEL, { calibration: CALIBRATION, protocol });
  const { manifest, verificationKey, directory } = model;
  const circuit = await prepareCircuit(model.program, model.intervals, manifest.choices, session.pool, stages);
  const prover = await stages.stage("load keys", () => loadProver(circuit, provingKeyPath(directory, protocol), verificationKey, manifest.setup));
  const own = new Stages();
  const { content, execution } = await stages.stage("prove", () => prove(model, circuit, prover, sample, destination(protocol, undefined, undefined), own));
  return stages.stage("chain", async () => ({
    protocol,
    constraints: manifest.constraints,
    domain: manifest.domain,
    publicSignals: manifest.publicSignals,
    keysMs: stages.timingsMs.keys,
    proofMs: own.timingsMs.proof,
    outputs: outputValues(circuit, execution.outputs),
    registrationGas: (await registerModel(connection, registrationOf(model))).gasUsed,
    tamperedProof: await verifyDirectoryOnChain(connection, { ...content, proof: withSwappedPoints(content.proof) }),
    tamperedOutput: await verifyDirectoryOnChain(connection, { ...content, bundle: withFlippedOutput(content.bundle) }),
    honest: await verifyDirectoryOnChain(connection, content),
  }));
}

/** One point of the proof in the place of another: still on the curve. */
function withSwappedPoints(proof: Proof): Proof {
  return isTwoRound(proof) ? { ...proof, pi_c0: proof.pi_c1, pi_c1: proof.pi_c0 } : { ...proof, pi_a: proof.pi_c };
}

/** One bit of the first output byte. */
function withFlippedOutput(bundle: ProofDirectory["bundle"]): ProofDirectory["bundle"] {
  const [first, ...rest] = bundle.outputs;
  const bytes = Buffer.from((first.data ?? "0x").slice(2), "hex");
  bytes[0] ^= 1;
  return { ...bundle, outputs: [{ ...first, data: `0x${bytes.toString("hex")}` }, ...rest] };
}

function comparison(runs: readonly SystemRun[]): string[] {
  const verdict = (chain: ChainVerdict): string => (chain.valid ? "accepted" : "rejected");
  const row = (name: string, value: (run: SystemRun) => string): [string, string] => [`  ${name}`, runs.map((run) => value(run).padEnd(20)).join("")];
  return table([
    row("", ({ protocol }) => protocol),
    row("constraints", ({ constraints, domain }) => `${count(constraints)} (2^${Math.log2(domain)})`),
    row("public signals", ({ publicSignals }) => count(publicSignals)),
    row("proof", ({ proofMs }) => seconds(proofMs)),
    row("registration", ({ registrationGas }) => `${count(registrationGas)} gas`),
    row("verification", ({ honest }) => (honest.gasUsed === undefined ? "-" : `${count(honest.gasUsed)} gas`)),
    row("the proof", ({ honest }) => verdict(honest)),
    row("a tampered proof", ({ tamperedProof }) => verdict(tamperedProof)),
    row("a tampered output", ({ tamperedOutput }) => verdict(tamperedOutput)),
  ]);
}

function classLines(logits: readonly number[]): string[] {
  const best = argmax(logits);
  return [...logits.keys()]
    .sort((a, b) => logits[b] - logits[a])
    .slice(0, 3)
    .map((i) => `  ${CLASSES[i].padEnd(12)} ${logits[i].toFixed(3).padStart(8)}${i === best ? "  <" : ""}`);
}
