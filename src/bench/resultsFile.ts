/** Results on disk. */
import { AssayError } from "../errors.js";
import { readBytes, writeFileAtomic } from "../files.js";
import { type BenchResults, FORMAT } from "./figures.js";
import { faultOfResults } from "./resultsShape.js";

/** @throws AssayError FILE_NOT_READABLE, INPUT_MALFORMED for what is no result of a benchmark */
export function readResults(path: string): BenchResults {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(readBytes(path)));
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw malformed(path, "the file is no JSON", cause);
  }
  const fault = faultOfResults(value);
  if (fault !== undefined) throw malformed(path, `the file does not hold results of the format ${FORMAT}: ${fault}`);
  return value as BenchResults;
}

export function writeResults(path: string, results: BenchResults): void {
  writeFileAtomic(path, `${JSON.stringify(results, null, 1)}\n`);
}

function malformed(path: string, message: string, cause?: unknown): AssayError {
  return new AssayError("INPUT_MALFORMED", message, { where: path, hint: "give a JSON file that assay bench or npm run bench has written", cause });
}
