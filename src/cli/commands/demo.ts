/** The main job on the bundled model: everything a user would do by hand, with the parts shown. */
import { join } from "node:path";
import { type Connection } from "../../chain/connect.js";
import { deployedAddresses } from "../../chain/deploy.js";
import { withChain } from "../../chain/node.js";
import { registerModel } from "../../chain/registerModel.js";
import { registrationOf } from "../../chain/registerCompiled.js";
import { type ChainVerdict, verifyDirectoryOnChain } from "../../chain/verifyDirectory.js";
import { readBytes } from "../../files.js";
import { FloatModel } from "../../onnx/runtime.js";
import { packageRoot } from "../../packageRoot.js";
import { argmax } from "../../quantize/accuracy.js";
import { readSample } from "../../samples/samples.js";
import type { ProofDirectory } from "../../zk/bundle.js";
import { type CompiledModel, pathIn } from "../../zk/compiledModel.js";
import { contextOf } from "../../zk/keyEncoding.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { outputValues, prove, solveWitness } from "../../zk/prove.js";
import { count, table, timingLines } from "../format.js";
import { compiledModel } from "../model.js";
import { contextFor } from "../options.js";
import { pictureLines } from "../picture.js";
import type { Session } from "../session.js";

const DIRECTORY = join(packageRoot(), "bench", "fashion");
const MODEL = join(DIRECTORY, "fashion_mlp.onnx");
const CALIBRATION = join(DIRECTORY, "fashion-calibration-200.images.idx3-ubyte.gz");
const IMAGE = join(DIRECTORY, "fashion-ankle-boot.json");

/** Fashion-MNIST's classes in the order of its labels (Xiao, Rasul, Vollgraf 2017). */
const CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

interface OnChain {
  readonly registrationGas: bigint;
  readonly honest: ChainVerdict;
  readonly tamperedProof: ChainVerdict;
  readonly tamperedOutput: ChainVerdict;
}

export async function demoCommand(session: Session): Promise<number> {
  const { stages } = session;
  const model = await compiledModel(session, MODEL, { calibration: CALIBRATION });
  const sample = readSample(IMAGE, model.graph.inputs);
  const [image] = sample;
  const logits = await stages.stage("float", () => floatLogits(model, sample));

  const circuit = await prepareCircuit(model.program, model.intervals, model.manifest.visibilities, session.pool, stages);
  const context = contextFor(model, undefined, undefined);
  const solved = await stages.stage("witness", () => solveWitness(circuit, sample, contextOf(context)));
  const provingKey = readBytes(pathIn(model.directory, "provingKey"));
  const { content } = await prove(model, circuit, provingKey, solved, context, stages);
  const outputs = outputValues(circuit, solved.outputs);
  const [proven] = Object.values(outputs);

  const chain = await stages.stage("chain", () => withChain(undefined, (connection) => onChain(connection, model, content)));
  const accepted = chain.honest.valid && !chain.tamperedProof.valid && !chain.tamperedOutput.valid;
  const { manifest } = model;
  session.print({ accepted, modelId: manifest.modelId, outputs, ...chain, timingsMs: stages.timingsMs }, [
    "An image, and a model that somebody else runs on it: 784 pixels, 784-128-10 perceptron, trained on Fashion-MNIST",
    ...pictureLines(image, 28, 28).map((line) => `    ${line}`),
    "What the float model says",
    ...classLines(logits),
    "",
    "What was proven (integers times the output's scale)",
    ...classLines(proven.dequantized ?? []),
    "",
    "On chain",
    ...table([
      ["  circuit", `${count(manifest.constraints)} constraints, ${manifest.publicSignals} public signals (all 784 pixels, 10 logits, the context)`],
      ["  key", "dev: made by this machine alone, marked so on chain"],
      ["  verifier", `${deployedAddresses().verifier} on an embedded anvil node`],
      ["  registration", `${count(chain.registrationGas)} gas`],
      ["  proof", chain.honest.valid ? `accepted, ${count(chain.honest.gasUsed ?? 0n)} gas` : "REJECTED"],
      ["  tampered proof", chain.tamperedProof.valid ? "ACCEPTED" : "rejected"],
      ["  tampered output", chain.tamperedOutput.valid ? "ACCEPTED" : "rejected"],
    ]),
    "",
    "Where the time went",
    ...timingLines(stages.timingsMs),
  ]);
  return accepted ? 0 : 1;
}

async function floatLogits(model: CompiledModel, sample: readonly Float32Array[]): Promise<readonly number[]> {
  const float = await FloatModel.load(model.modelBytes, model.graph.inputs, model.graph.outputs.map((output) => output.name));
  try {
    return [...(await float.run(sample))[0].data];
  } finally {
    await float.close();
  }
}

/** Registers the model, submits copies of the proof that were tampered with, then the proof. */
async function onChain(connection: Connection, model: CompiledModel, content: ProofDirectory): Promise<OnChain> {
  const { gasUsed: registrationGas } = await registerModel(connection, registrationOf(model, 0));
  const tamperedProof = await verifyDirectoryOnChain(connection, { ...content, proof: { ...content.proof, pi_a: content.proof.pi_c } });
  const tamperedOutput = await verifyDirectoryOnChain(connection, { ...content, bundle: withFlippedOutput(content.bundle) });
  const honest = await verifyDirectoryOnChain(connection, content);
  return { registrationGas, honest, tamperedProof, tamperedOutput };
}

/** One bit of the first output byte. */
function withFlippedOutput(bundle: ProofDirectory["bundle"]): ProofDirectory["bundle"] {
  const [first, ...rest] = bundle.outputs;
  const bytes = Buffer.from((first.data ?? "0x").slice(2), "hex");
  bytes[0] ^= 1;
  return { ...bundle, outputs: [{ ...first, data: `0x${bytes.toString("hex")}` }, ...rest] };
}

function classLines(logits: readonly number[]): string[] {
  const best = argmax(logits);
  return [...logits.keys()]
    .sort((a, b) => logits[b] - logits[a])
    .slice(0, 3)
    .map((i) => `  ${CLASSES[i].padEnd(12)} ${logits[i].toFixed(3).padStart(8)}${i === best ? "  <" : ""}`);
}
