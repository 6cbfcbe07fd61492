import { requireRpc } from "../chain/claims/withClaims.js";
import { DEFAULT_MAX_FEE } from "../chain/fees.js";
import type { WatchEvent } from "../chain/watch/events.js";
import { ComputedExecutions } from "../chain/watch/executions.js";
import { type Role, Watcher } from "../chain/watch/watcher.js";
import { claimsAccount, type ClaimsOptions, type RecomputeOptions, withSources } from "./claimsPlace.js";
import { withSession } from "./session.js";

export interface WatchOptions extends ClaimsOptions, RecomputeOptions {
  /** watcher (default): challenge the claims of others; operator: defend one's own. */
  readonly as?: Role;
  /** Do what can be done now, instead of going on until the session's signal aborts. */
  readonly once?: boolean;
  /** Told what happens, as it happens. */
  readonly onEvent?: (event: WatchEvent) => void;
}

/** What came of watching until the end. */
export interface Watched {
  /** Whose claims were followed. */
  readonly role: Role;
  /** Ids of the claims that were wrong. */
  readonly wrong: readonly string[];
  /** All that happened. */
  readonly events: readonly WatchEvent[];
}

/**
 * Follows the chain: recomputes every claim, challenges wrong ones and plays every game to its end. It keeps nothing that the chain
 * would not tell again, so it can be killed at any point and started anew.
 *
 * @throws AssayError RPC_UNREACHABLE, CHAIN_NOT_DEPLOYED, ACCOUNT_MISSING. What goes wrong later is an event of kind alarm.
 */
export function watch(options: WatchOptions): Promise<Watched> {
  return withSession(options, (session) => {
    requireRpc(options);
    const { as: role = "watcher", once = false, maxFee = DEFAULT_MAX_FEE } = options;
    const events: WatchEvent[] = [];
    const onEvent = (event: WatchEvent): void => {
      events.push(event);
      options.onEvent?.(event);
    };
    return withSources(session, options, (sources) =>
      claimsAccount(session, { ...options, maxFee }, async (account) => {
        session.note(`${role} ${await account.sender.address()}, contract ${account.address}, chain ${account.endpoints.chainId}, models: ${sources.library.ids().join(", ") || "none"}`);
        const executions = new ComputedExecutions(account, sources.library, sources.executors, sources.traces, session.pool);
        const watcher = new Watcher(account, executions, { role, maxFee, signal: session.signal, onEvent });
        await (once ? watcher.once() : watcher.run());
        await executions.settled();
        return { role, wrong: [...watcher.wrong], events };
      }),
    );
  });
}
