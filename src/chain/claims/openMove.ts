import { rootOfTree, traceDepth } from "../../math/merkle.js";
import { proveNode } from "../../math/merkleProofs.js";
import { type Hash, toHash } from "../../optimistic/dispute/hash.js";
import type { OpenMove } from "../../optimistic/dispute/moves.js";
import type { Claim } from "../../optimistic/dispute/state.js";
import type { Trace } from "../../optimistic/trace/trace.js";

/** The opening of a game with a trace of one's own. Its outputs are shown where a proof may settle the claim. */
export function openMove(claimId: Hash, claim: Claim, trace: Trace): OpenMove {
  const outputs = claim.settleable ? claim.outputs.map(({ slot }) => slot) : [];
  return {
    kind: "open",
    claimId,
    root: trace.root,
    expansion: trace.expansion({ area: "trace", levels: traceDepth(claim.slots), index: 0 }),
    outputRoots: outputs.map((slot) => toHash(rootOfTree(trace.tensor(slot)))),
    outputSiblings: outputs.map((slot) => proveNode(trace.roots, slot)),
  };
}
