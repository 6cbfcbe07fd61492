import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AssayError } from "./errors.js";

/** The directory of package.json: sources, their build in dist/ and contracts/ all lie below it. */
export function packageRoot(): string {
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) return directory;
    if (directory === dirname(directory)) throw new AssayError("INTERNAL", "no package.json above the program's files");
  }
}
