/** Plain keys of a ceremony, through snarkjs. */
import { randomBytes } from "node:crypto";
import { zKey } from "snarkjs";
import { snarkjsStep } from "../keys/ptau.js";
import type { Beacon } from "./beacon.js";

/** @throws AssayError SETUP_FAILED, PTAU_INVALID */
export async function startPlainKey(r1csPath: string, ptauPath: string, path: string): Promise<void> {
  await snarkjsStep(path, async (logger) => {
    if ((await zKey.newZKey(r1csPath, ptauPath, path, logger)) === -1) throw new Error("no key was made");
  });
}

/** snarkjs mixes randomness of its own with ours. @throws AssayError SETUP_FAILED */
export async function contributePlainKey(from: string, path: string, name: string): Promise<void> {
  await snarkjsStep(path, async (logger) => {
    await zKey.contribute(from, path, name, randomBytes(64).toString("hex"), logger);
  });
}

/** @throws AssayError SETUP_FAILED */
export async function beaconPlainKey(from: string, path: string, name: string, { value, iterations }: Beacon): Promise<void> {
  await snarkjsStep(path, async (logger) => {
    if ((await zKey.beacon(from, path, name, value, iterations, logger)) === false) throw new Error("no key was made");
  });
}
