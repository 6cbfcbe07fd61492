import { type CircuitEstimate, inspect, type Inspected, type InspectOptions, type SystemEstimate } from "../../api/inspect.js";
import { estimateText } from "../../zk/feasibility.js";
import { PROTOCOLS } from "../../zk/protocol.js";
import { count, shapeText, table } from "../format.js";
import type { Session } from "../session.js";

export async function inspectCommand(session: Session, path: string, options: InspectOptions): Promise<number> {
  const inspection = await inspect(path, { ...options, session });
  session.print({ ...inspection }, describe(path, inspection, inspection.estimate));
  return 0;
}

function describe(path: string, inspection: Inspected, estimate: CircuitEstimate | undefined): string[] {
  const port = (value: Inspected["inputs"][number]): string => `${value.name} ${value.type ?? "?"} [${shapeText(value.shape)}]`;
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

function estimateLines(estimate: CircuitEstimate | undefined): string[] {
  if (estimate === undefined) return ["The model holds operators that are not supported, so no circuit can be made."];
  const { protocols } = estimate;
  const kinds = [...new Set(PROTOCOLS.flatMap((protocol) => Object.keys(protocols[protocol].byKind)))];
  const cell = (value: string): string => value.padStart(12);
  const row = (name: string, value: (system: SystemEstimate) => string): string =>
    `  ${name.padEnd(18)}${PROTOCOLS.map((protocol) => cell(value(protocols[protocol]))).join("")}`;
  return [
    `estimated circuit: ${estimate.protocol}, ${count(estimate.constraints)} constraints, ${estimate.publicSignals} public signals`,
    `  ${estimate.reason}`,
    `  ${estimateText(estimate.proving)}${estimate.proving.fits ? "" : ": too large to prove on this machine"}`,
    "",
    `  ${"constraints".padEnd(18)}${PROTOCOLS.map(cell).join("")}`,
    ...(kinds.includes("committed weights") ? [] : [row("linear layers", () => "0")]),
    ...kinds.map((kind) => row(kind, ({ byKind }) => count(byKind[kind] ?? 0))),
    row("total", ({ constraints }) => count(constraints)),
    row("domain", ({ domain }) => `2^${Math.log2(domain)}`),
  ];
}
