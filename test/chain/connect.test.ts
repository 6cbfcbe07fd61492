import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID, startAnvil } from "../../src/chain/anvil.js";
import { connect } from "../../src/chain/connect.js";
import { deploy, deployedAddresses, requireDeployed } from "../../src/chain/deploy.js";
import { packageRoot } from "../../src/packageRoot.js";
import { registerModel } from "../../src/chain/registerModel.js";
import { AssayError } from "../../src/errors.js";
import { type Chain, startChain, tensor } from "./support/chain.js";
import { fakeKey } from "./support/fakeKey.js";
import { MODEL_ID } from "./support/scenario.js";

/** anvil's account 1, of the mnemonic "test test test ... junk": public, and worthless elsewhere. */
const KEY_1 = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const ADDRESS_1 = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

async function rejection(promise: Promise<unknown>): Promise<AssayError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AssayError)) throw new Error(`expected an AssayError, got ${String(error)}`);
  return error;
}

async function isGone(url: string): Promise<boolean> {
  try {
    (await connect(url)).close();
    return false;
  } catch {
    return true;
  }
}

describe("connecting", () => {
  let chain: Chain;
  let server: Server | undefined;

  beforeAll(async () => {
    chain = await startChain();
  });
  afterAll(() => chain.close());
  afterEach(() => {
    vi.unstubAllEnvs();
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it("uses the embedded node's first account", async () => {
    expect(chain.connection.chainId).toBe(EMBEDDED_CHAIN_ID);
    expect(await chain.connection.account?.getAddress()).toBe(DEFAULT_ACCOUNT);
  });

  it("an endpoint that is not there, is mute, or is something else", async () => {
    const gone = await serve((_, response) => response.end());
    server?.close();
    expect((await rejection(connect(gone))).code).toBe("RPC_UNREACHABLE");

    const mute = await serve(() => undefined);
    const patience = vi.spyOn(AbortSignal, "timeout");
    expect(await rejection(connect(mute, { timeoutMs: 300 }))).toMatchObject({ code: "RPC_UNREACHABLE", cause: { name: "TimeoutError" } });
    expect(patience.mock.calls).toEqual([[300]]);
    patience.mockRestore();

    const page = await serve((_, response) => response.end("<html></html>"));
    expect((await rejection(connect(page))).code).toBe("RPC_UNREACHABLE");
    const json = await serve((_, response) => response.end('{"result": {}}'));
    expect((await rejection(connect(json))).code).toBe("RPC_UNREACHABLE");

    expect((await rejection(connect("nonsense"))).code).toBe("BAD_USAGE");
    expect((await rejection(connect("file:///etc/passwd"))).code).toBe("BAD_USAGE");
  });

  it("an endpoint that stops answering", async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      request.resume();
      if (requests++ === 0) response.end('{"jsonrpc":"2.0","id":1,"result":"0x5"}');
      else request.destroy();
    });
    const connection = await connect(url);
    expect(connection.account).toBeUndefined();
    expect((await rejection(requireDeployed(connection))).code).toBe("RPC_UNREACHABLE");
    connection.close();
  });

  it("an account from the environment or a keystore; never a secret in a message", async () => {
    const accountOf = async (): Promise<string | undefined> => {
      const connection = await connect(chain.node.rpcUrl);
      connection.close();
      return connection.account?.getAddress();
    };
    vi.stubEnv("ASSAY_PRIVATE_KEY", KEY_1);
    expect(await accountOf()).toBe(ADDRESS_1);
    const embedded = await connect(chain.node.rpcUrl, { devAccount: true });
    expect(await embedded.account?.getAddress()).toBe(DEFAULT_ACCOUNT);
    embedded.close();
    const broken = KEY_1.slice(0, -2);
    vi.stubEnv("ASSAY_PRIVATE_KEY", broken);
    const error = await rejection(connect(chain.node.rpcUrl));
    expect(error.code).toBe("ACCOUNT_MISSING");
    expect(JSON.stringify([error.format(), String(error.cause)])).not.toContain(broken.slice(2));
    vi.stubEnv("ASSAY_PRIVATE_KEY", "");

    const directory = mkdtempSync(join(tmpdir(), "assay-keystore-"));
    try {
      const path = join(directory, "key.json");
      // The least work that the format allows: the test is not about scrypt.
      const { encryptKeystoreJson } = await import("ethers");
      writeFileSync(path, await encryptKeystoreJson(new Wallet(KEY_1), "secret", { scrypt: { N: 2, r: 1, p: 1 } }));
      vi.stubEnv("ASSAY_KEYSTORE", path);
      expect((await rejection(connect(chain.node.rpcUrl))).code).toBe("ACCOUNT_MISSING");
      vi.stubEnv("ASSAY_KEYSTORE_PASSWORD", "wrong");
      expect((await rejection(connect(chain.node.rpcUrl))).code).toBe("ACCOUNT_MISSING");
      vi.stubEnv("ASSAY_KEYSTORE_PASSWORD", "secret");
      expect(await accountOf()).toBe(ADDRESS_1);
      vi.stubEnv("ASSAY_KEYSTORE", join(directory, "none.json"));
      expect((await rejection(connect(chain.node.rpcUrl))).code).toBe("FILE_NOT_READABLE");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("a chain without the contracts, then with them, at the addresses known before", async () => {
    const node = await startAnvil({ chainId: 31338 });
    const readOnly = await connect(node.rpcUrl);
    // Not one of the chains whose nodes' accounts are used unasked.
    expect(readOnly.account).toBeUndefined();
    expect((await rejection(requireDeployed(readOnly))).code).toBe("CHAIN_NOT_DEPLOYED");
    expect((await rejection(deploy(readOnly))).code).toBe("ACCOUNT_MISSING");
    const connection = { ...readOnly, account: await readOnly.provider.getSigner(0) };
    expect(await deploy(connection)).toEqual(deployedAddresses());
    const block = await connection.provider.getBlockNumber();
    expect(await deploy(connection)).toEqual(deployedAddresses());
    expect(await connection.provider.getBlockNumber()).toBe(block);
    expect(await requireDeployed(readOnly)).toEqual(deployedAddresses());
    readOnly.close();
    await node.stop();
  });

  it("an account that cannot pay", async () => {
    vi.stubEnv("ASSAY_PRIVATE_KEY", `0x${"42".repeat(32)}`);
    const connection = await connect(chain.node.rpcUrl);
    const registration = registerModel(connection, {
      modelId: MODEL_ID,
      verificationKey: fakeKey(3, 1n),
      setup: "dev",
      inputs: [tensor("in", {})],
      outputs: [tensor("out", {})],
    });
    const error = await rejection(registration);
    expect(error.code).toBe("RPC_REJECTED");
    expect(error.message).toContain("cannot pay");
    connection.close();
  });
});

describe("the embedded node", () => {
  it("stops, twice", async () => {
    const node = await startAnvil();
    await node.stop();
    await node.stop();
    expect((await rejection(connect(node.rpcUrl))).code).toBe("RPC_UNREACHABLE");
  });

  it.each(["SIGKILL", "SIGTERM", "exit"])("ends when the process that started it ends by %s", async (end) => {
    const anvil = pathToFileURL(join(packageRoot(), "dist", "chain", "anvil.js")).href;
    const leave = end === "exit" ? "process.exit(3);" : "setInterval(() => {}, 1000);";
    const script = `
      import { startAnvil } from "${anvil}";
      const node = await startAnvil();
      process.stdout.write(node.rpcUrl, () => { ${leave} });`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(parent, "close");
    const [url] = (await Promise.race([once(parent.stdout, "data"), closed.then(() => { throw new Error("no node was started"); })])) as [Buffer];
    if (end !== "exit") {
      const connection = await connect(String(url));
      connection.close();
      parent.kill(end as NodeJS.Signals);
    }
    await closed;
    await expect.poll(() => isGone(String(url)), { timeout: 60_000 }).toBe(true);
  });
});
