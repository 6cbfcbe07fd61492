/** Models with traces to claim and to open with. */
import { equalBytes } from "../../../src/math/merkleProofs.js";
import { merkleRoot } from "../../../src/math/merkle.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { SeededRandom } from "../../support/random.js";
import { type Case, INPUT_LIES, LIES, randomCase } from "../../optimistic/dispute/support/lies.js";

export interface FuzzCase {
  readonly of: Case;
  /** Whose outputs are in them. */
  readonly claimable: readonly Trace[];
  readonly openable: readonly Trace[];
  readonly modelId: Hash;
  readonly uploader: string;
  readonly upload: number;
}

/** What cannot be shown at all ends games early: rarer than what can. */
const BLIND = new Set(["a root of another length", "a node for a tensor's root", "nothing behind one slot", "a slot left empty", "two slots exchanged"]);

/** From a tree of two slots to one of 32, from one chunk to 128. */
const SHAPES = [
  { inputs: 1, steps: 1, count: 4, terms: 40 },
  { inputs: 1, steps: 2, count: 900, terms: 3 },
  { inputs: 1, steps: 6, count: 300, terms: 1200 },
  { inputs: 1, steps: 17, count: 7000, terms: 60 },
];

const LIES_A_KIND = 5;

export async function fuzzCases(seed: number, upload: (bytes: Uint8Array) => Promise<{ readonly uploader: string; readonly upload: number }>): Promise<FuzzCase[]> {
  const cases: FuzzCase[] = [];
  for (const [i, shape] of SHAPES.entries()) {
    const random = new SeededRandom(seed + i);
    const of = randomCase(random, shape);
    const lies = (table: Readonly<Record<string, (of: Case, random: SeededRandom) => Trace | undefined>>): Trace[] =>
      Object.entries(table).flatMap(([name, lie]) => Array.from({ length: BLIND.has(name) ? 1 : LIES_A_KIND }, () => lie(of, random))).filter((trace) => trace !== undefined);
    const wrong = lies(LIES);
    const claimable = [of.honest, of.honest, of.honest, ...wrong].filter((trace) => isPostable(of, trace));
    const modelId: Hash = `0x${(i + 1).toString(16).padStart(64, "0")}`;
    cases.push({ of, claimable, openable: [...wrong, ...lies(INPUT_LIES)], modelId, ...(await upload(of.honest.tensor(0).bytes())) });
  }
  return cases;
}

/** Posting shows the bytes of the output, or its root at least. */
function isPostable({ model }: Case, trace: Trace): boolean {
  const [slot] = model.outputs;
  return equalBytes(merkleRoot(trace.tensor(slot).bytes()), trace.roots.nodes(0, slot, 1));
}
