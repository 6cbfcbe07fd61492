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
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
