// Preloaded (NODE_OPTIONS=--import): the process ends by exit() as soon as it starts the program ASSAY_TEST_EXIT.
import childProcess from "node:child_process";
import { readdirSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname } from "node:path";

const spawn = childProcess.spawn;
childProcess.spawn = (program, ...rest) => {
  if (program !== process.env.ASSAY_TEST_EXIT) return spawn(program, ...rest);
  process.stderr.write(`beside the witness: ${readdirSync(dirname(rest[0][1])).join(" ")}\n`);
  process.exit(130);
};
syncBuiltinESMExports();
