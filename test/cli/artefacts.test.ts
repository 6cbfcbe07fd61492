/** Files that are damaged, stale, missing or in the way; disks that are full or read-only; an impatient user. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { powersOfTau } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { terminateCurve, threadedCurve } from "../../src/zk/keys/index.js";
import { editJson, expectNoTrace, expectRefusal, fashion, type Json, listing, onlyObject, type Run, Workplace } from "./command.js";
import { linear, oneElement } from "./models.js";

const place = new Workplace();
const model = place.write("linear.onnx", linear());
const input = place.json("x.json", { x: [0.5, -0.3, 0.8] });
const one = place.write("one.onnx", oneElement());
const oneInput = place.json("one.json", { x: [0.5] });
const compiled = place.path("compiled");
const proof = place.path("proof");

beforeAll(async () => {
  await place.report(["compile", model, "-o", "compiled"]);
  await place.report(["prove", "compiled", "--input", input, "-o", "proof"]);
});
afterAll(async () => {
  await terminateCurve();
  place.remove();
});

function copyOf(directory: string, name: string): string {
  const copy = place.path(name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(directory, copy, { recursive: true });
  return copy;
}

const DAMAGES: Readonly<Record<"removed" | "truncated" | "flipped", (path: string) => void>> = {
  removed: (path) => { rmSync(path); },
  truncated: (path) => { writeFileSync(path, readFileSync(path).subarray(0, -3)); },
  flipped: (path) => {
    const bytes = readFileSync(path);
    // In a verification key: among its last points. What snarkjs adds for speed stands before them and is not used.
    bytes[Math.floor(0.9 * bytes.length)] ^= 1;
    // A model without tables has none to flip a bit of.
    writeFileSync(path, bytes.length === 0 ? Uint8Array.of(1) : bytes);
  },
};

describe("a compiled directory", () => {
  const files = ["manifest.json", "model.onnx", "program.json", "weights.bin", "tables.bin", "circuit.r1cs", "proving_key.zkey", "proving_key.zkey.audit", "verification_key.json"];

  it.each(files)("whose %s is damaged is refused by name, and nothing is written", async (name) => {
    for (const damage of name === "manifest.json" ? (["removed", "truncated", "flipped"] as const) : (["removed", "flipped"] as const)) {
      const apply = DAMAGES[damage];
      const copy = copyOf(compiled, "damaged");
      apply(join(copy, name));
      const cwd = place.empty("cwd");
      const run = await place.run(["prove", copy, "--input", input, "--json"], { cwd });
      const missing = damage === "removed";
      expectRefusal(run, { error: missing ? "ARTEFACT_MISSING" : "ARTEFACT_STALE", says: [name === "manifest.json" ? (missing ? /no compiled model/ : /damaged/) : name, /try: .*compile/] });
      expect(listing(cwd)).toEqual([]);
    }
  });

  const edits: readonly (readonly [string, (manifest: Json) => Json])[] = [
    ["calls its dev key a ceremony's", (manifest) => ({ ...manifest, setup: "ceremony" })],
    ["has an unknown setup", (manifest) => ({ ...manifest, setup: 5 })],
    ["claims other visibilities", (manifest) => ({ ...manifest, choices: { ...(manifest.choices as Json), visibilities: { inputs: "hashed", outputs: "public" } } })],
    ["lacks the choices", (manifest) => ({ ...manifest, choices: undefined })],
    ["lacks its files", (manifest) => ({ ...manifest, files: {} })],
    ["has null for its files", (manifest) => ({ ...manifest, files: null })],
    ["names an unknown file", (manifest) => ({ ...manifest, files: { ...(manifest.files as Json), "../x": "00" } })],
    ["claims another model id", (manifest) => ({ ...manifest, modelId: `0x${"0".repeat(64)}` })],
    ["claims other counts", (manifest) => ({ ...manifest, constraints: 1, domain: 2 })],
    ["is of another format", (manifest) => ({ ...manifest, format: "assay-compiled-0" })],
    ["is no object", () => [] as unknown as Json],
  ];

  it.each(edits)("whose manifest %s is refused", async (_, edit) => {
    const copy = copyOf(compiled, "edited");
    editJson(join(copy, "manifest.json"), edit);
    const cwd = place.empty("cwd");
    expectRefusal(await place.run(["prove", copy, "--input", input, "--json"], { cwd }), { error: "ARTEFACT_STALE", says: ["edited", /try: /] });
    expect(listing(cwd)).toEqual([]);
  });

  it("that is damaged is made anew by compile", async () => {
    const copy = copyOf(compiled, "healed");
    DAMAGES.flipped(join(copy, "proving_key.zkey"));
    expect(await place.report(["compile", model, "-o", "healed"])).toMatchObject({ reused: false });
    expect((await place.run(["prove", "healed", "--input", input, "-o", "healed-proof"])).code).toBe(0);
  });
});

describe("a proof directory", () => {
  it.each(["bundle.json", "proof.json", "public.json", "verification_key.json"])("whose %s is damaged is refused or found invalid", async (name) => {
    for (const [damage, apply] of Object.entries(DAMAGES)) {
      // Not every byte of a bundle is bound by the proof: the changes below are to those that are.
      if (damage === "flipped" && name === "bundle.json") continue;
      const copy = copyOf(proof, "damaged-proof");
      apply(join(copy, name));
      const run = await place.run(["verify", copy, "--json"]);
      expectNoTrace(run);
      if (damage === "removed") expectRefusal(run, { error: "ARTEFACT_MISSING", says: [name, /try: assay prove/] });
      else if (damage === "flipped" && run.code === 1) expect(onlyObject(run), name).toMatchObject({ valid: false });
      else expectRefusal(run, { error: "PROOF_MALFORMED", says: [name] });
    }
  });

  interface Proof {
    readonly pi_a: string[];
    readonly pi_b: string[][];
    readonly pi_c: string[];
  }
  const lies: readonly (readonly [string, string, (value: never) => unknown])[] = [
    ["swapped points", "proof.json", (value: Proof) => ({ ...value, pi_a: value.pi_c, pi_c: value.pi_a })],
    ["a coordinate plus the modulus", "proof.json", ({ pi_a: [x, y, z], ...value }: Proof) => ({ ...value, pi_a: [String(BigInt(x) + 21888242871839275222246405745257275088696311157297823662689037894645226208583n), y, z] })],
    ["another signal", "public.json", (value: string[]) => [String(BigInt(value[0]) + 1n), ...value.slice(1)]],
    ["a signal plus the field's order", "public.json", (value: string[]) => [String(BigInt(value[0]) + 21888242871839275222246405745257275088548364400416034343698204186575808495617n), ...value.slice(1)]],
    ["one signal less", "public.json", (value: string[]) => value.slice(1)],
    ["another key hash", "bundle.json", (value: Json) => ({ ...value, keyHash: `0x${"1".repeat(64)}` })],
    ["a dev key called a ceremony's", "bundle.json", (value: Json) => ({ ...value, setup: "ceremony" })],
    ["another scale", "bundle.json", (value: { inputs: Json[] }) => ({ ...value, inputs: value.inputs.map((tensor) => ({ ...tensor, scale: { mantissa: "3", exponent: -1 } })) })],
    ["another output", "bundle.json", (value: { outputs: { data: string }[] }) => ({ ...value, outputs: value.outputs.map((tensor) => ({ ...tensor, data: tensor.data.replace(/..$/, "01") })) })],
  ];
  it.each(lies)("with %s is invalid: exit code 1, on one line why", async (_, name, edit) => {
    const copy = copyOf(proof, "lying");
    editJson(join(copy, name), edit);
    const run = await place.run(["verify", copy, "--json"]);
    expectNoTrace(run);
    expect(run.code, run.stderr).toBe(1);
    expect(onlyObject(run)).toMatchObject({ valid: false, reason: expect.stringMatching(/\w/) as unknown });
  });

  const shapes: readonly (readonly [string, unknown])[] = [["inputs", null], ["inputs", [null]], ["context", {}], ["modelId", 7], ["format", "x"]];
  const tensors: readonly (readonly [string, unknown])[] = [
    ["scale", null], ["scale", { mantissa: "3.5", exponent: -1 }], ["shape", [1e99]], ["shape", "1x2"], ["type", "u9"], ["visibility", "secret"], ["data", "0x0"], ["data", 5], ["name", null],
  ];
  it("whose bundle has fields of the wrong kind is refused", async () => {
    const faults = [
      ...shapes.map(([field, value]) => [field, (bundle: Json): Json => ({ ...bundle, [field]: value })] as const),
      ...tensors.map(([field, value]) => [field, (bundle: Json): Json => ({ ...bundle, inputs: (bundle.inputs as Json[]).map((tensor) => ({ ...tensor, [field]: value })) })] as const),
    ];
    const runs = await inPairs(faults, async ([field, edit], i): Promise<[string, Run]> => {
      const copy = copyOf(proof, `malformed-${String(i)}`);
      editJson(join(copy, "bundle.json"), edit);
      return [field, await place.run(["verify", copy, "--json"])];
    });
    for (const [field, run] of runs) {
      expectNoTrace(run);
      expect(run.code, field).toBe(2);
      expectRefusal(run, { error: "PROOF_MALFORMED", says: [/bundle\.json|tensor/] });
    }
  });
});

/** Two at a time. */
async function inPairs<T, U>(items: readonly T[], action: (item: T, index: number) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map((item, k) => action(item, i + k)))));
  return results;
}

describe("keys from a .ptau", () => {
  const [raw, prepared] = [place.path("raw.ptau"), place.path("pot4.ptau")];
  // With 8 bits the circuit of one element fits a domain of 2^4; snarkjs would prepare a larger one for minutes.
  const options = (file: string): string[] => ["--bits", "8", "--ptau", file, "-o", "from-ptau"];
  const compile = (file: string, path = one): Promise<Run> => place.run(["compile", path, ...options(file), "--json"]);

  beforeAll(async () => {
    await powersOfTau.newAccumulator(await threadedCurve(), 4, place.path("start.ptau"));
    await powersOfTau.contribute(place.path("start.ptau"), raw, "test", "entropy of the test");
    await powersOfTau.preparePhase2(raw, prepared);
  });

  it("prove, verify on chain, and pass their audit; the setup is called ceremony", async () => {
    const { code, stderr } = await compile(prepared);
    expect(code, stderr).toBe(0);
    expect(await place.report(["compile", one, ...options(prepared)])).toMatchObject({ setup: "ceremony", reused: true });
    const { context } = await place.report<{ context: { entryId: string } }>(["prove", "from-ptau", "--input", oneInput, "-o", "ptau-proof"]);
    expect(await place.report(["verify", "ptau-proof", "--chain"])).toMatchObject({ valid: true, setup: "ceremony" });
    const audit = ["audit", "from-ptau", "--chain", "--entry", context.entryId];
    expectRefusal(await place.run([...audit, "--json"]), { error: "BAD_USAGE", says: [/--ptau/] });
    expect(await place.report([...audit, "--ptau", prepared])).toMatchObject({ passed: true, setup: "ceremony" });
    rmSync(place.path("from-ptau"), { recursive: true });
  });

  it("are refused for one that is too small, not prepared, truncated, garbage or absent", async () => {
    const before = listing(place.directory);
    expectRefusal(await compile(prepared, model), { error: "PTAU_TOO_SMALL", says: [/2\^4/, /needs 2\^[5-9]/, /pot4\.ptau/] });
    expectRefusal(await compile(raw), { error: "PTAU_INVALID", says: [/not prepared/, /raw\.ptau/, /prepare phase2/] });
    expectRefusal(await compile(model), { error: "PTAU_INVALID", says: [/not a ptau file/, /linear\.onnx/] });
    expectRefusal(await compile("nowhere.ptau"), { error: "FILE_NOT_READABLE", says: [/nowhere\.ptau/] });
    expect(listing(place.directory)).toEqual(before);
    const short = place.write("short.ptau", readFileSync(prepared).subarray(0, -100));
    expectRefusal(await compile(short), { error: "PTAU_INVALID", says: [/truncated/, /short\.ptau/] });
    expect(existsSync(place.path("from-ptau"))).toBe(false);
  });

  it("are not made from one that is damaged inside", async () => {
    // In the prepared Lagrange basis of G1, which the key's A, B and C are made of.
    const bytes = readFileSync(prepared);
    for (let at = 8900; at < 11_200; at += 64) bytes[at] ^= 0x55;
    expectRefusal(await compile(place.write("damaged.ptau", bytes)), { error: "PTAU_INVALID", says: [/damaged\.ptau/] });
    expect(existsSync(place.path("from-ptau"))).toBe(false);
  });
});

describe("places that are taken", () => {
  const compile = (to: string): Promise<Run> => place.run(["compile", model, "-o", to, "--json"]);
  const prove = (to: string): Promise<Run> => place.run(["prove", compiled, "--input", input, "-o", to, "--json"]);

  it("a file, or a path below one", async () => {
    const file = place.write("file", "text");
    expectRefusal(await compile(file), { error: "FILE_NOT_WRITABLE", says: [/file/] });
    expectRefusal(await compile(join(file, "below")), { error: "FILE_NOT_WRITABLE", says: [/below/] });
    expectRefusal(await prove(file), { error: "FILE_NOT_WRITABLE", says: [/file/, /try: /] });
    expectRefusal(await prove(join(file, "below")), { error: "FILE_NOT_WRITABLE", says: [/below/] });
    expect(readFileSync(file, "utf8")).toBe("text");
  });

  it("a directory with files of other origin: compile refuses, prove adds its own", async () => {
    const note = place.write("foreign/note.txt", "mine");
    expectRefusal(await compile("foreign"), { error: "FILE_NOT_WRITABLE", says: [/foreign/, /try: .*empty or new/] });
    expect(listing(place.path("foreign"))).toEqual(["note.txt"]);
    expect((await prove("foreign")).code).toBe(0);
    expect(readFileSync(note, "utf8")).toBe("mine");
  });

  it("a directory with files of other origin, or a compiled model: commit refuses, prove replaces no key", async () => {
    const note = place.write("others/note.txt", "mine");
    const key = readFileSync(join(compiled, "verification_key.json"), "utf8");
    for (const to of ["others", compiled]) expectRefusal(await place.run(["commit", model, "-o", to, "--json"]), { error: "FILE_NOT_WRITABLE", says: [/no.* a committed model/, /try: .*empty or new/] });
    expectRefusal(await prove(compiled), { error: "FILE_NOT_WRITABLE", says: [/verification_key\.json/, /try: /] });
    expect(readFileSync(note, "utf8")).toBe("mine");
    expect(readFileSync(join(compiled, "verification_key.json"), "utf8")).toBe(key);
    expect((await place.run(["check", compiled, "--input", input])).code).toBe(0);
  });

  it("export-verifier replaces a file, and never a directory or anything that is no file", async () => {
    const note = place.write("precious/inside/note.txt", "gold");
    expectRefusal(await place.run(["export-verifier", compiled, "-o", "precious", "--json"]), { error: "FILE_NOT_WRITABLE", says: [/precious/] });
    expect(readFileSync(note, "utf8")).toBe("gold");
    const old = place.write("old.sol", "old");
    expect((await place.run(["export-verifier", compiled, "-o", old])).code).toBe(0);
    expect(readFileSync(old, "utf8")).toContain("contract Groth16Verifier");
    expect(listing(place.directory).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

/** Mounts a small file system for the time of `action`; false where that is not permitted. */
async function mounted(options: string, action: (directory: string) => Promise<void>): Promise<boolean> {
  const directory = place.empty("mounted");
  if (process.platform !== "linux" || spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory]).status !== 0) return false;
  try {
    await action(directory);
  } finally {
    spawnSync("umount", [directory]);
  }
  return true;
}

describe("disks", () => {
  const skipped = (mountedAtAll: boolean, skip: (note: string) => void): void => { if (!mountedAtAll) skip("mounting is not permitted here"); };

  it("that are full: one message, and nothing is left", async ({ skip }) => {
    skipped(await mounted("size=60k", async (disk) => {
      for (const free of [2, 12, 24]) {
        writeFileSync(join(disk, "filler"), Buffer.alloc((60 - free) * 1024));
        expectRefusal(await place.run(["compile", model, "-o", join(disk, "out"), "--json"]), { error: "FILE_NOT_WRITABLE", says: [/no space left/, disk] });
        expect(listing(disk)).toEqual(["filler"]);
        rmSync(join(disk, "filler"));
      }
      writeFileSync(join(disk, "filler"), Buffer.alloc(56 * 1024));
      expectRefusal(await place.run(["prove", compiled, "--input", input, "-o", join(disk, "proof"), "--json"]), { error: "FILE_NOT_WRITABLE", says: [/no space left/, /try: /] });
      expectRefusal(await place.run(["export-verifier", compiled, "-o", join(disk, "v.sol"), "--json"]), { error: "FILE_NOT_WRITABLE", says: [/no space left/] });
      const env = { ASSAY_CACHE: join(disk, "cache") };
      expectRefusal(await place.run(["compile", model, "--json"], { env }), { error: "FILE_NOT_WRITABLE", says: [/no space left/] });
      const files = listing(disk).filter((name) => lstatSync(join(disk, name)).isFile());
      expect(files).toEqual(["filler"]);
    }), skip);
  });

  it("that are read-only: for the output, and for the cache", async ({ skip }) => {
    skipped(await mounted("ro", async (disk) => {
      const out = join(disk, "out");
      expectRefusal(await place.run(["compile", model, "-o", out, "--json"]), { error: "FILE_NOT_WRITABLE", says: [/try: .*-o or ASSAY_CACHE/] });
      expectRefusal(await place.run(["prove", compiled, "--input", input, "-o", out, "--json"]), { error: "FILE_NOT_WRITABLE", says: [/try: .*-o/] });
      const env = { ASSAY_CACHE: join(disk, "cache") };
      const cwd = place.empty("cwd");
      expectRefusal(await place.run(["prove", model, "--input", input, "--json"], { env, cwd }), { error: "FILE_NOT_WRITABLE", says: [/ASSAY_CACHE/] });
      expect(listing(cwd)).toEqual([]);
    }), skip);
  });

  it("a cache that holds what is needed is enough, even read-only", async ({ skip }) => {
    const filled = place.empty("filled cache");
    await place.report(["compile", model], { env: { ASSAY_CACHE: filled } });
    skipped(await mounted("size=8m", async (disk) => {
      cpSync(filled, disk, { recursive: true, dereference: true });
      spawnSync("mount", ["-o", "remount,ro", disk]);
      expect(await place.report(["compile", model], { env: { ASSAY_CACHE: disk } })).toMatchObject({ reused: true });
    }), skip);
  });

  it("stdout that is full or closed: no stack trace", () => {
    const main = join(import.meta.dirname, "..", "..", "dist", "cli", "main.js");
    for (const command of ["> /dev/full", "| true"]) {
      if (!existsSync("/dev/full")) continue;
      const { stderr } = spawnSync("sh", ["-c", `"${process.execPath}" "${main}" inspect "${model}" ${command}`], { encoding: "utf8", env: { ...process.env, ASSAY_CACHE: place.cache } });
      expect(stderr, command).not.toContain("    at ");
    }
  });
});

describe("an interrupted compile", () => {
  /** Interrupts as soon as the half-made directory is there. */
  async function interrupted(signal: NodeJS.Signals): Promise<{ run: Run; cwd: string }> {
    const cwd = place.empty("interrupted");
    let done = false;
    const options = {
      cwd,
      onStart: (kill: (signal: NodeJS.Signals) => void): void => {
        const look = (): void => {
          if (done) return;
          if (listing(cwd).some((name) => name.endsWith(".tmp"))) kill(signal);
          else setTimeout(look, 5);
        };
        look();
      },
    };
    const run = await place.run(["compile", fashion("fashion_lenet.onnx"), "-o", "out", "--json"], options);
    done = true;
    return { run, cwd };
  }

  it.each(["SIGINT", "SIGTERM"] as const)("by %s leaves nothing", async (signal) => {
    const { run, cwd } = await interrupted(signal);
    expect(run.stdout).toBe("");
    // By itself, or where it did not end soon, by the signal.
    expect([130, signal], run.stderr).toContain(run.code ?? run.signal);
    expectNoTrace(run);
    expect(listing(cwd)).toEqual([]);
    expect(listing(place.scratch).filter((name) => name.startsWith("assay"))).toEqual([]);
  });
});

describe("the float runtime", () => {
  it("keeps no device id, sends no telemetry and leaves no log", async () => {
    const home = place.empty("home");
    const scratch = place.empty("scratch");
    const env = { HOME: home, TMPDIR: scratch, XDG_CACHE_HOME: join(home, ".cache"), ORT_DISABLE_TELEMETRY: "", CI: "" };
    const run = await place.run(["check", model, "--input", input], { env });
    expect(run.code, run.stderr).toBe(0);
    expect(listing(home)).toEqual([]);
    expect(listing(scratch)).toEqual([]);
  });
});
