/** Options that several commands have. */
import { type Command, Option } from "commander";
import {
  parseAddress, parseBits, parseEntry, parseGwei, parseMemory, parsePrecisionTarget, parseProtocol, parseScale, parseShape, parseTarget, parseUrls, parseVisibility, parseWeights, parseWorkers,
} from "../options.js";

export function command(program: Command, usage: string, summary: string): Command {
  return program.command(usage).description(summary).option("--json", "print one JSON object on stdout");
}

export const calibration = (): Option => new Option("--calibration <file>", "samples (IDX, .npy, JSON) that show the ranges of activations");
/** With several models: FILE or MODEL=FILE, several times. */
export const perModel = (option: Option): Option => {
  option.description += "; MODEL=FILE for one of the models, several times";
  return option.argParser((text: string, before?: readonly string[]) => [...(before ?? []), text]);
};
export const scale = (): Option => new Option("--scale <factor>", "factor for IDX bytes, default 1/255").argParser(parseScale);
export const ptau = (): Option => new Option("--ptau <file>", "prepared powers of tau, instead of a dev key");
export const rpc = (): Option => new Option("--rpc <url>", "JSON-RPC endpoint, default: an embedded node");
export const input = (): Option => new Option("--input <file>", "one input: JSON, .npy or IDX").makeOptionMandatory();
export const target = (): Option => new Option("--for <chain:verifier:job:recipient>", "what the proof is for").argParser(parseTarget);
export const registrant = (): Option =>
  new Option("--registrant <address>", "who registers the entry, default: the embedded node's account").argParser(parseAddress);
export const protocol = (): Option => new Option("--protocol <name>", "groth16 or two-round, default: the faster one").argParser(parseProtocol);
export const entry = (): Option => new Option("--entry <id>", "registry entry").argParser(parseEntry);

/** A command whose work goes to several threads. */
export function heavy(program: Command, usage: string, summary: string): Command {
  return command(program, usage, summary)
    .addOption(new Option("--workers <n>", "threads, default: as many as the machine runs at once").argParser(parseWorkers))
    .addOption(new Option("--memory <MB>", "most JavaScript heap of each thread, default: Node's").argParser(parseMemory));
}

/** Options that shape the program. */
export function programOptions(to: Command, samples = calibration()): Command {
  return to
    .addOption(samples)
    .addOption(scale())
    .addOption(new Option("--target <goal>", "accuracy (default): 16 bits where 8 lose too much; size: 8 bits").argParser(parsePrecisionTarget))
    .addOption(new Option("--bits <n>", "8 or 16 bits for all activations and weights").argParser(parseBits))
    .addOption(new Option("--shape <input=dims>", "shape of an input that the file leaves open, as x=1,3,48,192").argParser(parseShape));
}

export function modelOptions(to: Command, samples = calibration()): Command {
  return programOptions(to, samples)
    .addOption(new Option("--input-visibility <v>", "public, hashed or private").argParser(parseVisibility))
    .addOption(new Option("--output-visibility <v>", "public, hashed or private").argParser(parseVisibility))
    .addOption(new Option("--weights <choice>", "fixed, committed, or committed:NAME,NAME (nodes or tensors), default: fixed").argParser(parseWeights))
    .addOption(protocol());
}

/** Where claims are: endpoints, contract, and what transactions may cost. */
export function claimsOptions(to: Command): Command {
  return to
    .addOption(new Option("--rpc <url>", "JSON-RPC endpoint, several times: compared with each other").argParser(parseUrls))
    .addOption(new Option("--claims <address>", "claims contract, default: where deploy puts it").argParser(parseAddress));
}

export const maxFee = (): Option => new Option("--max-fee <gwei>", "most that a transaction may offer for gas, default: 500").argParser(parseGwei);
export const models = (): Option => new Option("--models <dir>", "committed models, or one of them; default: those in the cache");
export const traces = (): Option => new Option("--traces <dir>", "where executions are kept, default: the cache");

export const layers = (): Option => new Option("--layers", "the error of every layer");
