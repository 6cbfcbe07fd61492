/** What the commands about claims share. */
import { type ClaimsAccount, type ClaimsContract } from "../chain/claims/contract.js";
import { type ClaimsPlace, type ClaimsUse, requireRpc, withClaims } from "../chain/claims/withClaims.js";
import type { EndpointReport } from "../chain/endpoints.js";
import { GWEI } from "../chain/fees.js";
import type { SenderEvent } from "../chain/sender.js";
import { inEther } from "../chain/watch/funds.js";
import { fromDyadic } from "../math/scale.js";
import { elementCount } from "../math/shape.js";
import { decodeElements } from "../program/constantBytes.js";
import type { Program } from "../program/types.js";
import { valuesText } from "./format.js";
import type { Session } from "./session.js";

export interface ClaimsOptions extends ClaimsPlace {
  /** Wei per gas. */
  readonly maxFee?: bigint;
}

/** With an account; without `--rpc` on an embedded node. */
export function claimsAccount<T>(session: Session, options: ClaimsOptions, action: (account: ClaimsAccount) => Promise<T>): Promise<T> {
  const use: ClaimsUse = { writes: true, maxFee: options.maxFee, signal: session.signal, onEvent: (event) => session.note(senderNote(event)), onLeftOut: leftOut(session) };
  return withClaims(options, use, action);
}

/** For commands that only read, of a chain that the user names. */
export function claimsContract<T>(session: Session, options: ClaimsOptions, action: (contract: ClaimsContract) => Promise<T>): Promise<T> {
  requireRpc(options);
  return withClaims(options, { writes: false, onLeftOut: leftOut(session) }, action);
}

function leftOut(session: Session): (report: EndpointReport) => void {
  return ({ rpcUrl, state, detail }) => session.note(`warning: endpoint ${rpcUrl} is left out, ${state}: ${detail}`);
}

export function senderNote(event: SenderEvent): string {
  switch (event.kind) {
    case "sent":
      return `sent: ${event.label} (${event.hash})`;
    case "raised":
      return `fee raised to ${gweiText(event.maxFeePerGas)}: ${event.label} (${event.hash})`;
    case "stuck":
      return `warning: ${event.label} waits: the base fee is ${gweiText(event.baseFee)}, --max-fee allows ${gweiText(event.maxFeePerGas)}`;
    case "waiting":
      return `waiting for ${event.pending} transactions that an earlier run sent`;
  }
}

function gweiText(wei: bigint): string {
  return `${Number(wei) / Number(GWEI)} gwei`;
}

export function etherText(wei: bigint): string {
  return `${inEther(wei)} ether`;
}

/** Seconds since 1970, as ISO 8601. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Seconds as hours, minutes and seconds. */
export function durationText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const units = ["h", "min", "s"];
  const shown = parts.flatMap((part, i) => (part === 0 ? [] : [`${part} ${units[i]}`]));
  return shown.length === 0 ? "0 s" : shown.join(" ");
}

export interface ClaimedOutput {
  readonly shape: readonly number[];
  readonly quantized: readonly number[];
  readonly dequantized: readonly number[];
}

/** @param bytes of each output, in the program's order */
export function claimedOutputs({ outputs, tensors }: Program, bytes: readonly Uint8Array[]): Record<string, ClaimedOutput> {
  return Object.fromEntries(
    outputs.map(({ name, tensor, scale }, i) => {
      const { shape, type } = tensors[tensor];
      const quantized = Array.from(decodeElements(bytes[i], type).subarray(0, elementCount(shape)));
      return [name, { shape, quantized, dequantized: quantized.map((value) => value * fromDyadic(scale)) }];
    }),
  );
}

export function outputRows(outputs: Readonly<Record<string, ClaimedOutput>>): [string, string][] {
  return Object.entries(outputs).map(([name, { dequantized }]) => [`output ${name}`, valuesText(dequantized)]);
}
