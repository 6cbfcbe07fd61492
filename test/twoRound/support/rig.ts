/** The tiny convolution and keys for it, in either proof system, for the tests of the two-round one. */
import type { TensorData } from "../../../src/program/types.js";
import { openProvingKey, type ProvingKey } from "../../../src/zk/keys/index.js";
import type { Protocol } from "../../../src/zk/protocol.js";
import { type Compiled, compileFile, compileTiny } from "../../support/proofRig.js";
import { images, tinyConvolution } from "../../support/tinyModels.js";
import { PUBLIC, quantizedModel, type TestModel } from "../../support/zkRig.js";

/** Pixels that neither saturate everything nor are all alike. */
export const PIXELS: TensorData = Float64Array.of(0, 255, 17, 96, 200, 3, 0, 255, 254, 1, 128, 127, 64, 9, 77, 30);

/** The same as a sample: what quantizes to {@link PIXELS}. */
export const SAMPLE = [Float32Array.from(PIXELS, (pixel) => pixel / 255)];

/** Sixteen pixels in [0, 1], so that the tiny models' inputs have 8 bits. */
const CALIBRATION = images(1, 16, 2);

export async function tinyModel(): Promise<TestModel> {
  return quantizedModel(tinyConvolution(1), CALIBRATION);
}

export interface Keyed extends Compiled {
  readonly key: ProvingKey;
}

/** The tiny convolution of this seed, compiled for a proof system. */
export async function keyedTiny(name: string, protocol: Protocol, seed = 1): Promise<Keyed> {
  return opened(await compileTiny(name, tinyConvolution(seed), [...CALIBRATION[0][0]], { visibilities: PUBLIC, protocol }));
}

/** Keys for a model file. */
export async function keyed(name: string, onnx: string, calibrationPath: string, protocol: Protocol): Promise<Keyed> {
  return opened(await compileFile(name, onnx, calibrationPath, { visibilities: PUBLIC, protocol }));
}

function opened(compiled: Compiled): Keyed {
  return { ...compiled, key: openProvingKey(compiled.keyPath) };
}
