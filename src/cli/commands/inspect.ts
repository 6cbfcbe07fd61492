import { inspectModel, type Inspection } from "../../onnx/inspect.js";
import { readModelBytes } from "../../onnx/read.js";
import { quantizeModel } from "../../quantize/quantizeModel.js";
import { gadgetKey } from "../../zk/gadgets/spec.js";
import { planCircuit } from "../../zk/circuit/circuit.js";
import { publicLayout } from "../../zk/visibility.js";
import { count, shapeText, table } from "../format.js";
import { type ModelOptions, quantizeRequest, visibilitiesOf } from "../model.js";
import type { Session } from "../session.js";

interface Estimate {
  readonly constraints: number;
  readonly publicSignals: number;
  readonly domain: number;
  readonly byLabel: Readonly<Record<string, number>>;
  readonly gadgets: readonly string[];
}

export async function inspectCommand(session: Session, path: string, options: ModelOptions): Promise<number> {
  const bytes = await readModelBytes(path);
  const inspection = await inspectModel(path);
  const supported = inspection.problems.length === 0;
  const estimate = supported ? await estimateCircuit(session, bytes, path, options) : undefined;
  session.print({ ...inspection, graph: undefined, supported, estimate }, describe(path, inspection, estimate));
  return 0;
}

/** Constraints depend on weights and ranges, so the model is quantized; without calibration the estimate is rough. */
async function estimateCircuit(session: Session, bytes: Uint8Array, path: string, options: ModelOptions): Promise<Estimate> {
  const { program, intervals } = await quantizeModel(bytes, path, quantizeRequest(options), session.stages);
  const visibilities = visibilitiesOf(options);
  const plan = planCircuit(program, intervals, visibilities);
  const { signalCount } = publicLayout(program, visibilities);
  return {
    constraints: plan.constraints,
    publicSignals: signalCount,
    domain: 2 ** Math.ceil(Math.log2(plan.constraints + signalCount + 1)),
    byLabel: Object.fromEntries(plan.byLabel),
    gadgets: plan.specs.map(gadgetKey),
  };
}

function describe(path: string, inspection: Inspection, estimate: Estimate | undefined): string[] {
  const port = (value: Inspection["inputs"][number]): string => `${value.name} ${value.type ?? "?"} [${shapeText(value.shape)}]`;
  const head = table([
    ["model", path],
    ["opset", String(inspection.opset)],
    ["producer", inspection.producer || "unknown"],
    ["inputs", inspection.inputs.map(port).join(", ")],
    ["outputs", inspection.outputs.map(port).join(", ")],
    ["parameters", count(inspection.parameters)],
  ]);
  const nodes = inspection.nodes.map((node) => {
    const state = node.supported ? (node.folded ? "folded" : "ok") : `NOT SUPPORTED: ${node.reason ?? ""}`;
    return `  ${node.operator.padEnd(20)} ${shapeText(node.outputShape).padEnd(14)} ${count(node.parameters).padStart(9)}  ${node.name}  ${state}`;
  });
  return [...head, "", "  operator             output         parameters  node", ...nodes, "", ...estimateLines(estimate)];
}

function estimateLines(estimate: Estimate | undefined): string[] {
  if (estimate === undefined) return ["The model holds operators that are not supported, so no circuit can be made."];
  const parts = Object.entries(estimate.byLabel).map(([label, constraints]): [string, string] => [`  ${label}`, count(constraints)]);
  return [
    `estimated constraints: ${count(estimate.constraints)} (domain 2^${Math.log2(estimate.domain)}, ${estimate.publicSignals} public signals)`,
    ...table(parts),
  ];
}
