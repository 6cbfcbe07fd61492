/** The models that the package brings. */
import { join } from "node:path";
import { packageRoot } from "../packageRoot.js";
import type { BenchModel } from "./benchModel.js";

export const BUNDLED = ["fashion_mlp", "fashion_lenet", "fashion_resnet8", "fashion_vit"] as const;

/** Of Fashion-MNIST, with calibration images and one test image. */
export function bundledModels(): BenchModel[] {
  const data = join(packageRoot(), "bench", "fashion");
  const request = { calibrationPath: join(data, "fashion-calibration-200.images.idx3-ubyte.gz") };
  return BUNDLED.map((name) => ({ name, path: join(data, `${name}.onnx`), request, inputPath: join(data, "fashion-ankle-boot.json") }));
}
