/** Where the constants of a program lie in their regions: one after another, in the order of encoding.ts. */
import { elementCount } from "../../math/shape.js";
import { constantsOf } from "../constants.js";
import { elementBytes } from "../elementType.js";
import type { Operation, Program } from "../types.js";
import type { ConstantLocation, Region } from "./types.js";

/** By operation, then by field. */
export type ConstantLayout = ReadonlyMap<Operation, Readonly<Record<string, ConstantLocation>>>;

export function layOutConstants(program: Program): ConstantLayout {
  const ends: Record<Region, number> = { weights: 0, tables: 0, parameters: 0, committed: 0 };
  return new Map(
    program.operations.map((operation) => {
      const locations = constantsOf(operation).map(({ field, region: declared, constant }) => {
        const region: Region = constant.committed === true ? "committed" : declared;
        const location: ConstantLocation = { region, type: constant.type, offset: ends[region], count: elementCount(constant.shape) };
        ends[region] += location.count * elementBytes(constant.type);
        return [field, location] as const;
      });
      return [operation, Object.fromEntries(locations)];
    }),
  );
}
