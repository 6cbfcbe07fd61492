/** Models that are claimed, and disputes over claims. */
import { type Command, Option } from "commander";
import { parseAddress, parseEntry, parseEther, parseId, parseNonce, parseRole } from "../options.js";
import { run } from "../run.js";
import { command, heavy, input, programOptions, claimsOptions, maxFee, models, traces } from "./options.js";

export function claimsCommands(program: Command): void {
  programOptions(heavy(program, "commit <model>", "commit to a model for claims: its id, what its steps cost on chain, files to check claims with"))
    .option("-o, --output <dir>", "where to put it, default: the cache, where watch looks")
    .option("--steps", "what each step costs")
    .action(run(async () => (await import("../commands/commit.js")).commitCommand));
  claimsOptions(programOptions(heavy(program, "claim <model>", "execute, and claim the output under bond; without --rpc on an embedded node")))
    .addOption(input())
    .addOption(new Option("--bond <ether>", "default: the least that the contract takes").argParser(parseEther))
    .addOption(new Option("--nonce <n>", "to claim the same output again").argParser(parseNonce))
    .addOption(new Option("--entry <id>", "registry entry whose proofs may settle the claim").argParser(parseEntry))
    .addOption(new Option("--consumer <address>", "contract to tell of the claim's finality").argParser(parseAddress))
    .addOption(traces())
    .addOption(maxFee())
    .action(run(async () => (await import("../commands/claim.js")).claimCommand));
  claimsOptions(heavy(program, "watch", "recompute every claim, challenge wrong ones and play every game to its end"))
    .addOption(models())
    .addOption(traces())
    .addOption(new Option("--as <role>", "watcher (default): challenge the claims of others; operator: defend one's own").argParser(parseRole))
    .addOption(maxFee())
    .option("--once", "do what can be done now, instead of going on")
    .action(run(async () => (await import("../commands/watch.js")).watchCommand));
  claimsOptions(heavy(program, "challenge", "recompute one claim, and open a game unless it is right").argument("<claim>", "its id", parseId))
    .addOption(models())
    .addOption(traces())
    .addOption(maxFee())
    .action(run(async () => (await import("../commands/challenge.js")).challengeCommand));
  claimsOptions(command(program, "claims", "the claims that can still matter")).addOption(models()).action(run(async () => (await import("../commands/claims.js")).claimsCommand));
  claimsOptions(command(program, "dispute", "a game's state in the model's own terms").argument("<id>", "of a game, or of a claim for all its games", parseId))
    .addOption(models())
    .addOption(traces())
    .action(run(async () => (await import("../commands/dispute.js")).disputeCommand));
  claimsOptions(command(program, "prove-fraud", "defeat a claim in one transaction by a wrong element of its operator's trace").argument("<claim>", "its id", parseId))
    .addOption(new Option("--trace <dir>", "the operator's trace").makeOptionMandatory())
    .addOption(models())
    .addOption(traces())
    .addOption(maxFee())
    .action(run(async () => (await import("../commands/proveFraud.js")).proveFraudCommand));
  claimsOptions(command(program, "settle", "end a claim by a zero-knowledge proof under the entry that it named").argument("<claim>", "its id", parseId))
    .addOption(new Option("--proof <dir>", "proof directory, made by prove --for claim:ID").makeOptionMandatory())
    .addOption(maxFee())
    .action(run(async () => (await import("../commands/settle.js")).settleCommand));
}
