/** A compiled model as a registry entry. */
import type { CompiledModel } from "../zk/compiledModel.js";
import { publicLayout, type PublicPort } from "../zk/visibility.js";
import { AssayError } from "../errors.js";
import type { Registration } from "./registerModel.js";
import type { RegisteredTensor } from "./tensors.js";

export function registrationOf({ manifest, program, verificationKey }: CompiledModel, contributions: number): Registration {
  const layout = publicLayout(program, manifest.choices.visibilities, manifest.choices.protocol);
  return {
    modelId: manifest.modelId,
    verificationKey,
    setup: manifest.setup,
    contributions,
    inputs: layout.inputs.map(portTensor),
    outputs: layout.outputs.map(portTensor),
  };
}

function portTensor({ port, shape, type, visibility }: PublicPort): RegisteredTensor {
  if (type === "i64") throw new AssayError("CIRCUIT_INVALID", "a tensor of i64 cannot be an input or output", { where: port.name });
  return { name: port.name, shape, elementType: type, visibility, scale: port.scale };
}
