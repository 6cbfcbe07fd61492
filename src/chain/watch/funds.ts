/** Whether an account can play games to their ends, whatever the other sides do. All amounts are wei. */
import { AssayError } from "../../errors.js";
import type { Parameters } from "../../optimistic/dispute/state.js";
import type { ClaimsAccount } from "../claims/contract.js";
import type { Head } from "../endpoints.js";

export interface Funds {
  readonly has: bigint;
  readonly needs: bigint;
}

/** For a side's moves of one game: the deployment states how much gas they take at most. */
function gameReserve({ worstGas, statedPrice }: Parameters, { baseFee }: Head, maxFee: bigint): bigint {
  const price = statedPrice > 2n * baseFee ? statedPrice : 2n * baseFee;
  return worstGas * (price < maxFee ? price : maxFee);
}

/** @param games that the account plays, the new one not counted */
export async function fundsToOpen(account: ClaimsAccount, head: Head, parameters: Parameters, games: number, maxFee: bigint): Promise<Funds> {
  const address = await account.sender.address();
  const has = await account.endpoints.ask(`the balance of ${address}`, (provider) => provider.getBalance(address, head.number));
  return { has, needs: parameters.challengeBond + BigInt(games + 1) * gameReserve(parameters, head, maxFee) };
}

export function fundsMissing({ has, needs }: Funds, address: string): AssayError {
  return new AssayError("FUNDS_MISSING", `opening a game takes ${inEther(needs)} ether for the bond and the whole game, the account has ${inEther(has)}`, {
    where: address,
    hint: "send it ether at once: the window closes",
  });
}

/** Rounded down to 0.0001. */
export function inEther(wei: bigint): string {
  const parts = wei / 10n ** 14n;
  return `${parts / 10_000n}.${String(parts % 10_000n).padStart(4, "0")}`;
}
