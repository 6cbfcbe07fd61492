import { join, resolve } from "node:path";
import { AssayError } from "../../errors.js";
import { writeFileAtomic } from "../../files.js";
import { pathIn } from "../../zk/compiledModel.js";
import { solidityVerifier } from "../../zk/groth16.js";
import { compiledModel } from "../model.js";
import type { Session } from "../session.js";

export async function exportVerifierCommand(session: Session, path: string, options: { readonly output?: string }): Promise<number> {
  const { directory, manifest } = await compiledModel(session, path, {});
  const { protocol } = manifest.choices;
  if (protocol !== "groth16") {
    throw new AssayError("BAD_USAGE", `snarkjs has no verifier for ${protocol}; Assay's TwoRoundVerifier serves every such model`, {
      where: directory,
      hint: "compile the model with --protocol groth16",
    });
  }
  const source = await solidityVerifier(pathIn(directory, "provingKey"));
  const file = resolve(options.output ?? join(directory, "verifier.sol"));
  writeFileAtomic(file, source);
  session.print({ file, modelId: manifest.modelId, setup: manifest.setup }, [
    file,
    "This contract checks one proof and no context: see the comment in it before you rely on it.",
  ]);
  return 0;
}
