/** JSON-RPC without a library in between: a test sends thousands of requests. */

export interface Request {
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: unknown };
}

export class RpcError extends Error {
  constructor(
    message: string,
    /** Of a revert. */
    readonly data: unknown,
  ) {
    super(message);
  }
}

export class Rpc {
  constructor(private readonly url: string) {}

  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return (await this.batch([{ method, params }]))[0];
  }

  /** Several requests in one; the first error is thrown. */
  async batch(requests: readonly Request[]): Promise<unknown[]> {
    const body = JSON.stringify(requests.map((request, id) => ({ jsonrpc: "2.0", id, ...request })));
    const response = await fetch(this.url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = (await response.json()) as Answer[];
    return answers.toSorted((a, b) => a.id - b.id).map(({ id, result, error }) => {
      if (error !== undefined) throw new RpcError(`${requests[id].method}: ${error.message}`, error.data);
      return result;
    });
  }
}

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
