#!/usr/bin/env node
/** The command `assay`: arguments in, exit code out. 0 done, 1 checked and found false, 2 bad usage or bad input. */
import { Command, CommanderError, Option } from "commander";
import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BENCH_PARTS } from "../bench/benchmark.js";
import { AssayError } from "../errors.js";
import { packageRoot } from "../packageRoot.js";
import { auditCommand } from "./commands/audit.js";
import { benchCommand } from "./commands/bench.js";
import {
  ceremonyBeaconCommand, ceremonyContributeCommand, ceremonyFinishCommand, ceremonyStartCommand, ceremonyVerifyCommand,
} from "./commands/ceremony.js";
import { challengeCommand } from "./commands/challenge.js";
import { checkCommand } from "./commands/check.js";
import { claimCommand } from "./commands/claim.js";
import { claimsCommand } from "./commands/claims.js";
import { commitCommand } from "./commands/commit.js";
import { compileCommand } from "./commands/compile.js";
import { demoCommand } from "./commands/demo.js";
import { deployCommand } from "./commands/deploy.js";
import { disputeCommand } from "./commands/dispute.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { exportVerifierCommand } from "./commands/exportVerifier.js";
import { inspectCommand } from "./commands/inspect.js";
import { operatorsCommand } from "./commands/operators.js";
import { proveCommand } from "./commands/prove.js";
import { proveFraudCommand } from "./commands/proveFraud.js";
import { registerCommand } from "./commands/register.js";
import { settleCommand } from "./commands/settle.js";
import { verifyCommand } from "./commands/verify.js";
import { watchCommand } from "./commands/watch.js";
import {
  parseAddress, parseBits, parseCommitment, parseCount, parseEntry, parseEther, parseGwei, parseHexBytes, parseId, parseIterations, parseLimit, parseMemory, parseNonce, parsePrecisionTarget, parseProofTarget, parseProtocol, parseRole, parseScale, parseSeconds, parseShape, parseTarget, parseUrls, parseVisibility, parseWeights, parseWorkers,
} from "./options.js";
import { Session } from "./session.js";

/** How long an interrupted job may take to clean up. */
const GRACE_MS = 800;
const INTERRUPTED = 130;

type Handler<A extends unknown[]> = (session: Session, ...args: A) => Promise<number>;

let exitCode = 0;

function run<A extends unknown[]>(handler: Handler<A>) {
  return async (...args: [...A, Command]): Promise<void> => {
    const command = args[args.length - 1] as Command;
    const { json, workers, memory } = command.opts<{ json?: boolean; workers?: number; memory?: number }>();
    const session = new Session(json === true, interruptSignal(), { size: workers, memoryMiB: memory });
    try {
      exitCode = await handler(session, ...(args.slice(0, -1) as A));
    } catch (error) {
      exitCode = report(error);
    } finally {
      await session.close();
    }
  };
}

/** Aborts on Ctrl-C; ends the process if the work does not stop by itself. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  // Every task of the pool listens.
  setMaxListeners(0, controller.signal);
  const stop = (): void => {
    controller.abort();
    setTimeout(() => process.exit(INTERRUPTED), GRACE_MS).unref();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, stop);
  return controller.signal;
}

function report(error: unknown): number {
  if (error instanceof AssayError) {
    process.stderr.write(`${error.format()}\n`);
    return error.code === "ABORTED" ? INTERRUPTED : error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error INTERNAL: ${message}\n  try: this is a defect of Assay; please report it with the command that shows it\n`);
  if (process.env.ASSAY_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  return 2;
}

function command(program: Command, usage: string, summary: string): Command {
  return program.command(usage).description(summary).option("--json", "print one JSON object on stdout");
}

const calibration = (): Option => new Option("--calibration <file>", "samples (IDX, .npy, JSON) that show the ranges of activations");
/** With several models: FILE or MODEL=FILE, several times. */
const perModel = (option: Option): Option => {
  option.description += "; MODEL=FILE for one of the models, several times";
  return option.argParser((text: string, before?: readonly string[]) => [...(before ?? []), text]);
};
const scale = (): Option => new Option("--scale <factor>", "factor for IDX bytes, default 1/255").argParser(parseScale);
const ptau = (): Option => new Option("--ptau <file>", "prepared powers of tau, instead of a dev key");
const rpc = (): Option => new Option("--rpc <url>", "JSON-RPC endpoint, default: an embedded node");
const input = (): Option => new Option("--input <file>", "one input: JSON, .npy or IDX").makeOptionMandatory();
const target = (): Option => new Option("--for <chain:verifier:job:recipient>", "what the proof is for").argParser(parseTarget);
const registrant = (): Option =>
  new Option("--registrant <address>", "who registers the entry, default: the embedded node's account").argParser(parseAddress);
const protocol = (): Option => new Option("--protocol <name>", "groth16 or two-round, default: the faster one").argParser(parseProtocol);
const entry = (): Option => new Option("--entry <id>", "registry entry").argParser(parseEntry);

/** A command whose work goes to several threads. */
function heavy(program: Command, usage: string, summary: string): Command {
  return command(program, usage, summary)
    .addOption(new Option("--workers <n>", "threads, default: as many as the machine runs at once").argParser(parseWorkers))
    .addOption(new Option("--memory <MB>", "most JavaScript heap of each thread, default: Node's").argParser(parseMemory));
}

/** Options that shape the program. */
function programOptions(to: Command, samples = calibration()): Command {
  return to
    .addOption(samples)
    .addOption(scale())
    .addOption(new Option("--target <goal>", "accuracy (default): 16 bits where 8 lose too much; size: 8 bits").argParser(parsePrecisionTarget))
    .addOption(new Option("--bits <n>", "8 or 16 bits for all activations and weights").argParser(parseBits))
    .addOption(new Option("--shape <input=dims>", "shape of an input that the file leaves open, as x=1,3,48,192").argParser(parseShape));
}

function modelOptions(to: Command, samples = calibration()): Command {
  return programOptions(to, samples)
    .addOption(new Option("--input-visibility <v>", "public, hashed or private").argParser(parseVisibility))
    .addOption(new Option("--output-visibility <v>", "public, hashed or private").argParser(parseVisibility))
    .addOption(new Option("--weights <choice>", "fixed, committed, or committed:NAME,NAME (nodes or tensors), default: fixed").argParser(parseWeights))
    .addOption(protocol());
}

/** Where claims are: endpoints, contract, and what transactions may cost. */
function claimsOptions(to: Command): Command {
  return to
    .addOption(new Option("--rpc <url>", "JSON-RPC endpoint, several times: compared with each other").argParser(parseUrls))
    .addOption(new Option("--claims <address>", "claims contract, default: where deploy puts it").argParser(parseAddress));
}

const maxFee = (): Option => new Option("--max-fee <gwei>", "most that a transaction may offer for gas, default: 500").argParser(parseGwei);
const models = (): Option => new Option("--models <dir>", "committed models, or one of them; default: those in the cache");
const traces = (): Option => new Option("--traces <dir>", "where executions are kept, default: the cache");

/** Of the claims contract; every set of parameters has an address of its own. */
function deployOptions(to: Command): Command {
  return to
    .addOption(new Option("--window <seconds>", "time to challenge a claim, default: a day").argParser(parseSeconds))
    .addOption(new Option("--clock <seconds>", "time of each side in a game, default: half a day").argParser(parseSeconds))
    .addOption(new Option("--grace <seconds>", "of each move that no clock counts, default: ten minutes").argParser(parseSeconds))
    .addOption(new Option("--claim-bond <ether>", "default: 1").argParser(parseEther))
    .addOption(new Option("--challenge-bond <ether>", "default: 0.2").argParser(parseEther))
    .addOption(new Option("--stated-price <gwei>", "most that a unit of gas is paid back with, default: 50").argParser(parseGwei))
    .addOption(new Option("--worst-gas <gas>", "most gas of a side's moves that is paid back, default: 4000000").argParser(parseNonce))
    .option("--no-dev", "a registry that takes no dev keys, at addresses of its own")
    .option("--allow-dev-entries", "let proofs under dev keys settle claims: for development, as those keys' makers can forge");
}

const layers = (): Option => new Option("--layers", "the error of every layer");

/** Phase 2 of real keys, by several people in turn. */
function ceremonyCommands(program: Command): void {
  const group = program.command("ceremony").description("make a key together with others, so that nobody can forge unless all of them do");
  const ofModel = (to: Command): Command =>
    to.requiredOption("--model <dir>", "the compiled model").requiredOption("--ptau <file>", "the powers of tau that it was started from");
  modelOptions(command(group, "start <model>", "the first key, from prepared powers of tau"))
    .requiredOption("--ptau <file>", "prepared powers of tau (snarkjs powersoftau)")
    .option("-o, --output <dir>", "where to put it, default: ./ceremony")
    .action(run(ceremonyStartCommand));
  command(group, "contribute <dir>", "mix in randomness of this machine, which nobody ever sees")
    .requiredOption("--name <name>", "the contributor, for the transcript")
    .action(run(ceremonyContributeCommand));
  command(group, "beacon <dir>", "end with a public random value that nobody knew before")
    .addOption(new Option("--value <hex>", "the public value").argParser(parseHexBytes).makeOptionMandatory())
    .addOption(new Option("--iterations <n>", "it is hashed 2^n times").argParser(parseIterations).default(10))
    .option("--name <name>", "for the transcript", "beacon")
    .action(run(ceremonyBeaconCommand));
  ofModel(command(group, "verify <dir>", "check every contribution and every point of the key")).action(run(ceremonyVerifyCommand));
  ofModel(command(group, "finish <dir>", "verify, and make the key the compiled model's"))
    .addOption(new Option("--contributions <n>", "fewest that there must be, default: 1").argParser(parseCount))
    .action(run(ceremonyFinishCommand));
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}

function buildProgram(): Command {
  const program = new Command("assay").description("Makes a model's output checkable by people who do not trust whoever ran it.").version(version());
  // Subcommands inherit this, so it comes first. Bad usage throws, and stdout stays clean for --json.
  program.exitOverride().configureOutput({ writeErr: (text) => process.stderr.write(text) });
  modelOptions(command(program, "inspect <model>", "operators, shapes, parameters, what is supported, estimated constraints")).action(run(inspectCommand));
  modelOptions(heavy(program, "compile <model>", "quantize, assemble the circuit, make keys"))
    .addOption(ptau())
    .option("--like <dir>", "compiled base with committed weights, whose program and keys this variant of it shares")
    .option("-o, --output <dir>", "where to put it, default: the cache")
    .addOption(layers())
    .action(run(compileCommand));
  modelOptions(heavy(program, "check <model>", "check every constraint for an input, and the output against onnxruntime"))
    .addOption(input())
    .option("--witness <file>", "also write the witness (.wtns), which holds all values, hidden ones too")
    .action(run(checkCommand));
  claimsOptions(modelOptions(heavy(program, "prove <model>", "prove one inference, or many; MODEL is an .onnx file or a compiled directory")))
    .addOption(new Option("--input <file>", "one input: JSON, .npy or IDX"))
    .addOption(new Option("--inputs <path>", "many: .npy or IDX with a leading axis, JSON lines, or a directory with an input a file"))
    .addOption(ptau())
    .addOption(new Option("--for <place>", "what the proof is for: CHAIN:VERIFIER:JOB:RECIPIENT, or claim:ID to settle a claim on --rpc").argParser(parseProofTarget))
    .addOption(registrant())
    .option("--prover <program>", "external prover of groth16 proofs, as rapidsnark; default: ASSAY_PROVER, else Assay's own")
    .option("-o, --output <dir>", "proof directory, default: ./proof; of many: where they go, default: ./proofs")
    .action(run(proveCommand));
  heavy(program, "verify <dir>", "verify a proof directory, off chain or on chain, or all that prove --inputs made")
    .option("--chain", "ask the verifier contract")
    .addOption(rpc())
    .addOption(target())
    .addOption(entry())
    .addOption(new Option("--weights-commitment <hex>", "the weights that the proof must be for").argParser(parseCommitment))
    .action(run(verifyCommand));
  modelOptions(heavy(program, "audit <model>", "rebuild the circuit and check a registered key against it"))
    .option("--chain", "the entry is on a chain")
    .addOption(rpc())
    .addOption(entry().makeOptionMandatory())
    .addOption(ptau())
    .action(run(auditCommand));
  programOptions(heavy(program, "evaluate <model>", "error and accuracy, quantized against float, over samples"))
    .requiredOption("--images <file>", "samples: IDX, .npy or JSON")
    .option("--labels <file>", "class numbers: IDX or .npy")
    .addOption(layers())
    .action(run(evaluateCommand));
  ceremonyCommands(program);
  modelOptions(command(program, "bench [models...]", "time, memory, sizes, constraints and gas of proofs and claims, stage by stage; without models the bundled ones"), perModel(calibration()))
    .addOption(perModel(new Option("--input <file>", "one input, default: the first calibration sample")))
    .addOption(new Option("--runs <n>", "medians of so many runs, default: 3").argParser(parseCount))
    .addOption(new Option("--only <part>", "one of the two paths").choices(BENCH_PARTS))
    .option("-o, --output <dir>", "also write bench.json, bench.md and bench.html there")
    .option("--compare <file>", "an older bench.json, to show what changed")
    .addOption(new Option("--fail-above <percent>", "exit 1 where a figure grew by more, or what could be measured no longer can; several times, as 10, gas=0.1 (kinds: time, memory, size, gas, constraints)").argParser(parseLimit))
    .action(run(benchCommand));
  command(program, "operators", "the ONNX operators that are supported").action(run(operatorsCommand));
  command(program, "export-verifier <model>", "snarkjs' Solidity verifier of a compiled model")
    .option("-o, --output <file>", "default: verifier.sol in the compiled directory")
    .action(run(exportVerifierCommand));
  programOptions(heavy(program, "commit <model>", "commit to a model for claims: its id, what its steps cost on chain, files to check claims with"))
    .option("-o, --output <dir>", "where to put it, default: the cache, where watch looks")
    .option("--steps", "what each step costs")
    .action(run(commitCommand));
  claimsOptions(programOptions(heavy(program, "claim <model>", "execute, and claim the output under bond; without --rpc on an embedded node")))
    .addOption(input())
    .addOption(new Option("--bond <ether>", "default: the least that the contract takes").argParser(parseEther))
    .addOption(new Option("--nonce <n>", "to claim the same output again").argParser(parseNonce))
    .addOption(new Option("--entry <id>", "registry entry whose proofs may settle the claim").argParser(parseEntry))
    .addOption(new Option("--consumer <address>", "contract to tell of the claim's finality").argParser(parseAddress))
    .addOption(traces())
    .addOption(maxFee())
    .action(run(claimCommand));
  claimsOptions(heavy(program, "watch", "recompute every claim, challenge wrong ones and play every game to its end"))
    .addOption(models())
    .addOption(traces())
    .addOption(new Option("--as <role>", "watcher (default): challenge the claims of others; operator: defend one's own").argParser(parseRole))
    .addOption(maxFee())
    .option("--once", "do what can be done now, instead of going on")
    .action(run(watchCommand));
  claimsOptions(heavy(program, "challenge", "recompute one claim, and open a game unless it is right").argument("<claim>", "its id", parseId))
    .addOption(models())
    .addOption(traces())
    .addOption(maxFee())
    .action(run(challengeCommand));
  claimsOptions(command(program, "claims", "the claims that can still matter")).addOption(models()).action(run(claimsCommand));
  claimsOptions(command(program, "dispute", "a game's state in the model's own terms").argument("<id>", "of a game, or of a claim for all its games", parseId))
    .addOption(models())
    .addOption(traces())
    .action(run(disputeCommand));
  claimsOptions(command(program, "prove-fraud", "defeat a claim in one transaction by a wrong element of its operator's trace").argument("<claim>", "its id", parseId))
    .addOption(new Option("--trace <dir>", "the operator's trace").makeOptionMandatory())
    .addOption(models())
    .addOption(traces())
    .addOption(maxFee())
    .action(run(proveFraudCommand));
  claimsOptions(command(program, "settle", "end a claim by a zero-knowledge proof under the entry that it named").argument("<claim>", "its id", parseId))
    .addOption(new Option("--proof <dir>", "proof directory, made by prove --for claim:ID").makeOptionMandatory())
    .addOption(maxFee())
    .action(run(settleCommand));
  deployOptions(command(program, "deploy", "deploy registry, verifiers and claims to a chain").addOption(rpc().makeOptionMandatory())).action(run(deployCommand));
  heavy(program, "register <model>", "register a compiled model's key on a chain").addOption(rpc().makeOptionMandatory()).action(run(registerCommand));
  command(program, "demo", "the whole way on the bundled model").action(run(demoCommand));
  return program;
}

async function main(): Promise<void> {
  try {
    await buildProgram().parseAsync();
  } catch (error) {
    // Commander has printed its message already.
    exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : report(error);
  }
  process.exitCode = exitCode;
}

// A reader that went away is no defect; a full disk behind stdout is the user's to know.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.stderr.write(`error FILE_NOT_WRITABLE: cannot write to stdout: ${error.message}\n`);
  process.exit(2);
});

await main();
