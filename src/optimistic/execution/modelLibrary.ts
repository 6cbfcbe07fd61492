/** The committed models that a party holds: a directory of a model, or a directory of such directories. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { readBytes } from "../../files.js";
import { type CommittedModel, openModel } from "../model/index.js";

export class ModelLibrary {
  readonly #open = new Map<string, CommittedModel>();

  constructor(readonly directory: string) {
    if (!existsSync(directory)) throw new AssayError("FILE_NOT_READABLE", "no such directory of models", { where: directory, hint: "assay commit MODEL -o DIRECTORY" });
  }

  /**
   * Looks it up and checks all of it; a model that appears later is found then.
   * @returns undefined when there is none of this id
   * @throws AssayError ARTEFACT_STALE when it is damaged
   */
  find(modelId: string): CommittedModel | undefined {
    const known = this.#open.get(modelId);
    if (known !== undefined) return known;
    const directory = this.#candidates().find((candidate) => idIn(candidate) === modelId);
    if (directory === undefined) return undefined;
    const model = openModel(directory, modelId);
    this.#open.set(modelId, model);
    return model;
  }

  /** Ids of all models that are there, checked or not. */
  ids(): string[] {
    return this.#candidates().flatMap((candidate) => idIn(candidate) ?? []);
  }

  #candidates(): string[] {
    const below = readdirSync(this.directory, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
    return [this.directory, ...below.map(({ name }) => join(this.directory, name))];
  }
}

/** Only read, not checked: opening does that. */
function idIn(directory: string): string | undefined {
  const path = join(directory, "model.json");
  if (!existsSync(path)) return undefined;
  try {
    const { modelId } = JSON.parse(new TextDecoder().decode(readBytes(path))) as { modelId?: unknown };
    return typeof modelId === "string" ? modelId : undefined;
  } catch {
    return undefined;
  }
}
