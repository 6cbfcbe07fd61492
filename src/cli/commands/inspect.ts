import { inspectModel, type Inspection } from "../../onnx/inspect.js";
import { quantizeModel } from "../../quantize/quantizeModel.js";
import { gadgetKey } from "../../zk/gadgets/spec.js";
import { chooseCircuit, type Option } from "../../zk/circuit/choose.js";
import { type Protocol, PROTOCOLS } from "../../zk/protocol.js";
import { estimateProving, estimateText, type ProvingEstimate } from "../../zk/feasibility.js";
import { publicLayout } from "../../zk/visibility.js";
import { count, shapeText, table } from "../format.js";
import { modelBytesOf, type ModelOptions, quantizeRequest, visibilitiesOf } from "../model.js";
import type { Session } from "../session.js";

/** The circuit that a proof system would make. */
interface SystemEstimate {
  readonly constraints: number;
  readonly domain: number;
  /** By what they are spent on; linear layers with fixed weights are not among them, since they cost none. */
  readonly byKind: Readonly<Record<string, number>>;
  readonly byLabel: Readonly<Record<string, number>>;
  readonly gadgets: readonly string[];
}

/** The proof system that would be chosen, and both in detail. */
interface Estimate extends SystemEstimate {
  readonly protocol: Protocol;
  readonly reason: string;
  readonly publicSignals: number;
  /** Of a proof on two cores. */
  readonly proving: ProvingEstimate;
  readonly protocols: Readonly<Record<Protocol, SystemEstimate>>;
}

export async function inspectCommand(session: Session, path: string, options: ModelOptions): Promise<number> {
  const bytes = await modelBytesOf(path, options);
  const inspection = await inspectModel(bytes);
  const supported = inspection.problems.length === 0;
  const estimate = supported ? await estimateCircuit(session, bytes, path, options) : undefined;
  session.print({ ...inspection, graph: undefined, supported, estimate }, describe(path, inspection, estimate));
  return 0;
}

/** Constraints depend on weights and ranges, so the model is quantized; without calibration the estimate is rough. */
async function estimateCircuit(session: Session, bytes: Uint8Array, path: string, options: ModelOptions): Promise<Estimate> {
  const { program, intervals } = await quantizeModel(bytes, path, quantizeRequest(options), session.stages);
  const choice = chooseCircuit(program, intervals, visibilitiesOf(options), options.protocol);
  const { protocol, visibilities } = choice.choices;
  return {
    protocol,
    reason: choice.reason,
    proving: estimateProving(choice.domainPower),
    publicSignals: publicLayout(program, visibilities, protocol).signalCount,
    ...systemEstimate(choice),
    protocols: { groth16: systemEstimate(choice.options.groth16), "two-round": systemEstimate(choice.options["two-round"]) },
  };
}

function systemEstimate({ plan, domainPower }: Option): SystemEstimate {
  return {
    constraints: plan.constraints,
    domain: 2 ** domainPower,
    byKind: Object.fromEntries(plan.byKind),
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
