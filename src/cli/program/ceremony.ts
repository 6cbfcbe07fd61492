/** Keys made by several people. */
import { type Command, Option } from "commander";
import { parseCount, parseHexBytes, parseIterations } from "../options.js";
import { run } from "../run.js";
import { command, modelOptions } from "./options.js";

/** Phase 2 of real keys, by several people in turn. */
export function ceremonyCommands(program: Command): void {
  const group = program.command("ceremony").description("make a key together with others, so that nobody can forge unless all of them do");
  const ofModel = (to: Command): Command =>
    to.requiredOption("--model <dir>", "the compiled model").requiredOption("--ptau <file>", "the powers of tau that it was started from");
  modelOptions(command(group, "start <model>", "the first key, from prepared powers of tau"))
    .requiredOption("--ptau <file>", "prepared powers of tau (snarkjs powersoftau)")
    .option("-o, --output <dir>", "where to put it, default: ./ceremony")
    .action(run(async () => (await import("../commands/ceremony.js")).ceremonyStartCommand));
  command(group, "contribute <dir>", "mix in randomness of this machine, which nobody ever sees")
    .requiredOption("--name <name>", "the contributor, for the transcript")
    .action(run(async () => (await import("../commands/ceremony.js")).ceremonyContributeCommand));
  command(group, "beacon <dir>", "end with a public random value that nobody knew before")
    .addOption(new Option("--value <hex>", "the public value").argParser(parseHexBytes).makeOptionMandatory())
    .addOption(new Option("--iterations <n>", "it is hashed 2^n times").argParser(parseIterations).default(10))
    .option("--name <name>", "for the transcript", "beacon")
    .action(run(async () => (await import("../commands/ceremony.js")).ceremonyBeaconCommand));
  ofModel(command(group, "verify <dir>", "check every contribution and every point of the key")).action(run(async () => (await import("../commands/ceremony.js")).ceremonyVerifyCommand));
  ofModel(command(group, "finish <dir>", "verify, and make the key the compiled model's"))
    .addOption(new Option("--contributions <n>", "fewest that there must be, default: 1").argParser(parseCount))
    .action(run(async () => (await import("../commands/ceremony.js")).ceremonyFinishCommand));
}
