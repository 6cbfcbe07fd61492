/** Claims from the command line, on a node of the user's: committed, claimed, watched, disputed, proven wrong. */
import { cpSync } from "node:fs";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAnvil, type EmbeddedNode } from "../../src/chain/anvil.js";
import { connect, type Connection } from "../../src/chain/connect.js";
import { Endpoints } from "../../src/chain/endpoints.js";
import { Sender } from "../../src/chain/sender.js";
import { openModel } from "../../src/optimistic/model/index.js";
import { referenceTrace, type Trace, writeTrace } from "../../src/optimistic/trace/index.js";
import { WorkerPool } from "../../src/pool/index.js";
import { LyingOperator } from "../optimistic/actors/lyingOperator.js";
import { lyingTrace } from "../optimistic/actors/lyingTrace.js";
import { expectRefusal, type Json, KEY_0, onlyObject, type Run, Workplace } from "./command.js";
import { linear } from "./models.js";

const place = new Workplace();
const pool = new WorkerPool({ size: 1 });
const model = place.write("linear.onnx", linear());
const operatorEnv = { env: { ASSAY_PRIVATE_KEY: KEY_0 } };
const watcherEnv = { env: { ASSAY_PRIVATE_KEY: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d" } };

let node: EmbeddedNode;
let connection: Connection;
let claims: string;

const at = (): string[] => ["--rpc", node.rpcUrl, "--claims", claims];
const watching = (): string[] => [...at(), "--models", "models"];

beforeAll(async () => {
  node = await startAnvil();
  connection = await connect(node.rpcUrl);
  const deployed = await place.report(["deploy", "--rpc", node.rpcUrl, "--window", "600", "--clock", "300", "--grace", "60", "--challenge-bond", "0.3"]);
  claims = String(deployed.claims);
});
afterAll(async () => {
  connection.close();
  await Promise.all([node.stop(), pool.close()]);
  place.remove();
});

async function wait(seconds: number): Promise<void> {
  await connection.provider.send("evm_increaseTime", [seconds]);
  await connection.provider.send("anvil_mine", ["0x1"]);
}

const inputFile = (value: number): string => place.json(`x${String(value)}.json`, { x: [0.5, -0.3, value] });

describe("an honest operator", () => {
  it("commits, claims on an embedded node or its own, and finalizes", async () => {
    const committed = await place.report(["commit", model, "-o", "models/linear"]);
    expect(committed).toMatchObject({ modelId: expect.stringMatching(/^0x[0-9a-f]{64}$/) as unknown, reused: false });
    const input = inputFile(0.8);
    expect(await place.report(["claim", "models/linear", "--input", input])).toMatchObject({ status: "Posted", fresh: true, modelId: committed.modelId });
    const claim = await place.report(["claim", "models/linear", "--input", input, ...at()], operatorEnv);
    expect(claim).toMatchObject({ status: "Posted", fresh: true, outputs: { y: {} } });
    expect(await place.report(["claim", "models/linear", "--input", input, ...at()], operatorEnv)).toMatchObject({ claimId: claim.claimId, fresh: false });
    const watched = onlyObject(await place.run(["watch", ...watching(), "--once", "--json"], watcherEnv));
    expect(watched).toMatchObject({ wrong: [], events: expect.arrayContaining([expect.objectContaining({ kind: "claim", verdict: "right" })]) as unknown });
    const challenge = await place.run(["challenge", String(claim.claimId), ...watching(), "--json"], watcherEnv);
    expect(challenge.code, challenge.stderr).toBe(1);
    expect(onlyObject(challenge)).toMatchObject({ verdict: "right" });
    await wait(600);
    const finalized = await place.run(["watch", ...watching(), "--as", "operator", "--once"], operatorEnv);
    expect(finalized.stderr).toMatch(/finalize: claim/);
    expect(await place.report(["claims", ...at()])).toMatchObject({ claims: [{ claimId: claim.claimId, status: "Final" }] });
  });
});

describe("a wrong claim", () => {
  /** Posts a trace with a lie in it. */
  async function lie(input: number): Promise<{ readonly operator: LyingOperator; readonly claimId: string; readonly trace: Trace }> {
    const committed = openModel(place.path("models", "linear"));
    const trace = lyingTrace(committed, referenceTrace(committed.plan, [Float64Array.of(1, 2, input)]), { slot: 1 });
    const endpoints = Endpoints.of({ ...connection, account: new Wallet(KEY_0, connection.provider) });
    const operator = new LyingOperator({ endpoints, address: claims, sender: new Sender(endpoints) }, committed, trace);
    const { claimId } = await operator.claim(10n ** 18n);
    return { operator, claimId, trace };
  }

  const watchOnce = (): Promise<Run> => place.run(["watch", ...watching(), "--once", "--json"], watcherEnv);
  const dispute = (id: string): Promise<Json> => place.report(["dispute", id, ...watching()]);

  it("is challenged by hand, told in the model's terms, and lost by the liar", async () => {
    const { operator, claimId } = await lie(1);
    const opened = await place.report(["challenge", claimId, ...watching()], watcherEnv);
    expect(opened).toMatchObject({ verdict: "wrong", gasUsed: expect.any(Number) as unknown });
    expect(await dispute(String(opened.gameId))).toMatchObject({ claimId, disputes: [{ phase: "Trace", turn: "Operator", moves: [{ kind: "opened" }], question: { kind: "tensors" } }] });
    await operator.defend();
    const run = await watchOnce();
    expect(run.code, run.stderr).toBe(1);
    expect(onlyObject(run)).toMatchObject({ wrong: [claimId] });
    const ended = await dispute(claimId);
    expect(ended).toMatchObject({ status: "Defeated", disputes: [{ phase: "ClaimLost", question: { kind: "element", node: expect.any(String) as unknown, element: 0, coordinate: [0, 0] } }] });
    const text = await place.run(["dispute", claimId, ...watching()]);
    expect(text.stdout).toMatch(/about +node .*element \[0, 0\][^]*values +claimed -?\d+, challenged -?\d+[^]*computed +-?\d+ on chain/);
  });

  it("is defeated by a watcher that is killed between sending and receipt", async () => {
    const { operator, claimId } = await lie(2);
    await connection.provider.send("evm_setAutomine", [false]);
    const killed = await place.run(["watch", ...watching()], { ...watcherEnv, onStderr: (text, kill) => { if (text.includes("sent: open")) kill("SIGKILL"); } });
    expect(killed.code).toBeNull();
    await connection.provider.send("evm_setAutomine", [true]);
    await connection.provider.send("anvil_mine", ["0x1"]);
    await operator.defend();
    let asked = false;
    const interrupt = (text: string, kill: (signal: NodeJS.Signals) => void): void => {
      if (asked || !text.includes(`defeated: claim ${claimId}`)) return;
      asked = true;
      kill("SIGINT");
    };
    const run = await place.run(["watch", ...watching()], { ...watcherEnv, onStderr: interrupt });
    expect(run.stderr).toMatch(/execute: claim/);
    expect(run.stderr).not.toMatch(/open: claim|ALARM/);
    expect(run.code).toBe(1);
    expect(await dispute(claimId)).toMatchObject({ status: "Defeated" });
  });

  it("is defeated in one transaction by its own trace", async () => {
    const { claimId, trace } = await lie(3);
    const directory = place.path("lie");
    const { modelId } = openModel(place.path("models", "linear"));
    await writeTrace(directory, { modelId, tensors: trace.tensors }, pool, async (sink) => {
      for (const slot of trace.tensors.keys()) await sink.write(slot, trace.read(slot));
    });
    expect(await place.report(["prove-fraud", claimId, ...watching(), "--trace", directory], watcherEnv)).toMatchObject({ defeated: true, wrong: { slot: 1, element: 0 } });
    expect(await dispute(claimId)).toMatchObject({ status: "Defeated", disputes: [] });
  });

  it("by a model whose files are missing raises an alarm", async () => {
    const { claimId } = await lie(4);
    place.empty("nothing");
    const run = await place.run(["watch", ...at(), "--models", "nothing", "--once"], watcherEnv);
    expect(run.stderr).toMatch(new RegExp(`ALARM ARTEFACT_MISSING: claim ${claimId}`));
    cpSync(place.path("models", "linear"), place.path("nothing", "later"), { recursive: true });
    expect((await place.run(["watch", ...at(), "--models", "nothing", "--once"], watcherEnv)).code).toBe(1);
  });
});

describe("what is refused", () => {
  it("says what, where, and what to do", async () => {
    const id = `0x${"12".repeat(32)}`;
    expectRefusal(await place.run(["watch", ...at(), "--models", "no-such"], watcherEnv), { error: "FILE_NOT_READABLE", says: [/no-such/, /assay commit/] });
    expectRefusal(await place.run(["challenge", id, ...watching()], watcherEnv), { error: "CLAIM_MISSING", says: [new RegExp(id)] });
    expectRefusal(await place.run(["claims", "--rpc", node.rpcUrl, "--claims", `0x${"12".repeat(20)}`]), { error: "CHAIN_NOT_DEPLOYED", says: [/assay deploy/] });
    expectRefusal(await place.run(["claim", "models/linear", "--input", inputFile(0.8), ...at(), "--bond", "0.001", "--nonce", "9"], operatorEnv), { error: "RPC_REJECTED", says: [/bond is below/] });
    expectRefusal(await place.run(["deploy", "--rpc", node.rpcUrl, "--window", "1"]), { error: "BAD_USAGE", says: [/name window, least 120/] });
  });
});
