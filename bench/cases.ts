/** The models that proving is measured on. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProvingCase } from "./proving.js";
import { denseModel, FLAT_LAYERS, seededRandom, WIDE_LAYERS } from "./wideMlp.js";

const DATA = join(import.meta.dirname, "fashion");

export function fashionCase(name: string): ProvingCase {
  return {
    name,
    model: readFileSync(join(DATA, `${name}.onnx`)),
    calibration: join(DATA, "fashion-calibration-200.images.idx3-ubyte.gz"),
    input: join(DATA, "fashion-ankle-boot.json"),
  };
}

/** @param scratch where the generated input goes */
export function denseCase(name: string, layers: readonly number[], scratch: string): ProvingCase {
  const random = seededRandom(7);
  const input = join(scratch, `${name}.json`);
  writeFileSync(input, JSON.stringify({ input_data: [Array.from({ length: layers[0] }, () => Math.fround(random()))] }));
  return { name, model: denseModel(layers), calibration: undefined, input };
}

export function wideCase(scratch: string): ProvingCase {
  return denseCase("wide MLP", WIDE_LAYERS, scratch);
}

export function flatCases(scratch: string): readonly [ProvingCase, ProvingCase] {
  return [denseCase("flat narrow", FLAT_LAYERS.narrow, scratch), denseCase("flat wide", FLAT_LAYERS.wide, scratch)];
}
