/** One node of the file → a constant, a node of the graph, or the reason why it is unsupported. */
import { Attributes } from "./attributes.js";
import { constantNode } from "./constantNode.js";
import type { ConstantPool } from "./constantPool.js";
import { INT64 } from "./dataTypes.js";
import type { FileModel, FileNode } from "./decode.js";
import { Folder } from "./fold.js";
import { isFoldable } from "./foldLimits.js";
import type { GraphNode } from "./graph.js";
import { elementCount } from "./limits.js";
import type { Activation, Constant, Operand, Operator, OperatorNode } from "./operators/operator.js";
import { operatorNamed } from "./operators/registry.js";
import { badShape, malformed, quote, unsupported } from "./problems.js";
import { tensorOf, type ConstantTensor } from "./tensors.js";
import type { Values } from "./values.js";

/** `folded`: the node's outputs are constants now, or would be but for an unsupported node before it. */
export type Outcome =
  | { readonly kind: "folded" }
  | { readonly kind: "unknown" }
  | { readonly kind: "node"; readonly node: GraphNode };

export class Lowerer {
  private readonly folder: Folder;

  /** @param used names that something reads, outputs included. */
  constructor(
    private readonly model: FileModel,
    private readonly values: Values,
    private readonly pool: ConstantPool,
    private readonly used: ReadonlySet<string>,
  ) {
    this.folder = new Folder(model);
  }

  /** @throws AssayError; with ONNX_UNSUPPORTED the caller collects the reason and goes on. */
  async lower(node: FileNode): Promise<Outcome> {
    const where = `node ${quote(node.name)}`;
    if (node.foreign !== undefined) throw unsupported(node.foreign, where);
    if (node.operator === "Constant") {
      const tensor = constantNode(node);
      for (const output of node.outputs) if (output !== undefined) this.values.addConstant(output, tensor);
      return { kind: "folded" };
    }
    const attributes = new Attributes(node.raw.attribute, node.name);
    if (attributes.hasGraph()) throw unsupported("operators with subgraphs (control flow) are not supported", where);
    const operands = node.inputs.map((name) => (name === undefined ? undefined : this.values.get(name)));
    const present = operands.filter((operand) => operand !== undefined);
    if (node.operator === "Shape" || node.operator === "Size") return this.shapeOf(node, attributes, operands[0]);
    if (present.length > 0 && present.every(isConstant)) return this.fold(node, operands);
    return this.lowerActivation(node, attributes, operands);
  }

  private shapeOf(node: FileNode, attributes: Attributes, operand: Operand | undefined): Outcome {
    const where = `node ${quote(node.name)}`;
    const [output] = node.outputs;
    if (operand === undefined || output === undefined) throw malformed("its operand or output is missing", where);
    if (operand.kind === "unknown") {
      this.values.addUnknown(output, true);
      return { kind: "folded" };
    }
    const shape = operand.kind === "activation" ? operand.shape : operand.tensor.shape;
    const [start, end] = [attributes.int("start", 0), attributes.int("end", undefined)];
    // Negative and overlong bounds mean what they mean to Array.slice, as the standard clamps them.
    const part = shape.slice(start, end);
    const isShape = node.operator === "Shape";
    const tensor = isShape ? tensorOf(part, [part.length], INT64) : tensorOf([elementCount(shape, where)], [], INT64);
    this.values.addConstant(output, tensor);
    attributes.finish();
    return { kind: "folded" };
  }

  private async fold(node: FileNode, operands: readonly (Operand | undefined)[]): Promise<Outcome> {
    const where = `node ${quote(node.name)}`;
    if (!isFoldable(node.operator)) throw unsupported("it is not evaluated over constants", where);
    const inputs: (ConstantTensor | undefined)[] = [];
    for (const operand of operands) {
      if (operand?.kind === "unknown") {
        for (const output of node.outputs) if (output !== undefined) this.values.addUnknown(output, true);
        return { kind: "folded" };
      }
      inputs.push(operand?.kind === "constant" ? operand.tensor : undefined);
    }
    const results = await this.folder.fold(node, inputs);
    for (const [name, tensor] of results) this.values.addConstant(name, tensor);
    return { kind: "folded" };
  }

  private lowerActivation(node: FileNode, attributes: Attributes, operands: readonly (Operand | undefined)[]): Outcome {
    const where = `node ${quote(node.name)}`;
    const operator = operatorNamed(node.operator);
    if (operator === undefined) throw unsupported("the operator is not supported", where);
    checkOperandCount(node, operator);
    const reason = operator.refuse(operands.map((operand) => operand && isConstant(operand)));
    if (reason !== undefined) throw unsupported(reason, where);
    const [output, ...others] = node.outputs;
    if (output === undefined) throw malformed("it has no output", where);
    if (others.some((name) => name !== undefined && this.used.has(name))) {
      throw unsupported("an output other than its first is used", where);
    }
    const known: (Activation | Constant | undefined)[] = [];
    for (const operand of operands) {
      if (operand?.kind === "unknown") {
        this.values.addUnknown(output, false);
        return { kind: "unknown" };
      }
      known.push(operand);
    }
    const elementType = checkTypes(known, operator, where);
    const ready = { name: node.name, opset: this.model.opset, attributes, operands: known, output, pool: this.pool };
    return this.lowerKnown(ready, operator, elementType);
  }

  private lowerKnown(node: OperatorNode, operator: Operator, elementType: Activation["elementType"]): Outcome {
    const { node: body, shape } = operator.lower(node);
    node.attributes.finish();
    const { name, output } = node;
    this.values.addActivation({ kind: "activation", name: output, shape, elementType }, `node ${quote(name)}`);
    return { kind: "node", node: { name, output, ...body } };
  }
}

function isConstant(operand: Operand): boolean {
  return operand.kind === "constant" || (operand.kind === "unknown" && operand.constant);
}

function checkOperandCount(node: FileNode, operator: Operator): void {
  const [least, most] = operator.operands;
  const count = node.inputs.length;
  if (count >= least && count <= most) return;
  const allowed = least === most ? String(least) : `${least} to ${most}`;
  throw malformed(`it has ${count} operands instead of ${allowed}`, `node ${quote(node.name)}`);
}

/** The activations' common element type. */
function checkTypes(
  operands: readonly (Activation | Constant | undefined)[],
  operator: Operator,
  where: string,
): Activation["elementType"] {
  const activations = operands.filter((operand) => operand?.kind === "activation");
  if (activations.length === 0) throw badShape("it has no activation to work on", where);
  const { elementType } = activations[0];
  if (operator.anyType) return elementType;
  if (!elementType.startsWith("float")) throw unsupported(`arithmetic on ${elementType}`, where);
  for (const [position, operand] of operands.entries()) {
    if (operand === undefined || operator.indexOperands?.includes(position) === true) continue;
    const type = operand.kind === "activation" ? operand.elementType : operand.tensor.type.elementType;
    if (type !== elementType) throw unsupported(`operands of types ${elementType} and ${type ?? "other"}`, where);
  }
  return elementType;
}
