/** A JSON-RPC endpoint in front of a node, which can lie or fall silent. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface Proxy {
  readonly rpcUrl: string;
  /** Changes a result; undefined leaves it. */
  lie: ((request: RpcRequest, result: unknown) => unknown) | undefined;
  /** Ends connections without a word. */
  silent: boolean;
  /** Methods asked so far. */
  readonly methods: string[];
  stop(): void;
}

interface Reply {
  readonly id: number;
  result?: unknown;
  error?: unknown;
}

export async function startProxy(target: string): Promise<Proxy> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const proxy: Proxy = { rpcUrl: urlOf(server), lie: undefined, silent: false, methods: [], stop: () => { server.close(); server.closeAllConnections(); } };
  server.on("request", (request, response) => {
    const answered = answer(proxy, target, request);
    answered.then((text) => { response.setHeader("content-type", "application/json").end(text); }, () => { request.socket.destroy(); });
  });
  return proxy;
}

async function answer(proxy: Proxy, target: string, request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  if (proxy.silent) throw new Error("silent");
  const body = Buffer.concat(parts).toString();
  const reply = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
  const asked = JSON.parse(body) as RpcRequest | RpcRequest[];
  const replies = (await reply.json()) as Reply | Reply[];
  for (const one of [replies].flat()) {
    const question = [asked].flat().find(({ id }) => id === one.id);
    if (question === undefined) continue;
    proxy.methods.push(question.method);
    const changed = proxy.lie?.(question, one.result);
    if (changed === undefined) continue;
    one.result = changed;
    delete one.error;
  }
  return JSON.stringify(replies);
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
