/** The float64 constants of a graph being built. Each is converted once, however many nodes share it. */
import type { GraphConstant } from "./graph.js";
import { malformed, quote } from "./problems.js";
import { toFloat64, type ConstantTensor } from "./tensors.js";

export class ConstantPool {
  private readonly constants = new Map<string, GraphConstant>();

  /** @param reserved tells whether the file uses a name. */
  constructor(private readonly reserved: (name: string) => boolean) {}

  /** The constant as it is in the file, under its name there. */
  use(name: string, tensor: ConstantTensor): GraphConstant {
    return this.constants.get(name) ?? this.add({ name, shape: tensor.shape, data: toFloat64(tensor, name) });
  }

  /** The same for a constant that is converted already. */
  useReal(name: string, shape: readonly number[], data: Float64Array): GraphConstant {
    return this.constants.get(name) ?? this.add({ name, shape, data });
  }

  /** A constant computed from others, named after the value it serves. */
  derive(base: string, role: string, shape: readonly number[], data: Float64Array): GraphConstant {
    let name = `${base}.${role}`;
    while (this.reserved(name) || this.constants.has(name)) name += "_";
    return this.add({ name, shape, data });
  }

  get(name: string): GraphConstant | undefined {
    return this.constants.get(name);
  }

  private add(constant: GraphConstant): GraphConstant {
    this.constants.set(constant.name, constant);
    return constant;
  }
}

/** Masks of attention hold −∞ until maskedSoftmax.ts has seen them. @throws AssayError ONNX_MALFORMED */
export function checkFinite({ name, data }: GraphConstant): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw malformed(`element ${index} is ${data[index]}; weights must be finite`, `tensor ${quote(name)}`);
}
