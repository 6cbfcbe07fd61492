import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClaimsAccount, readClaims } from "../../src/chain/claims/contract.js";
import { Endpoints } from "../../src/chain/endpoints.js";
import { DEFAULT_MAX_FEE } from "../../src/chain/fees.js";
import { Sender } from "../../src/chain/sender.js";
import type { WatchEvent } from "../../src/chain/watch/events.js";
import { ComputedExecutions } from "../../src/chain/watch/executions.js";
import { Watcher } from "../../src/chain/watch/watcher.js";
import { FastExecutors } from "../../src/fast/index.js";
import type { Hash } from "../../src/optimistic/dispute/index.js";
import { ModelLibrary } from "../../src/optimistic/execution/modelLibrary.js";
import { writeModel } from "../../src/optimistic/model/index.js";
import { WorkerPool } from "../../src/pool/index.js";
import { LyingOperator } from "../optimistic/actors/lyingOperator.js";
import { type Lie, lyingTrace } from "../optimistic/actors/lyingTrace.js";
import { ClaimsRig, PARAMETERS, type Player, toyInput } from "./support/claims.js";
import { type Proxy, startProxy } from "./support/proxy.js";

let rig: ClaimsRig;
let proxy: Proxy;
let nonce = 0n;

beforeAll(async () => {
  rig = await ClaimsRig.start();
  proxy = await startProxy(rig.chain.node.rpcUrl);
});
afterAll(async () => {
  proxy.stop();
  await rig.close();
});

const SHORT: Lie = { slot: 2, element: 299 };

async function wrongClaim(lie: Lie = SHORT): Promise<{ readonly operator: LyingOperator; readonly claimId: Hash }> {
  const operator = new LyingOperator(await rig.account(), rig.model, lyingTrace(rig.model, rig.honest(), lie));
  const { claimId } = await operator.claim(PARAMETERS.claimBond, nonce++);
  return { operator, claimId };
}

const actions = ({ events }: Pick<Player, "events">): string[] => events.flatMap((event) => (event.kind === "action" ? [event.action] : []));
const alarms = ({ events }: Pick<Player, "events">, of: Hash): string[] => events.flatMap((event) => (event.kind === "alarm" && event.claimId === of ? [event.code] : []));

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => { expect(condition()).toBe(true); }, { timeout: 30_000, interval: 10 });
}

async function isDefeated(claimId: Hash): Promise<boolean> {
  const { account } = await rig.player("watcher", undefined);
  return Number((await readClaims<{ status: bigint }>(account, await account.endpoints.head(), "claim", claimId)).status) === 3;
}

/** Both move in turn until the claim has ended. */
async function finish(operator: LyingOperator, player: Player, claimId: Hash): Promise<void> {
  const ended = (): boolean => player.events.some((event) => event.kind === "ended" && event.claimId === claimId && event.status === "Defeated");
  for (let round = 0; round < 10 && !ended(); round++) {
    await operator.defend();
    await player.act();
  }
  expect(ended()).toBe(true);
}

describe("funds", () => {
  it("for a whole game are there before one is opened", async () => {
    const { claimId, operator } = await wrongClaim();
    const bondOnly = PARAMETERS.challengeBond + 10n ** 15n;
    const poor = await rig.player("watcher", rig.honest(), await rig.account({}, 0n));
    await rig.rpc("anvil_setBalance", poor.address, `0x${bondOnly.toString(16)}`);
    await poor.act();
    expect(alarms(poor, claimId)).toEqual(["FUNDS_MISSING"]);
    expect(actions(poor)).toEqual([]);
    await rig.rpc("anvil_setBalance", poor.address, `0x${(bondOnly + PARAMETERS.worstGas * PARAMETERS.statedPrice * 2n).toString(16)}`);
    await poor.act();
    expect(actions(poor)).toContain("open");
    await finish(operator, poor, claimId);
  });
});

describe("a watcher without the model", () => {
  it("raises an alarm once, and goes on when it has it", async () => {
    const { claimId, operator } = await wrongClaim();
    const without = await rig.player("watcher", undefined);
    const controller = new AbortController();
    const running = without.watcher("watcher", controller.signal).run();
    await until(() => alarms(without, claimId).length > 0);
    await rig.wait(1);
    await rig.wait(1);
    controller.abort();
    await running;
    expect(alarms(without, claimId)).toEqual(["ARTEFACT_MISSING"]);
    const later = await rig.player("watcher", rig.honest(), without.account);
    await later.act();
    await finish(operator, later, claimId);
  });
});

describe("a watcher that is killed", () => {
  /** Kills it as soon as it has sent a transaction, which is not mined by then. */
  async function killedWhenSent(account: ClaimsAccount): Promise<void> {
    await rig.rpc("evm_setAutomine", false);
    const controller = new AbortController();
    const sender = new Sender(account.endpoints, { signal: controller.signal, onEvent: ({ kind }) => { if (kind === "sent") controller.abort(); } });
    const player = await rig.player("watcher", rig.honest(), { ...account, sender });
    await player.watcher("watcher", controller.signal).run();
  }

  it.each([["is mined", true], ["is dropped by the node", false]])("between sending and receipt, whose transaction %s, loses nothing at any move", async (_, mined) => {
    const { claimId, operator } = await wrongClaim({ slot: 3, element: 9, consistent: false });
    const account = await rig.account();
    const after = await rig.player("watcher", rig.honest(), account);
    for (let move = 0; move < 3; move++) {
      await killedWhenSent(account);
      if (!mined) await rig.rpc("anvil_dropAllTransactions");
      await rig.rpc("evm_setAutomine", true);
      await rig.rpc("anvil_mine", "0x1");
      if (!mined) await after.act();
      await operator.defend();
      if (await isDefeated(claimId)) break;
    }
    await after.act();
    expect(await isDefeated(claimId)).toBe(true);
    expect(after.events).toContainEqual(expect.objectContaining({ kind: "action", action: "withdraw" }));
  });
});

describe("endpoints", () => {
  it("that disagree stop everything until they agree again", async () => {
    const { claimId, operator } = await wrongClaim();
    const account = await rig.account();
    const endpoints = await Endpoints.connect([rig.chain.node.rpcUrl, proxy.rpcUrl]);
    const controller = new AbortController();
    const player = await rig.player("watcher", rig.honest(), { ...account, endpoints });
    const { events } = player;
    proxy.lie = ({ method }, result) => (method === "eth_getBlockByNumber" ? { ...(result as object), hash: `0x${"77".repeat(32)}` } : undefined);
    const running = player.watcher("watcher", controller.signal).run();
    await until(() => events.some((event) => event.kind === "alarm" && event.code === "CHAIN_DISAGREES"));
    await rig.wait(1);
    expect(actions({ events })).toEqual([]);
    proxy.lie = undefined;
    await until(() => actions({ events }).includes("open"));
    controller.abort();
    await running;
    endpoints.close();
    await finish(operator, await rig.player("watcher", rig.honest(), account), claimId);
  });
});

describe("a reorganisation", () => {
  it("that takes an opening back has it repeated", async () => {
    const { claimId, operator } = await wrongClaim();
    const player = await rig.player("watcher", rig.honest());
    const snapshot = await rig.rpc("evm_snapshot");
    await player.act();
    expect(actions(player)).toContain("open");
    await rig.rpc("evm_revert", snapshot);
    const before = actions(player).length;
    await player.act();
    expect(actions(player).slice(before)).toContain("open");
    await finish(operator, player, claimId);
  });
});

describe("own executions", () => {
  const directory = mkdtempSync(join(tmpdir(), "assay-watch-"));
  const [models, traces] = [join(directory, "models"), join(directory, "traces")];
  const pool = new WorkerPool({ size: 1 });
  const executors = new FastExecutors();

  beforeAll(async () => {
    await writeModel(rig.model.program, join(models, "toy"), pool);
  });
  afterAll(async () => {
    await Promise.all([executors.close(), pool.close()]);
    rmSync(directory, { recursive: true, force: true });
  });

  async function watch(account: ClaimsAccount): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    const executions = new ComputedExecutions(account, new ModelLibrary(models), executors, traces, () => pool);
    await new Watcher(account, executions, { role: "watcher", maxFee: DEFAULT_MAX_FEE, onEvent: (event) => events.push(event) }).once();
    return events;
  }

  it("are computed from the chain's inputs, survive a restart, and are forgotten when their claim is history", async () => {
    const account = await rig.account();
    const trace = rig.honest(toyInput(2));
    const operator = await rig.player("operator", trace);
    const { claimId } = await rig.claim(operator.account, trace);
    const verdict = { kind: "claim", claimId, verdict: "right" };
    expect(await watch(account)).toContainEqual(expect.objectContaining(verdict));
    const [name] = readdirSync(traces);
    expect(await watch(account)).toContainEqual(expect.objectContaining(verdict));
    await rig.wait(PARAMETERS.window);
    await operator.act();
    expect(await watch(account)).toContainEqual({ kind: "ended", claimId, status: "Final" });
    expect(existsSync(join(traces, name)), "the end is not final yet").toBe(true);
    await rig.rpc("anvil_mine", "0x100");
    await watch(account);
    expect(existsSync(join(traces, name))).toBe(false);
  });

  it("whose files are damaged in the middle of a game are computed again", async () => {
    const { claimId, operator } = await wrongClaim();
    const account = await rig.account();
    expect(await watch(account)).toContainEqual(expect.objectContaining({ kind: "action", action: "open" }));
    await operator.defend();
    for (const name of readdirSync(traces)) {
      for (const file of readdirSync(join(traces, name)).filter((path) => path.endsWith(".bin"))) {
        const path = join(traces, name, file);
        writeFileSync(path, readFileSync(path).fill(0x5a));
      }
    }
    const events = await watch(account);
    expect(alarms({ events }, claimId)).toContain("ARTEFACT_STALE");
    const player = await rig.player("watcher", rig.honest(), account);
    await finish(operator, player, claimId);
    expect([...actions({ events }), ...actions(player)]).toContain("execute");
    expect(actions({ events }), "the damaged files did not stop it").not.toEqual([]);
  });
});
