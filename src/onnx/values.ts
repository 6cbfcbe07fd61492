/** All values met while a model is read, by name. Initializers are converted when a node first asks for them. */
import type { FileModel } from "./decode.js";
import { activationSize, elementCount, MAX_TOTAL_ELEMENTS } from "./limits.js";
import { malformed, quote, tooLarge } from "./problems.js";
import type { Activation, Operand } from "./operators/operator.js";
import { tensorFromFile, type ConstantTensor } from "./tensors.js";
import { isFloat } from "./dataTypes.js";

export class Values {
  private readonly known = new Map<string, Operand>();
  private readonly names: Set<string>;
  private total = 0;

  constructor(private readonly model: FileModel) {
    this.names = new Set([
      ...model.initializers.keys(),
      ...model.inputs.map((input) => input.name),
      ...model.nodes.flatMap((node) => node.outputs.filter((output) => output !== undefined)),
    ]);
    for (const input of model.inputs) this.addActivation({ kind: "activation", ...input }, `input ${quote(input.name)}`);
  }

  /** Whether the file uses the name. */
  has(name: string): boolean {
    return this.names.has(name);
  }

  /** A name that nothing else has. */
  fresh(base: string): string {
    let name = base;
    while (this.names.has(name)) name += "_";
    this.names.add(name);
    return name;
  }

  /** @throws AssayError ONNX_UNSUPPORTED or ONNX_MALFORMED for an unusable initializer. */
  get(name: string): Operand {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const raw = this.model.initializers.get(name);
    if (raw === undefined) throw malformed("nothing defines it", `value ${quote(name)}`);
    return this.addConstant(name, tensorFromFile(raw, name));
  }

  /** undefined for an output that nothing reads. */
  find(name: string): Operand | undefined {
    return this.known.get(name);
  }

  addConstant(name: string, tensor: ConstantTensor): Operand {
    const operand: Operand = { kind: "constant", name, tensor };
    this.known.set(name, operand);
    return operand;
  }

  addUnknown(name: string, constant: boolean): void {
    this.known.set(name, { kind: "unknown", name, constant });
  }

  /** @throws AssayError MODEL_TOO_LARGE, or ONNX_SHAPE for an empty tensor. */
  addActivation(activation: Activation, where: string): void {
    this.total += activationSize(activation.shape, where);
    if (this.total > MAX_TOTAL_ELEMENTS) throw tooLarge("the activations together exceed 2^30 elements", where);
    this.known.set(activation.name, activation);
  }

  /** Floating constants among the names: name → elements. */
  parameters(names: readonly (string | undefined)[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const name of names) {
      const operand = name === undefined ? undefined : this.known.get(name);
      if (operand?.kind !== "constant" || !isFloat(operand.tensor.type.code)) continue;
      found.set(operand.name, elementCount(operand.tensor.shape, operand.name));
    }
    return found;
  }
}
