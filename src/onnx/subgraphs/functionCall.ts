/**
 * Calls of a model's own functions. https://github.com/onnx/onnx/blob/main/docs/IR.md#functions
 */
import { safeInteger } from "../integers.js";
import { type FileBody, type FileNode, freeNames, type FunctionMap, isStandardDomain, readNodes } from "../nodes.js";
import { malformed, quote, unsupported } from "../problems.js";
import type { RawAttribute, RawFunction, RawNode } from "../schema.js";

/**
 * The function's nodes with the attributes that the node gives them.
 * @param opset the model's; the function must be written for the same
 * @throws AssayError ONNX_UNSUPPORTED or ONNX_MALFORMED
 */
export function calledBody(node: FileNode, called: RawFunction, functions: FunctionMap, opset: number): FileBody {
  const where = `node ${quote(node.name)}`;
  const versions = called.opsetImport.filter(({ domain }) => isStandardDomain(domain)).map(({ version }) => safeInteger(version, "the opset version", where));
  const other = versions.find((version) => version !== opset);
  if (other !== undefined) throw unsupported(`its function ${quote(called.name)} is written for opset ${other}, the model for ${opset}`, where);
  const given = new Map([...called.attributeProto, ...node.raw.attribute].map((attribute) => [attribute.name, attribute]));
  const nodes = readNodes(called.node.map((raw) => withAttributes(raw, given)), functions);
  const produced = nodes.flatMap((inner) => inner.outputs.filter((name) => name !== undefined));
  if (new Set([...called.input, ...produced]).size !== called.input.length + produced.length) throw malformed(`a value of its function ${quote(called.name)} is defined twice`, where);
  const body: FileBody = { inputs: called.input, outputs: called.output, initializers: new Map(), nodes };
  const free = freeNames(body).at(0);
  if (free !== undefined) throw malformed(`its function ${quote(called.name)} reads ${quote(free)}, which it does not define`, where);
  return body;
}

/** References to the function's attributes are replaced, or dropped where the attribute is not given. */
function withAttributes(raw: RawNode, given: ReadonlyMap<string, RawAttribute>): RawNode {
  const attribute = raw.attribute.flatMap((entry): RawAttribute[] => {
    if (entry.refAttrName === "") return [entry];
    const value = given.get(entry.refAttrName);
    return value === undefined ? [] : [{ ...value, name: entry.name, refAttrName: "" }];
  });
  const { input, output, name, opType, domain, overload } = raw;
  return { input, output, name, opType, domain, overload, attribute };
}
