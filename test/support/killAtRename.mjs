// Preloaded (NODE_OPTIONS=--import): the process gets SIGKILL before its n-th rename into a directory, ASSAY_TEST_KILL=n:directory.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [, count, directory] = /^(\d+):(.*)$/.exec(process.env.ASSAY_TEST_KILL ?? "") ?? [];
const rename = fs.renameSync;
let left = Number(count);
fs.renameSync = (from, to) => {
  if (String(to).startsWith(directory) && left-- === 0) process.kill(process.pid, "SIGKILL");
  rename(from, to);
};
syncBuiltinESMExports();
