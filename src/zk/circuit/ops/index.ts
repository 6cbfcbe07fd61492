/** The circuit of every operation; the mapped type makes a missing one a compile-time error. */
import type { Operation, OperationKind } from "../../../program/types.js";
import { gatherCircuit, reshapeCircuit, transposeCircuit } from "./layout.js";
import { linearCircuit } from "./linear.js";
import { maxPoolCircuit } from "./maxPool.js";
import { matmulCircuit, mulCircuit } from "./products.js";
import { requantizeCircuit } from "./requantize.js";
import type { CircuitRule } from "./rules.js";
import { tableCircuit } from "./table.js";

type CircuitTable = { readonly [K in OperationKind]: CircuitRule<Extract<Operation, { kind: K }>> };

const CIRCUITS: CircuitTable = {
  conv: linearCircuit,
  linear: linearCircuit,
  affine: linearCircuit,
  add: linearCircuit,
  sumPool: linearCircuit,
  maxPool: maxPoolCircuit,
  requantize: requantizeCircuit,
  reshape: reshapeCircuit,
  transpose: transposeCircuit,
  gather: gatherCircuit,
  mul: mulCircuit,
  matmul: matmulCircuit,
  table: tableCircuit,
};

/** The rule of one operation. The table pairs each kind with its own rule, which TypeScript cannot follow through an index. */
export function circuitOf(operation: Operation): CircuitRule<Operation> {
  return CIRCUITS[operation.kind] as CircuitRule<Operation>;
}
