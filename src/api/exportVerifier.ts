import { join, resolve } from "node:path";
import { writeFileAtomic } from "../files.js";
import { type CompiledModel, pathIn } from "../zk/compiledModel.js";
import { solidityVerifier } from "../zk/groth16.js";
import { isTwoRound, type SetupKind } from "../zk/keyEncoding.js";
import type { Protocol } from "../zk/protocol.js";
import { solidityTwoRoundVerifier } from "../zk/solidityTwoRound.js";
import { compiledModel } from "./model.js";
import { type CallOptions, withSession } from "./session.js";

export interface ExportVerifierOptions extends CallOptions {
  /** File; default: verifier.sol in the compiled directory. */
  readonly output?: string;
}

/** What was written, and for which key. */
export interface ExportedVerifier {
  /** Solidity source. */
  readonly file: string;
  /** 0x and 64 digits. */
  readonly modelId: string;
  /** Proof system. */
  readonly protocol: Protocol;
  /** Of the key that the contract holds. */
  readonly setup: SetupKind;
}

/**
 * Writes a Solidity verifier of one compiled model, snarkjs' own for groth16. It checks a proof and no context: whoever sees the proof can
 * use it; the contracts of {@link deploy} bind it to a place.
 *
 * @param path a compiled directory, or an .onnx file, which is compiled with default options
 * @throws AssayError ARTEFACT_MISSING, ARTEFACT_STALE; FILE_NOT_WRITABLE; as {@link compile} for an .onnx file
 */
export function exportVerifier(path: string, options: ExportVerifierOptions = {}): Promise<ExportedVerifier> {
  return withSession(options, async (session) => {
    const model = await compiledModel(session, path, {});
    const { directory, manifest } = model;
    const source = await verifierSource(model);
    const file = resolve(options.output ?? join(directory, "verifier.sol"));
    writeFileAtomic(file, source);
    return { file, modelId: manifest.modelId, protocol: manifest.choices.protocol, setup: manifest.setup };
  });
}

async function verifierSource({ directory, manifest, verificationKey }: CompiledModel): Promise<string> {
  if (isTwoRound(verificationKey)) return solidityTwoRoundVerifier(verificationKey, manifest.setup);
  return solidityVerifier(pathIn(directory, "provingKey"));
}
