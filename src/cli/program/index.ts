/** The command line: its commands by group. A command's code is loaded when it is run. */
import { Command, Help, type Option } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../packageRoot.js";
import { ceremonyCommands } from "./ceremony.js";
import { claimsCommands } from "./claims.js";
import { provingCommands } from "./proving.js";
import { toolCommands } from "./tools.js";

const GROUPS = [
  ["Proofs:", provingCommands],
  ["Keys:", ceremonyCommands],
  ["Claims:", claimsCommands],
  ["Tools:", toolCommands],
] as const;

/** As Commander does, and whether it must be given. */
function describeOption(option: Option): string {
  const usual = new Help().optionDescription(option);
  return option.mandatory ? `${usual} (required)` : usual;
}

export function buildProgram(): Command {
  const program = new Command("assay").description("Makes a model's output checkable by people who do not trust whoever ran it.").version(version());
  // Subcommands inherit this, so it comes first. Bad usage throws, and stdout stays clean for --json.
  program.exitOverride().configureOutput({ writeErr: (text) => process.stderr.write(text) });
  program.configureHelp({ optionDescription: describeOption });
  for (const [heading, add] of GROUPS) {
    program.commandsGroup(heading);
    add(program);
  }
  return program;
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}
