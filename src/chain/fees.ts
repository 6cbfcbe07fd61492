/** What a transaction pays for gas (EIP-1559), and by how much a stuck one is raised. Wei per gas throughout. */

export interface Fee {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What the chain asks at the moment. */
export interface FeeMarket {
  readonly baseFee: bigint;
  /** What the node suggests as a tip. */
  readonly tip: bigint;
}

export const GWEI = 1_000_000_000n;

/** Unless the user says otherwise: far above what chains usually ask, so that it stops only an absurd fee. */
export const DEFAULT_MAX_FEE = 500n * GWEI;

/** A higher tip is not paid back by the loser of a dispute (IClaims, credits), so none is offered at first. */
const USUAL_TIP = 2n * GWEI;

/** Room for six full blocks in a row, and not above `maxFee`. */
export function firstFee({ baseFee, tip }: FeeMarket, maxFee: bigint): Fee {
  const offered = tip < USUAL_TIP ? tip : USUAL_TIP;
  return capped({ maxFeePerGas: 2n * baseFee + offered, maxPriorityFeePerGas: offered }, maxFee);
}

/**
 * The fee of a replacement: nodes take it when both parts are an eighth higher, so less is no replacement.
 * @returns undefined when `maxFee` does not allow it
 */
export function raisedFee(old: Fee, market: FeeMarket, maxFee: bigint): Fee | undefined {
  const least: Fee = { maxFeePerGas: eighthMore(old.maxFeePerGas), maxPriorityFeePerGas: eighthMore(old.maxPriorityFeePerGas) };
  if (least.maxFeePerGas > maxFee) return undefined;
  const maxPriorityFeePerGas = max(least.maxPriorityFeePerGas, market.tip);
  const fee = capped({ maxFeePerGas: max(least.maxFeePerGas, 2n * market.baseFee + maxPriorityFeePerGas), maxPriorityFeePerGas }, maxFee);
  return fee.maxPriorityFeePerGas < least.maxPriorityFeePerGas ? undefined : fee;
}

function capped({ maxFeePerGas, maxPriorityFeePerGas }: Fee, maxFee: bigint): Fee {
  const most = min(maxFeePerGas, maxFee);
  return { maxFeePerGas: most, maxPriorityFeePerGas: min(maxPriorityFeePerGas, most) };
}

function eighthMore(value: bigint): bigint {
  return (value * 9n + 7n) / 8n + 1n;
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
