/** A compiled model as a registry entry. */
import { committedBytes } from "../program/encoding.js";
import type { AuditableModel } from "../zk/compiledModel.js";
import { ceremonyOf } from "../zk/statedCeremony.js";
import { publicLayout, type PublicPort } from "../zk/visibility.js";
import { AssayError } from "../errors.js";
import type { Registration } from "./registerModel.js";
import { type RegisteredTensor, weightsTensor } from "./tensors.js";

export function registrationOf(model: AuditableModel): Registration {
  const { manifest, program, verificationKey } = model;
  const layout = publicLayout(program, manifest.choices.visibilities, manifest.choices.protocol);
  const committed = committedBytes(program);
  return {
    modelId: manifest.modelId,
    verificationKey,
    setup: manifest.setup,
    ...ceremonyOf(model),
    inputs: [...layout.inputs.map(portTensor), ...(committed > 0 ? [weightsTensor(committed)] : [])],
    outputs: layout.outputs.map(portTensor),
  };
}

function portTensor({ port, shape, type, visibility }: PublicPort): RegisteredTensor {
  if (type === "i64") throw new AssayError("CIRCUIT_INVALID", "a tensor of i64 cannot be an input or output", { where: port.name });
  return { name: port.name, shape, elementType: type, visibility, scale: port.scale };
}
