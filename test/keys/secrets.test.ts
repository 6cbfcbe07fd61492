import { describe, expect, it, vi } from "vitest";
import { drawSecrets } from "../../src/zk/keys/secrets.js";

vi.mock("node:crypto", () => ({ randomBytes: (size: number) => Buffer.alloc(size, 7) }));

describe("secrets of a setup", () => {
  it("are refused when the random source repeats itself", () => {
    expect(() => drawSecrets(5)).toThrow(expect.objectContaining({ code: "SETUP_FAILED" }));
  });
});
