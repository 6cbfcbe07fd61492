/** A compiled model as a registry entry. */
import { committedBytes } from "../program/encoding.js";
import type { AuditableModel } from "../zk/compiledModel.js";
import { publicLayout, type PublicPort } from "../zk/visibility.js";
import { AssayError } from "../errors.js";
import type { Registration } from "./registerModel.js";
import { type RegisteredTensor, weightsTensor } from "./tensors.js";

/** @param contributions those that a .zkey records, where no transcript of `assay ceremony` says */
export function registrationOf({ manifest, program, verificationKey }: AuditableModel, contributions: number): Registration {
  const layout = publicLayout(program, manifest.choices.visibilities, manifest.choices.protocol);
  const committed = committedBytes(program);
  return {
    modelId: manifest.modelId,
    verificationKey,
    setup: manifest.setup,
    contributions: manifest.ceremony?.contributions ?? contributions,
    transcript: manifest.ceremony?.transcript,
    inputs: [...layout.inputs.map(portTensor), ...(committed > 0 ? [weightsTensor(committed)] : [])],
    outputs: layout.outputs.map(portTensor),
  };
}

function portTensor({ port, shape, type, visibility }: PublicPort): RegisteredTensor {
  if (type === "i64") throw new AssayError("CIRCUIT_INVALID", "a tensor of i64 cannot be an input or output", { where: port.name });
  return { name: port.name, shape, elementType: type, visibility, scale: port.scale };
}
