/** Where operators put their nodes: one ONNX node may become several nodes of the graph, with names of their own. */
import type { ConstantPool } from "./constantPool.js";
import type { GraphElementType, GraphNode } from "./graph.js";
import { elementCount } from "./limits.js";
import type { Activation } from "./operators/operator.js";
import { quote } from "./problems.js";

/** A constant as real numbers, row-major; integers and booleans too. */
export interface RealConstant {
  readonly kind: "real";
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly elementType: GraphElementType;
  /** Its name in the file, if it stands there as it is. */
  readonly name?: string;
}

/** What compositions (compose/) take and give: a computed value or a constant. */
export type Value = Activation | RealConstant;

type WithoutNames<T> = T extends unknown ? Omit<T, "name" | "output"> : never;
export type NodeBody = WithoutNames<GraphNode>;

export class Emitter {
  readonly nodes: GraphNode[] = [];
  readonly activations: Activation[] = [];
  /** For messages. */
  readonly where: string;
  private readonly derived = new Map<object, string>();

  /**
   * @param node name of the ONNX node
   * @param taken whether the file uses a name
   */
  constructor(
    readonly node: string,
    private readonly pool: ConstantPool,
    private readonly taken: (name: string) => boolean,
  ) {
    this.where = `node ${quote(node)}`;
  }

  push(body: NodeBody, shape: readonly number[], elementType: GraphElementType): Activation {
    let output = `${this.node}:${this.nodes.length}`;
    while (this.taken(output)) output += "_";
    this.nodes.push({ name: output, output, ...body });
    const activation: Activation = { kind: "activation", name: output, shape, elementType };
    this.activations.push(activation);
    return activation;
  }

  /** Name of the constant in the graph, the same one for the same object. */
  constant(value: Pick<RealConstant, "name" | "shape" | "data">): string {
    if (value.name !== undefined) return this.pool.useReal(value.name, value.shape, value.data).name;
    const name = this.derived.get(value) ?? this.pool.derive(this.node, "constant", value.shape, value.data).name;
    this.derived.set(value, name);
    return name;
  }
}

export function real(data: ArrayLike<number>, shape: readonly number[], elementType: GraphElementType = "float32"): RealConstant {
  return { kind: "real", shape, data: Float64Array.from(data), elementType };
}

export function scalar(value: number, elementType: GraphElementType = "float32"): RealConstant {
  return real([value], [], elementType);
}

export function sizeOf(value: Value): number {
  return elementCount(value.shape, value.kind === "activation" ? value.name : "constant");
}
