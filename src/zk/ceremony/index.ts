export { type Beacon, BEACON_ITERATIONS } from "./beacon.js";
export { withCeremonyCircuit } from "./circuit.js";
export { applyBeacon, contribute, type Contributed, type ContributeOptions } from "./contribute.js";
export { finishCeremony, type FinishOptions } from "./finish.js";
export type { CeremonyCheck } from "./keyChecks.js";
export { startCeremony } from "./start.js";
export { contributionsOf, currentKey, type Transcript, transcriptHash } from "./transcript.js";
export { readTranscript, readTranscriptFile } from "./transcriptFile.js";
export { type CeremonyCircuit, type CeremonyVerification, verifyCeremony, verifyCeremonyDirectory } from "./verify.js";
