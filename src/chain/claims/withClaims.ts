/** The claims contract of one command: on endpoints that the user named, or on an embedded node that lives as long as the action. */
import { AssayError } from "../../errors.js";
import { startAnvil } from "../anvil.js";
import { deploy } from "../deploy.js";
import { type EndpointReport, Endpoints } from "../endpoints.js";
import { isDevChain } from "../node.js";
import { Sender, type SenderOptions } from "../sender.js";
import { requireAccount } from "../connect.js";
import type { ClaimsAccount } from "./contract.js";
import { claimsAddress, DEFAULT_PARAMETERS, deployClaims, requireClaims } from "./deployment.js";

export interface ClaimsPlace {
  /** JSON-RPC endpoints; none: an embedded node. */
  readonly rpc?: readonly string[];
  /** Address of the contract; default: where `assay deploy` puts it. */
  readonly claims?: string;
}

export interface ClaimsUse extends SenderOptions {
  /** Whether transactions will be sent. */
  readonly writes: boolean;
  /** Told of endpoints that are left out: unreachable, behind, or of another opinion. */
  readonly onLeftOut?: (report: EndpointReport) => void;
}

export async function withClaims<T>(place: ClaimsPlace, use: ClaimsUse, action: (account: ClaimsAccount) => Promise<T>): Promise<T> {
  const { rpc = [], claims } = place;
  if (isNotEmpty(rpc)) return onEndpoints(rpc, claims, use, {}, action);
  const node = await startAnvil();
  try {
    return await onEndpoints([node.rpcUrl], undefined, use, { devAccount: true }, action);
  } finally {
    await node.stop();
  }
}

type NotEmpty = readonly [string, ...string[]];

function isNotEmpty(urls: readonly string[]): urls is NotEmpty {
  return urls.length > 0;
}

/** For commands that make no sense on a fresh node. */
export function requireRpc({ rpc }: ClaimsPlace): void {
  if (rpc === undefined || rpc.length === 0) throw new AssayError("BAD_USAGE", "an endpoint is needed: an embedded node has no claims", { hint: "--rpc URL" });
}

async function onEndpoints<T>(
  urls: NotEmpty,
  claims: string | undefined,
  { writes, onLeftOut, ...options }: ClaimsUse,
  connectOptions: { readonly devAccount?: boolean },
  action: (account: ClaimsAccount) => Promise<T>,
): Promise<T> {
  const endpoints = await Endpoints.connect(urls, connectOptions);
  try {
    await endpoints.head();
    for (const report of endpoints.reports) if (report.state !== "agrees") onLeftOut?.(report);
    const connection = endpoints.primary;
    if (writes) requireAccount(connection);
    // On development nodes the contracts are made without asking, as for `verify`.
    if (claims === undefined && writes && isDevChain(connection)) {
      await deploy(connection);
      await deployClaims(connection, DEFAULT_PARAMETERS);
    }
    const address = await requireClaims(connection, claims ?? claimsAddress());
    return await action({ endpoints, address, sender: new Sender(endpoints, options) });
  } finally {
    endpoints.close();
  }
}
