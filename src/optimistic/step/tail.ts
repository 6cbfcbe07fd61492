/** What follows a step's core in the same coordinate. */
import { unreachable } from "../../errors.js";
import { applyIndexMap, type Step, type TailEntry } from "../../program/steps/index.js";
import { constantElement, operandElement, type StepData } from "./reads.js";

/** Not wrapped; `value` is. */
export function applyTail(step: Step, entry: TailEntry, element: number, value: bigint, data: StepData): bigint {
  switch (entry.kind) {
    case "requantize":
      return requantized(entry, element, value, data);
    case "table": {
      const index = value - BigInt(entry.low);
      const inside = index >= 0n && index < BigInt(entry.entries.count);
      return inside ? constantElement(data, step, entry.entries, Number(index)) : 0n;
    }
    case "affine": {
      const weight = constantElement(data, step, entry.weight, applyIndexMap(entry.weightMap, element));
      return value * weight + constantElement(data, step, entry.bias, applyIndexMap(entry.biasMap, element));
    }
    case "add": {
      const other = operandElement(data, step, entry.operand, applyIndexMap(entry.map, element));
      return value * BigInt(entry.own) + other * BigInt(entry.other);
    }
    case "mul":
      return value * operandElement(data, step, entry.operand, applyIndexMap(entry.map, element));
    default:
      return unreachable(entry);
  }
}

/** floor((value + 2^(shift − 1)) / 2^shift), clamped. */
function requantized(entry: Extract<TailEntry, { kind: "requantize" }>, element: number, value: bigint, data: StepData): bigint {
  const { shifts, offset } = entry;
  const read = { source: "parameters", offset: offset + (element % shifts.length), length: 1 } as const;
  const shift = BigInt(shifts.length === 1 ? shifts[0] : data.bytes(read)[0]);
  const scaled = shift === 0n ? value : BigInt.asIntN(256, value + (1n << (shift - 1n))) >> shift;
  const [low, high] = [BigInt(entry.low), BigInt(entry.high)];
  const raised = scaled < low ? low : scaled;
  return raised > high ? high : raised;
}
