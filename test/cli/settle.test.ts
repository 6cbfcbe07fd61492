/** Claims settled by proofs, from the command line: compiled, registered, claimed, proven, settled. */
import { powersOfTau } from "snarkjs";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedNode, startAnvil } from "../../src/chain/anvil.js";
import { submitClaim } from "../../src/chain/claims/submitClaim.js";
import { connect, type Connection } from "../../src/chain/connect.js";
import { Endpoints } from "../../src/chain/endpoints.js";
import { Sender } from "../../src/chain/sender.js";
import { openModel } from "../../src/optimistic/model/index.js";
import { referenceTrace } from "../../src/optimistic/trace/index.js";
import { quantizeSample } from "../../src/quantize/sampleValues.js";
import { readSample } from "../../src/samples/samples.js";
import { terminateCurve, threadedCurve } from "../../src/zk/keys/index.js";
import { lyingTrace } from "../optimistic/actors/lyingTrace.js";
import { editJson, expectRefusal, KEY_0, type Run, Workplace } from "./command.js";
import { oneElement } from "./models.js";

const place = new Workplace();
const input = place.json("x.json", { x: [0.5] });
const KEY_1 = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const operatorEnv = { env: { ASSAY_PRIVATE_KEY: KEY_0 } };
const strangerEnv = { env: { ASSAY_PRIVATE_KEY: KEY_1 } };
const stranger = new Wallet(KEY_1).address.toLowerCase();

let node: EmbeddedNode;
let connection: Connection;
/** Of a key from a ceremony, and of a dev key for the same model. */
let entries: { readonly ceremony: string; readonly dev: string };
let claims: string;
let verifier: string;

const rpc = (): string[] => ["--rpc", node.rpcUrl];

beforeAll(async () => {
  node = await startAnvil();
  connection = await connect(node.rpcUrl);
  await powersOfTau.newAccumulator(await threadedCurve(), 4, place.path("start.ptau"));
  await powersOfTau.contribute(place.path("start.ptau"), place.path("raw.ptau"), "test", "entropy of the test");
  await powersOfTau.preparePhase2(place.path("raw.ptau"), place.path("pot4.ptau"));
  const model = place.write("one.onnx", oneElement());
  const compile = (name: string, ...options: string[]): Promise<unknown> => place.report(["compile", model, "--bits", "8", "--protocol", "groth16", ...options, "-o", name]);
  const deploy = place.report(["deploy", ...rpc()], operatorEnv);
  await Promise.all([compile("key", "--ptau", "pot4.ptau"), compile("dev")]);
  const deployed = await deploy;
  [claims, verifier] = [String(deployed.claims), String(deployed.verifier)];
  const register = async (name: string): Promise<string> => String((await place.report(["register", name, ...rpc()], operatorEnv)).entryId);
  entries = { ceremony: await register("key"), dev: await register("dev") };
  await place.report(["commit", "key", "-o", "committed"]);
});
afterAll(async () => {
  connection.close();
  await Promise.all([node.stop(), terminateCurve()]);
  place.remove();
});

const claim = (entry: string, nonce: number): Promise<Run> => place.run(["claim", "key", "--input", input, "--nonce", String(nonce), "--entry", entry, ...rpc(), "--json"], operatorEnv);
const prove = (model: string, output: string, target: string, ...options: string[]): Promise<Run> => place.run(["prove", model, "--input", input, "--for", target, ...options, "-o", output, "--json"], strangerEnv);
const settle = (id: string, proof: string): Promise<Run> => place.run(["settle", id, "--proof", proof, ...rpc(), "--json"], strangerEnv);

describe("a claim that names an entry", () => {
  let id: string;
  let job: string;

  it("is posted for a ceremony's key, not for a dev key or one that is not there", async () => {
    const posted = await place.report(["claim", "key", "--input", input, "--entry", entries.ceremony, ...rpc()], operatorEnv);
    expect(posted).toMatchObject({ status: "Posted", entry: entries.ceremony, claims });
    [id, job] = [String(posted.claimId), String(posted.settlementJob)];
    expectRefusal(await claim(entries.dev, 1), { error: "BAD_USAGE", says: [/dev key/, entries.dev, /--ptau/] });
    expectRefusal(await claim(`0x${"12".repeat(32)}`, 1), { error: "ENTRY_MISSING" });
  });

  it("attack dispute-12: is not settled by a dev key, a stranger's entry, another claim's proof or another input's", async () => {
    const target = (of: string): string => `31337:${verifier}:${of}:${stranger}`;
    expectRefusal(await prove("dev", "no", `claim:${id}`, ...rpc()), { code: 1, error: "KEY_MISMATCH", says: [entries.ceremony, /this dev key/] });
    const other = place.json("other.json", { x: [0.25] });
    expectRefusal(await place.run(["prove", "key", "--input", other, "--for", `claim:${id}`, ...rpc(), "-o", "no", "--json"], strangerEnv), { error: "INPUT_MISMATCH", says: [/input x/, id] });
    const made = await Promise.all([prove("dev", "by-dev", target(job), "--registrant", stranger), prove("key", "by-stranger", target(job), "--registrant", stranger), prove("key", "other-job", target("7"))]);
    expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
    expectRefusal(await settle(id, "by-dev"), { code: 1, error: "CONTEXT_MISMATCH", says: [/a dev key's/, entries.ceremony] });
    expectRefusal(await settle(id, "by-stranger"), { code: 1, error: "CONTEXT_MISMATCH", says: [entries.ceremony] });
    expectRefusal(await settle(id, "other-job"), { code: 1, error: "CONTEXT_MISMATCH", says: [/job 7/, job, `--for claim:${id}`] });
  });

  it("is final at once by a proof of its outputs, and not by a forged one", async () => {
    const made = await prove("key", "proof", `claim:${id}`, ...rpc());
    expect(made.code, made.stderr).toBe(0);
    editJson<Record<string, unknown>>(place.path("proof", "proof.json"), (proof) => ({ ...proof, pi_a: proof.pi_c, pi_c: proof.pi_a }));
    expectRefusal(await settle(id, "proof"), { code: 1, error: "PROOF_INVALID" });
    editJson<Record<string, unknown>>(place.path("proof", "proof.json"), (proof) => ({ ...proof, pi_a: proof.pi_c, pi_c: proof.pi_a }));
    expect(await place.report(["settle", id, "--proof", "proof", ...rpc()], strangerEnv)).toMatchObject({ claimId: id, outcome: "final", reward: "0", gasUsed: expect.any(Number) as unknown });
    expectRefusal(await settle(id, "proof"), { error: "BAD_USAGE", says: [/the claim is final/] });
    expect(await place.report(["claims", ...rpc()])).toMatchObject({ claims: [{ claimId: id, status: "Final" }] });
  });

  it("is defeated by a proof of other outputs, to the reward of whom it names", async () => {
    const model = openModel(place.path("committed"));
    const { inputs } = quantizeSample(model.program, readSample(input, [{ name: "x", shape: [1, 1] }], undefined));
    const trace = lyingTrace(model, referenceTrace(model.plan, inputs), { slot: 1 });
    const endpoints = Endpoints.of({ ...connection, account: new Wallet(KEY_0, connection.provider) });
    const account = { endpoints, address: claims, sender: new Sender(endpoints) };
    const wrong = await submitClaim(account, model, trace, { nonce: 0n, bond: 10n ** 18n, entry: entries.ceremony });
    const made = await prove("key", "against", `claim:${wrong.claimId}`, ...rpc());
    expect(made.code, made.stderr).toBe(0);
    const run = await place.report(["settle", wrong.claimId, "--proof", "against", ...rpc()], strangerEnv);
    expect(run).toMatchObject({ outcome: "defeated", beneficiary: stranger, reward: String(10n ** 18n / 2n) });
    expect(await place.report(["dispute", wrong.claimId, ...rpc()])).toMatchObject({ status: "Defeated", disputes: [] });
  });

  it("that names none cannot be settled", async () => {
    const bare = await place.report(["claim", "key", "--input", input, "--nonce", "5", ...rpc()], operatorEnv);
    expect(bare).not.toHaveProperty("settlementJob");
    expectRefusal(await settle(String(bare.claimId), "proof"), { error: "BAD_USAGE", says: [/names no registry entry/, /--entry/] });
  });
});
