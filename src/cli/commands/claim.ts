import { claim, type ClaimOptions } from "../../api/claim.js";
import { durationText, etherText, outputRows, timeText } from "../claims.js";
import { count, table, timingLines } from "../format.js";
import type { Session } from "../session.js";

export async function claimCommand(session: Session, path: string, options: ClaimOptions): Promise<number> {
  const { now, ...claimed } = await claim(path, { ...options, session });
  const { claimId, fresh, status, modelId, outputs, bond, deadline, entry, settlementJob = 0n, gas, claims, chainId, traceDirectory } = claimed;
  const { timingsMs } = session.stages;
  const numbers = { post: Number(gas.post), upload: Number(gas.upload) };
  session.print({ ...claimed, gas: numbers, windowEnds: timeText(deadline), timingsMs }, [
    ...table([
      ["claim", `${claimId}${fresh ? "" : ` (there before: ${status.toLowerCase()})`}`],
      ["model id", modelId],
      ...outputRows(outputs),
      ["bond", etherText(bond)],
      ["window ends", `${timeText(deadline)}, in ${durationText(Math.max(0, deadline - now))}`],
      ...(entry === undefined ? [] : [["settled by", `proofs under ${entry}, job ${settlementJob}`] satisfies [string, string]]),
      ["gas", `${count(gas.post)} to post, ${count(gas.upload)} to upload the input`],
      ["contract", `${claims}, chain ${chainId}`],
      ["trace", traceDirectory],
    ]),
    ...timingLines(timingsMs),
  ]);
  return 0;
}
