// A command that does not heed Ctrl-C: onnxruntime runs in a thread without end. Says "busy" once it does.
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  const { interruptSignal } = await import("../../dist/cli/interrupt.js");
  const { temporaryName } = await import("../../dist/files.js");
  const [model, wanted] = process.argv.slice(2);
  interruptSignal();
  writeFileSync(temporaryName(wanted), "half of it");
  const thread = new Worker(new URL(import.meta.url), { workerData: { model } });
  thread.once("message", () => process.stdout.write("busy\n"));
} else {
  const { default: ort } = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(readFileSync(workerData.model), { intraOpNumThreads: 1 });
  const [name] = session.inputNames;
  const input = new ort.Tensor("float32", new Float32Array(28 * 28), [1, 1, 28, 28]);
  for (let runs = 0; ; runs++) {
    await session.run({ [name]: input });
    if (runs === 10) parentPort.postMessage("busy");
  }
}
