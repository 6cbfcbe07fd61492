/** Models that are proven: from .onnx to a verified proof. */
import { type Command, Option } from "commander";
import { parseCommitment, parseProofTarget } from "../options.js";
import { run } from "../run.js";
import { command, heavy, ptau, rpc, input, target, registrant, entry, programOptions, modelOptions, claimsOptions, layers } from "./options.js";

export function provingCommands(program: Command): void {
  modelOptions(command(program, "inspect <model>", "operators, shapes, parameters, what is supported, estimated constraints")).action(run(async () => (await import("../commands/inspect.js")).inspectCommand));
  modelOptions(heavy(program, "compile <model>", "quantize, assemble the circuit, make keys"))
    .addOption(ptau())
    .option("--like <dir>", "compiled base with committed weights, whose program and keys this variant of it shares")
    .option("-o, --output <dir>", "where to put it, default: the cache")
    .addOption(layers())
    .action(run(async () => (await import("../commands/compile.js")).compileCommand));
  modelOptions(heavy(program, "check <model>", "check every constraint for an input, and the output against onnxruntime"))
    .addOption(input())
    .option("--witness <file>", "also write the witness (.wtns), which holds all values, hidden ones too")
    .action(run(async () => (await import("../commands/check.js")).checkCommand));
  claimsOptions(modelOptions(heavy(program, "prove <model>", "prove one inference, or many; MODEL is an .onnx file or a compiled directory")))
    .addOption(new Option("--input <file>", "one input: JSON, .npy or IDX"))
    .addOption(new Option("--inputs <path>", "many: .npy or IDX with a leading axis, JSON lines, or a directory with an input a file"))
    .addOption(ptau())
    .addOption(new Option("--for <place>", "what the proof is for: CHAIN:VERIFIER:JOB:RECIPIENT, or claim:ID to settle a claim on --rpc").argParser(parseProofTarget))
    .addOption(registrant())
    .option("--prover <program>", "external prover of groth16 proofs, as rapidsnark; default: ASSAY_PROVER, else Assay's own")
    .option("-o, --output <dir>", "proof directory, default: ./proof; of many: where they go, default: ./proofs")
    .action(run(async () => (await import("../commands/prove.js")).proveCommand));
  heavy(program, "verify <dir>", "verify a proof directory, off chain or on chain, or all that prove --inputs made")
    .option("--chain", "ask the verifier contract")
    .addOption(rpc())
    .addOption(target())
    .addOption(entry())
    .addOption(new Option("--weights-commitment <hex>", "the weights that the proof must be for").argParser(parseCommitment))
    .action(run(async () => (await import("../commands/verify.js")).verifyCommand));
  modelOptions(heavy(program, "audit <model>", "rebuild the circuit and check a registered key against it"))
    .option("--chain", "the entry is on a chain")
    .addOption(rpc())
    .addOption(entry().makeOptionMandatory())
    .option("--ptau <file>", "the powers of tau that the key was made from; for a key that is not dev")
    .action(run(async () => (await import("../commands/audit.js")).auditCommand));
  programOptions(heavy(program, "evaluate <model>", "error and accuracy, quantized against float, over samples"))
    .requiredOption("--images <file>", "samples: IDX, .npy or JSON")
    .option("--labels <file>", "class numbers: IDX or .npy")
    .addOption(layers())
    .action(run(async () => (await import("../commands/evaluate.js")).evaluateCommand));
  command(program, "export-verifier <model>", "snarkjs' Solidity verifier of a compiled model")
    .option("-o, --output <file>", "default: verifier.sol in the compiled directory")
    .action(run(async () => (await import("../commands/exportVerifier.js")).exportVerifierCommand));
}
