import { inspectModel, type Inspection } from "../onnx/inspect.js";
import { quantizeModel } from "../quantize/quantizeModel.js";
import { chooseCircuit, type Option } from "../zk/circuit/choose.js";
import { estimateProving, type ProvingEstimate } from "../zk/feasibility.js";
import { gadgetKey } from "../zk/gadgets/spec.js";
import type { Protocol } from "../zk/protocol.js";
import { publicLayout } from "../zk/visibility.js";
import { modelBytesOf, type ModelOptions, quantizeRequest, visibilitiesOf } from "./model.js";
import { type CallOptions, type Job, withSession } from "./session.js";

export interface InspectOptions extends ModelOptions, CallOptions {}

/** The circuit that a proof system would make. */
export interface SystemEstimate {
  /** R1CS rows, padding not counted. */
  readonly constraints: number;
  /** A power of two: rows of the circuit. */
  readonly domain: number;
  /** By what they are spent on; linear layers with fixed weights are not among them, since they cost none. */
  readonly byKind: Readonly<Record<string, number>>;
  /** By node. */
  readonly byLabel: Readonly<Record<string, number>>;
  /** Names with parameters of the circom templates that it is laid out from, each once. */
  readonly gadgets: readonly string[];
}

/** The proof system that would be chosen, and both in detail. */
export interface CircuitEstimate extends SystemEstimate {
  /** The one that was asked for, else the faster one. */
  readonly protocol: Protocol;
  /** Why it would be chosen. */
  readonly reason: string;
  /** A registry entry holds some 375. */
  readonly publicSignals: number;
  /** Of a proof on two cores. */
  readonly proving: ProvingEstimate;
  /** Both, whichever would be chosen. */
  readonly protocols: Readonly<Record<Protocol, SystemEstimate>>;
}

/** The model node by node, and what proving it would take. */
export interface Inspected extends Omit<Inspection, "graph"> {
  /** All of it: a program can be made. */
  readonly supported: boolean;
  /** Undefined where something is not supported. */
  readonly estimate: CircuitEstimate | undefined;
}

/**
 * What a model consists of, what is supported, and how large its circuits would be.
 *
 * @throws AssayError ONNX_MALFORMED, ONNX_SHAPE; an operator that is not supported is no error
 */
export function inspect(path: string, options: InspectOptions = {}): Promise<Inspected> {
  return withSession(options, async (session) => {
    const bytes = await modelBytesOf(path, options);
    const { graph, ...inspection } = await inspectModel(bytes);
    const supported = graph !== undefined;
    return { ...inspection, supported, estimate: supported ? await estimateCircuit(session, bytes, path, options) : undefined };
  });
}

/** Constraints depend on weights and ranges, so the model is quantized; without calibration the estimate is rough. */
async function estimateCircuit(session: Job, bytes: Uint8Array, path: string, options: ModelOptions): Promise<CircuitEstimate> {
  const { program, intervals } = await quantizeModel(bytes, path, quantizeRequest(options), session.stages, session);
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
