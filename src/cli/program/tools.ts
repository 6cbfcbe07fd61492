/** What both paths need: contracts on a chain, benchmarks, what is supported. */
import { type Command, Option } from "commander";
import { BENCH_PARTS } from "../../bench/figures.js";
import { parseCount, parseEther, parseGwei, parseLimit, parseNonce, parseSeconds } from "../options.js";
import { run } from "../run.js";
import { command, heavy, calibration, perModel, modelOptions } from "./options.js";

/** There is no embedded node to write to: it would be gone with the command. */
const onChain = (): Option => new Option("--rpc <url>", "JSON-RPC endpoint").makeOptionMandatory();

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

export function toolCommands(program: Command): void {
  deployOptions(command(program, "deploy", "deploy registry, verifiers and claims to a chain"))
    .addOption(onChain())
    .action(run(async () => (await import("../commands/deploy.js")).deployCommand));
  heavy(program, "register <model>", "register a compiled model's key on a chain")
    .addOption(onChain())
    .action(run(async () => (await import("../commands/register.js")).registerCommand));
  modelOptions(command(program, "bench [models...]", "time, memory, sizes, constraints and gas of proofs and claims, stage by stage, always on all cores; without models the bundled ones"), perModel(calibration()))
    .addOption(perModel(new Option("--input <file>", "one input, default: the first calibration sample")))
    .addOption(new Option("--runs <n>", "medians of so many runs, default: 3").argParser(parseCount))
    .addOption(new Option("--only <part>", "measure one of the two paths").choices(BENCH_PARTS))
    .option("-o, --output <dir>", "also write bench.json, bench.md and bench.html there")
    .option("--compare <file>", "an older bench.json, to show what changed")
    .addOption(new Option("--fail-above <percent>", "exit 1 where a figure grew by more, or what could be measured no longer can; several times, as 10, gas=0.1 (kinds: time, memory, size, gas, constraints)").argParser(parseLimit))
    .action(run(async () => (await import("../commands/bench.js")).benchCommand));
  command(program, "operators", "the ONNX operators that are supported").action(run(async () => (await import("../commands/operators.js")).operatorsCommand));
  command(program, "demo", "the whole way on the bundled model").action(run(async () => (await import("../commands/demo.js")).demoCommand));
}
