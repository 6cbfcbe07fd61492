/** Whether a circuit of some size can be proven on this machine, from figures measured by the benchmark. */
import { totalmem } from "node:os";
import { AssayError } from "../errors.js";

/** Peak memory of key setup and proving, measured from 2^16 to 2^18 rows (npm run bench): 5 to 8 KB a row of the domain. */
const BYTES_PER_ROW = 6000;

/** Proving time a row on two cores, measured at 2^17. */
const SECONDS_PER_ROW = 25e-6;

/** What a circuit's size lets expect, from what the benchmark measured on other circuits. */
export interface ProvingEstimate {
  /** At the peak of making keys and proving. */
  readonly memoryBytes: number;
  /** Of one proof on two cores, keys not counted. */
  readonly seconds: number;
  /** The machine has so much memory. */
  readonly fits: boolean;
}

export function estimateProving(domainPower: number): ProvingEstimate {
  const rows = 2 ** domainPower;
  const memoryBytes = rows * BYTES_PER_ROW;
  return { memoryBytes, seconds: rows * SECONDS_PER_ROW, fits: memoryBytes <= totalmem() };
}

/** For people: `about 47 GiB of memory and 4 minutes a proof`. */
export function estimateText({ memoryBytes, seconds }: ProvingEstimate): string {
  const time = seconds < 90 ? `${Math.max(1, Math.round(seconds))} seconds` : `${Math.round(seconds / 60)} minutes`;
  return `about ${(memoryBytes / 2 ** 30).toFixed(1)} GiB of memory and ${time} a proof`;
}

/** @throws AssayError MODEL_TOO_LARGE before any work on it starts */
export function assertProvable(constraints: number, domainPower: number, where: string): void {
  const estimate = estimateProving(domainPower);
  if (estimate.fits) return;
  const circuit = `the circuit has ${constraints.toLocaleString("en-US")} constraints (domain 2^${domainPower})`;
  throw new AssayError("MODEL_TOO_LARGE", `${circuit}, which takes ${estimateText(estimate)}; this machine has ${(totalmem() / 2 ** 30).toFixed(0)} GiB`, {
    where,
    hint: "use a machine with more memory, a smaller model, or --target size",
  });
}
