// Task module of the pool's tests: plain JavaScript, so that workers can load it as it is.
import { AssayError } from "../../dist/errors.js";

export const tasks = {
  double: (n) => 2 * n,
  fill: ({ shared, value }) => {
    new Uint8Array(shared).fill(value);
  },
  length: (buffer) => buffer.byteLength,
  fail: () => {
    throw new Error("out of luck");
  },
  refuse: () => {
    throw new AssayError("QUANTIZE_RANGE", "too wide", { where: "node 7", hint: "narrow it" });
  },
  exit: () => process.exit(3),
  /** A heap that grows until the thread's limit ends it. */
  grow: () => {
    const kept = [];
    for (;;) kept.push(new Array(1000).fill(kept.length));
  },
  /** Says how far it is, then waits until the gate is open. */
  gate: (gate, { progress }) => {
    progress(1, 2);
    Atomics.wait(new Int32Array(gate), 0, 0);
    return 1;
  },
  /** Fails when nobody waits for it any more. */
  late: () => {
    setImmediate(() => {
      throw new Error("too late");
    });
  },
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
