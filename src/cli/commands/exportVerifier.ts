import { join, resolve } from "node:path";
import { writeFileAtomic } from "../../files.js";
import { type CompiledModel, pathIn } from "../../zk/compiledModel.js";
import { solidityVerifier } from "../../zk/groth16.js";
import { isTwoRound } from "../../zk/keyEncoding.js";
import { solidityTwoRoundVerifier } from "../../zk/solidityTwoRound.js";
import { compiledModel } from "../../api/model.js";
import type { Session } from "../session.js";

export async function exportVerifierCommand(session: Session, path: string, options: { readonly output?: string }): Promise<number> {
  const model = await compiledModel(session, path, {});
  const { directory, manifest } = model;
  const source = await verifierSource(model);
  const file = resolve(options.output ?? join(directory, "verifier.sol"));
  writeFileAtomic(file, source);
  session.print({ file, modelId: manifest.modelId, protocol: manifest.choices.protocol, setup: manifest.setup }, [
    file,
    "This contract checks one proof and no context: see the comment in it before you rely on it.",
  ]);
  return 0;
}

async function verifierSource({ directory, manifest, verificationKey }: CompiledModel): Promise<string> {
  if (isTwoRound(verificationKey)) return solidityTwoRoundVerifier(verificationKey, manifest.setup);
  return solidityVerifier(pathIn(directory, "provingKey"));
}
