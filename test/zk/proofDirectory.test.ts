/**
 * A real proof directory, tampered with in every place: what is not the one honest directory is found false or malformed,
 * never accepted, and never ends in anything but Assay's own error.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildBn128 } from "ffjavascript";
import { beforeAll, describe, expect, it } from "vitest";
import { FIELD_BYTES, P, R, writeFieldLE } from "../../src/math/field.js";
import { encodeElements } from "../../src/program/constantBytes.js";
import { toHex } from "../../src/zk/bundle.js";
import { encodeKey, keyHash } from "../../src/zk/keyEncoding.js";
import { pointOutsideSubgroup } from "../keys/twist.js";
import { tinyLinear } from "../support/tinyModels.js";
import { type Compiled, compileTiny, type Json, type JsonObject, type ProofFiles, proveTiny, verdictOf } from "../support/proofRig.js";
import { PUBLIC } from "../support/zkRig.js";

const SAMPLE = [1, 0.5, 0.25, 0.75];
const FILES = ["proof.json", "public.json", "verification_key.json", "bundle.json"] as const;
/** Checked and found false, or refused as malformed. */
const REJECTED = ["PROOF_INVALID", "CONTEXT_MISMATCH", "PROOF_MALFORMED"];

let honest: ProofFiles;
let other: ProofFiles;

beforeAll(async () => {
  const choices = { visibilities: PUBLIC, protocol: "groth16" } as const;
  const one = await compileTiny("one", tinyLinear([0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.6], 2), SAMPLE, choices);
  const two = await compileTiny("two", tinyLinear([0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.9], 2), SAMPLE, choices);
  honest = read(await proveTiny("one", one, SAMPLE));
  other = read(await proveTiny("two", two, SAMPLE));
});

function read(directory: string): ProofFiles {
  const [proof, signals, key, bundle] = FILES.map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Json);
  return { "proof.json": proof, "public.json": signals, "verification_key.json": key, "bundle.json": bundle };
}

type Path = readonly (string | number)[];

/** A copy of the files with one value replaced; undefined removes it. */
function edited(files: ProofFiles, name: keyof ProofFiles, path: Path, value: Json | undefined): ProofFiles {
  const copy = structuredClone(files);
  if (path.length === 0) return { ...copy, [name]: value ?? null };
  const target = at(copy[name], path.slice(0, -1)) as JsonObject;
  // JSON.stringify leaves out what is undefined.
  (target as Record<string, Json | undefined>)[path[path.length - 1]] = value;
  return copy;
}

function at(json: Json, path: Path): Json {
  return path.reduce((value: Json, step) => (value as JsonObject)[step], json);
}

/** Every place below a value that holds no further structure. */
function leaves(json: Json, path: Path = []): Path[] {
  if (typeof json !== "object" || json === null) return [path];
  return Object.entries(json).flatMap(([key, value]) => leaves(value, [...path, key]));
}

async function expectRejected(files: ProofFiles, what: string): Promise<void> {
  expect(REJECTED, what).toContain(await verdictOf(files));
}

/** Numbers that a forger would write in place of a decimal string. */
function tampered(text: string, modulus: bigint): string[] {
  const value = BigInt(text);
  const flipped = [0n, 7n, 100n, 253n].map((bit) => value ^ (1n << bit));
  const aliases = [value + modulus, value + 2n * modulus, value - modulus];
  const spelled = [`0${text}`, ` ${text}`, `${text} `, `+${text}`, `0x${value.toString(16)}`, `${text}.0`, `${text}n`, ""];
  return [...flipped, ...aliases, modulus, modulus - value].map(String).concat(spelled).filter((other) => other !== text);
}

describe("the honest directory", () => {
  it("is accepted, and so is the other model's", async () => {
    expect(await verdictOf(honest)).toBe("accepted");
    expect(await verdictOf(other)).toBe("accepted");
  });
});

describe("proof.json", () => {
  it("refuses flipped bits, aliases of values and other spellings, coordinate by coordinate", async () => {
    const coordinates = leaves(honest["proof.json"]).filter(([field]) => String(field).startsWith("pi_"));
    expect(coordinates).toHaveLength(12);
    for (const path of coordinates) {
      for (const text of tampered(at(honest["proof.json"], path) as string, P)) {
        await expectRejected(edited(honest, "proof.json", path, text), `${path.join(".")} = ${text}`);
      }
    }
  });

  it("refuses swapped points and coordinates, and points at infinity", async () => {
    const proof = honest["proof.json"] as JsonObject;
    const [a, b, c] = [proof.pi_a, proof.pi_b, proof.pi_c] as [string[], string[][], string[]];
    const edits: [string, Json][] = [
      ["pi_a", c], ["pi_c", a], ["pi_a", [a[1], a[0], "1"]], ["pi_c", [c[1], c[0], "1"]],
      ["pi_b", [b[1], b[0], b[2]]], ["pi_b", [[...b[0]].reverse(), [...b[1]].reverse(), b[2]]],
      ["pi_a", ["0", "1", "0"]], ["pi_a", ["0", "0", "1"]], ["pi_c", ["0", "0", "0"]], ["pi_b", [["0", "0"], ["1", "0"], ["0", "0"]]],
      ["pi_a", ["1", "2", "1"]], ["pi_a", ["1", "1", "1"]], ["pi_a", [a[0], String(P - BigInt(a[1])), "1"]],
    ];
    for (const [field, value] of edits) await expectRejected(edited(honest, "proof.json", [field], value), `${field} = ${JSON.stringify(value)}`);
    await expectRejected({ ...honest, "proof.json": other["proof.json"] }, "another proof");
  });

  it("refuses a point of G2 outside the subgroup", async () => {
    const { G2 } = await buildBn128();
    const [x, y] = (honest["proof.json"] as JsonObject).pi_b as string[][];
    const b = montgomery([...x, ...y].map(BigInt));
    const outside = pointOutsideSubgroup();
    const strings = (point: Uint8Array): string[][] => (G2.toObject(G2.toAffine(point)) as bigint[][]).map((pair) => pair.map(String));
    for (const point of [outside, G2.add(b, outside)]) await expectRejected(edited(honest, "proof.json", ["pi_b"], strings(point)), "outside the subgroup");
  });

  it("accepts a re-randomized proof: it is the same statement, and nothing is keyed on a proof's bytes", async () => {
    const proof = honest["proof.json"] as JsonObject;
    const [a, b] = [proof.pi_a, proof.pi_b] as [string[], string[][]];
    const negated = { ...proof, pi_a: [a[0], String(P - BigInt(a[1])), "1"], pi_b: [b[0], b[1].map((value) => String((P - BigInt(value)) % P)), b[2]] };
    expect(await verdictOf({ ...honest, "proof.json": negated })).toBe("accepted");
  });
});

describe("public.json", () => {
  it("refuses each signal changed alone", async () => {
    const signals = honest["public.json"] as string[];
    for (const [i, text] of signals.entries()) {
      for (const value of [...tampered(text, R), "0", "1", String(BigInt(text) + 1n)].filter((value) => value !== text)) {
        await expectRejected(edited(honest, "public.json", [i], value), `signal ${i} = ${value}`);
      }
    }
  });

  it("refuses swapped, missing and further signals, and what is no list of strings", async () => {
    const signals = honest["public.json"] as string[];
    const variants: Json[] = [
      [signals[1], signals[0], ...signals.slice(2)], [...signals].reverse(), signals.slice(1), signals.slice(0, -1), [...signals, "0"], [...signals, signals[0]],
      [], {}, null, 7, "7", signals.map(Number), [signals], signals.map((signal) => [signal]), [...signals.slice(0, -1), null],
      other["public.json"],
    ];
    for (const value of variants) await expectRejected(edited(honest, "public.json", [], value), JSON.stringify(value));
  });
});

describe("verification_key.json", () => {
  const used = (): Path[] => leaves(honest["verification_key.json"]).filter(([field]) => field !== "vk_alphabeta_12");

  it("refuses flipped bits and aliases in every point", async () => {
    for (const path of used()) {
      const value = at(honest["verification_key.json"], path);
      if (typeof value !== "string" || !/^[0-9]+$/.test(value)) continue;
      for (const text of tampered(value, P).slice(0, 6)) await expectRejected(edited(honest, "verification_key.json", path, text), `${path.join(".")} = ${text}`);
    }
  });

  it("refuses swapped points, other counts and other protocols", async () => {
    const key = honest["verification_key.json"] as JsonObject;
    const ic = key.IC as string[][];
    const edits: [Path, Json | undefined][] = [
      [["IC"], [ic[1], ic[0], ...ic.slice(2)]], [["IC"], [...ic].reverse()], [["IC"], ic.slice(1)], [["IC"], [...ic, ic[0]]], [["IC"], []], [["IC"], {}],
      [["vk_gamma_2"], key.vk_delta_2], [["vk_delta_2"], key.vk_gamma_2], [["vk_beta_2"], key.vk_gamma_2], [["vk_alpha_1"], ic[0]],
      [["nPublic"], 0], [["nPublic"], ic.length], [["nPublic"], String(ic.length - 1)], [["nPublic"], null], [["nPublic"], undefined],
      [["protocol"], "plonk"], [["curve"], "bls12381"], [["IC", 1], ["0", "1", "0"]], [["IC", 1], ["0", "0", "1"]], [["vk_alpha_1"], null],
    ];
    for (const [path, value] of edits) await expectRejected(edited(honest, "verification_key.json", path, value), `${path.join(".")} = ${JSON.stringify(value)}`);
    await expectRejected({ ...honest, "verification_key.json": other["verification_key.json"] }, "another model's key");
  });

  it("refuses a point of IC that no signal multiplies", async () => {
    // IC[i] of a signal that is 0 does not enter the equation: only the key's hash holds it.
    const zero = (honest["public.json"] as string[]).indexOf("0");
    const ic = (honest["verification_key.json"] as JsonObject).IC as string[][];
    const place = zero < 0 ? 1 : zero + 1;
    await expectRejected(edited(honest, "verification_key.json", ["IC", place], ic[0]), `IC[${place}]`);
  });

  it("refuses a changed vk_alphabeta_12, which other verifiers read", async () => {
    const path: Path = ["vk_alphabeta_12", 0, 0, 0];
    const value = at(honest["verification_key.json"], path) as string;
    await expectRejected(edited(honest, "verification_key.json", path, String(BigInt(value) ^ 1n)), path.join("."));
  });
});

describe("bundle.json", () => {
  /** What becomes of every field when it is given a value of another kind. */
  async function fuzzed(): Promise<[string, string][]> {
    const paths = [...leaves(honest["bundle.json"]), ["context"], ["inputs"], ["outputs"], ["inputs", 0], ["inputs", 0, "scale"], ["inputs", 0, "shape"]];
    const verdicts: [string, string][] = [];
    for (const path of paths) {
      for (const value of [null, {}, [], true, -1, 1.5, "", undefined]) {
        verdicts.push([`${path.join(".")} = ${JSON.stringify(value)}`, await verdictOf(edited(honest, "bundle.json", path, value))]);
      }
    }
    return verdicts;
  }

  it("ends in Assay's own error or none for every field of another type, null or missing", async () => {
    expect((await fuzzed()).filter(([, verdict]) => verdict.startsWith("untyped"))).toEqual([]);
  });

  it("refuses every field of another type, null or missing", async () => {
    expect((await fuzzed()).filter(([, verdict]) => verdict === "accepted")).toEqual([]);
  });

  it("refuses another context, field by field", async () => {
    const context = (honest["bundle.json"] as JsonObject).context as Record<string, string>;
    const edits: Record<string, string[]> = {
      chainId: ["1", "31338", "0"],
      verifier: [context.recipient, "0x0000000000000000000000000000000000000000"],
      entryId: [`0x${"0".repeat(64)}`, context.entryId.replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
      jobId: ["8", "0", String(2n ** 256n - 1n)],
      recipient: [context.verifier, "0x0000000000000000000000000000000000000001"],
    };
    for (const [field, values] of Object.entries(edits)) {
      for (const value of values) expect(await verdictOf(edited(honest, "bundle.json", ["context", field], value)), `${field} = ${value}`).toBe("CONTEXT_MISMATCH");
    }
  });

  it("calls a job beyond 256 bits malformed", async () => {
    expect(await verdictOf(edited(honest, "bundle.json", ["context", "jobId"], String(2n ** 256n)))).toBe("PROOF_MALFORMED");
  });

  it("refuses data that are not the proof's, byte by byte", async () => {
    for (const [side, index] of [["inputs", 0], ["outputs", 0]] as const) {
      const path: Path = [side, index, "data"];
      const data = at(honest["bundle.json"], path) as string;
      const bytes = data.length / 2 - 1;
      const { type } = ((honest["bundle.json"] as JsonObject)[side] as JsonObject[])[0];
      // One byte more is a case of its own where elements have two.
      const longer = type === "u8" ? [`${data}00`, `${data}ff`] : [];
      const variants = Array.from({ length: bytes }, (_, i) => flipByte(data, i));
      variants.push("0x", data.slice(0, -2), data.slice(0, -1), `${data}0`, `${data}0000`, ...longer, data.toUpperCase(), data.slice(2), `0x00${data.slice(2)}`, data.replace("0x", "0X"));
      for (const value of variants) await expectRejected(edited(honest, "bundle.json", path, value), `${path.join(".")} = ${value}`);
    }
  });

  it("refuses a byte after the last whole element", async () => {
    const path: Path = ["outputs", 0, "data"];
    expect(((honest["bundle.json"] as JsonObject).outputs as JsonObject[])[0].type).toBe("i16");
    await expectRejected(edited(honest, "bundle.json", path, `${at(honest["bundle.json"], path) as string}00`), "a trailing byte");
  });

  it("refuses the other model's tensors, key hash and setup", async () => {
    const bundle = honest["bundle.json"] as JsonObject;
    for (const field of ["outputs", "keyHash", "context"]) {
      await expectRejected(edited(honest, "bundle.json", [field], (other["bundle.json"] as JsonObject)[field]), field);
    }
    await expectRejected(edited(honest, "bundle.json", ["setup"], "ceremony"), "a dev key called a ceremony's");
    await expectRejected(edited(honest, "bundle.json", ["ceremony"], { contributions: 3, transcript: `0x${"11".repeat(32)}` }), "a dev key's ceremony");
    await expectRejected(edited(honest, "bundle.json", ["inputs"], bundle.outputs), "outputs as inputs");
    await expectRejected(edited(honest, "bundle.json", ["inputs"], []), "no inputs");
    await expectRejected(edited(honest, "bundle.json", ["outputs"], [...(bundle.outputs as Json[]), ...(bundle.outputs as Json[])]), "an output twice");
  });

  it("refuses another type or visibility with the same data", async () => {
    for (const side of ["inputs", "outputs"]) {
      const { type } = ((honest["bundle.json"] as JsonObject)[side] as JsonObject[])[0];
      for (const value of ["u8", "i8", "u16", "i16", "i32", "i64", "f32"].filter((name) => name !== type)) {
        await expectRejected(edited(honest, "bundle.json", [side, 0, "type"], value), `${side} of ${value}`);
      }
      for (const value of ["hashed", "private", "secret"]) await expectRejected(edited(honest, "bundle.json", [side, 0, "visibility"], value), `${side} ${value}`);
    }
  });

  it("refuses another number of elements", async () => {
    for (const shape of [[], [1], [1, 5], [4, 4], [1, 4, 0], [0], [2 ** 31, 2 ** 31], [-1, -4]]) {
      await expectRejected(edited(honest, "bundle.json", ["inputs", 0, "shape"], shape), JSON.stringify(shape));
    }
  });
});

describe("attack ZK-12: a model not bound to the proof, in a bundle", () => {
  it("another model's files do not pass for this one's in any combination", async () => {
    for (let mask = 1; mask < 2 ** FILES.length - 1; mask++) {
      const mixed = Object.fromEntries(FILES.map((name, i) => [name, ((mask >> i) & 1) === 1 ? other[name] : honest[name]])) as unknown as ProofFiles;
      await expectRejected(mixed, `mask ${mask}`);
    }
  });

  it("another model's key hash does not help where the key is still this one's", async () => {
    const key = other["verification_key.json"] as unknown as Parameters<typeof encodeKey>[0];
    await expectRejected(edited(honest, "bundle.json", ["keyHash"], keyHash(encodeKey(key, "dev"))), "key hash");
  });

  it("another model's id does not pass", async () => {
    await expectRejected(edited(honest, "bundle.json", ["modelId"], (other["bundle.json"] as JsonObject).modelId), "modelId");
  });

  it("another program does not pass under this one's id, nor this one's with its parts spelled otherwise", async () => {
    const program = (honest["bundle.json"] as JsonObject).program as Record<string, string>;
    const foreign = (other["bundle.json"] as JsonObject).program as Record<string, string>;
    expect(foreign.weightsRoot).not.toBe(program.weightsRoot);
    await expectRejected(edited(honest, "bundle.json", ["program"], foreign), "program");
    for (const part of ["weightsRoot", "tablesRoot"]) {
      const flipped = program[part].replace(/.$/, (last) => (last === "0" ? "1" : "0"));
      for (const value of [foreign.structure, flipped, program[part].toUpperCase(), `${program[part]}00`]) {
        await expectRejected(edited(honest, "bundle.json", ["program", part], value), `${part} = ${value}`);
      }
    }
    const spaced = JSON.stringify(JSON.parse(program.structure), null, 1);
    for (const value of [` ${program.structure}`, spaced, program.structure.replace('"semantics":1', '"semantics":2')]) {
      expect(value).not.toBe(program.structure);
      await expectRejected(edited(honest, "bundle.json", ["program", "structure"], value), value.slice(0, 60));
    }
  });

  it("another registrant does not pass, since the entry follows from it", async () => {
    const { context } = honest["bundle.json"] as { context: Record<string, string> };
    for (const value of [context.recipient, context.verifier, "0x0000000000000000000000000000000000000000"]) {
      expect(await verdictOf(edited(honest, "bundle.json", ["registrant"], value)), value).toBe("CONTEXT_MISMATCH");
    }
  });
});

describe("descriptions of tensors that leave the signals as they are", () => {
  const input = (): JsonObject => ((honest["bundle.json"] as JsonObject).inputs as JsonObject[])[0];

  it("another scale, name or arrangement does not pass", async () => {
    const { mantissa } = input().scale as Record<string, string>;
    const edits: [Path, Json][] = [
      [["inputs", 0, "scale", "mantissa"], `${mantissa}0`], [["outputs", 0, "scale", "exponent"], 0], [["inputs", 0, "name"], "salary"], [["inputs", 0, "shape"], [2, 2]],
    ];
    const accepted: string[] = [];
    for (const [path, value] of edits) if ((await verdictOf(edited(honest, "bundle.json", path, value))) === "accepted") accepted.push(path.join("."));
    expect(accepted).toEqual([]);
  });

  it("pairs of bytes do not pass for 16-bit elements", async () => {
    // Four u8 lanes and two u16 lanes are the same public signal.
    expect(input().type).toBe("u8");
    await expectRejected(edited(honest, "bundle.json", ["inputs", 0], { ...input(), type: "u16", shape: [1, 2] }), "u16");
  });

  it("a packed public signal does not pass for a commitment", async () => {
    const signals = honest["public.json"] as string[];
    const { data, ...rest } = input();
    expect(typeof data).toBe("string");
    await expectRejected(edited(honest, "bundle.json", ["inputs", 0], { ...rest, visibility: "hashed", commitment: signals[signals.length - 1] }), "hashed");
  });
});

describe("attack ZK-15: values of hashed and private tensors", () => {
  let compiled: Compiled;
  let hidden: ProofFiles;

  beforeAll(async () => {
    compiled = await compileTiny("hidden", tinyLinear([0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.6], 2), SAMPLE, { visibilities: { inputs: "hashed", outputs: "private" }, protocol: "groth16" });
  });

  it("stand in private.json alone, which only its owner reads, and equal inputs have unequal commitments", async () => {
    const directories = [await proveTiny("hidden1", compiled, SAMPLE), await proveTiny("hidden2", compiled, SAMPLE)];
    const commitments = directories.map((directory) => {
      const files = read(directory);
      const secrets = JSON.parse(readFileSync(join(directory, "private.json"), "utf8")) as { role: string; data: string; salt?: string }[];
      expect(statSync(join(directory, "private.json")).mode & 0o077).toBe(0);
      expect(secrets.map(({ role }) => role).sort()).toEqual(["input", "output"]);
      const shown = JSON.stringify(files);
      for (const { data, salt } of secrets) {
        expect(shown).not.toContain(data.slice(2));
        if (salt !== undefined) expect(shown).not.toContain(salt);
      }
      expect(secrets[0].data).toBe(toHex(encodeElements([255, 128, 64, 191], "u8")));
      expect(files["public.json"]).toHaveLength(2);
      return (((files["bundle.json"] as JsonObject).inputs as JsonObject[])[0]).commitment as string;
    });
    expect(commitments[0]).not.toBe(commitments[1]);
    const files = read(directories[0]);
    expect(await verdictOf(files)).toBe("accepted");
    const path: Path = ["inputs", 0, "commitment"];
    for (const value of [commitments[1], ...tampered(commitments[0], R), null, 7, undefined]) await expectRejected(edited(files, "bundle.json", path, value), `commitment ${String(value)}`);
    hidden = files;
  });

  it("cannot be claimed beside the commitment: no data are shown that nothing was checked against", async () => {
    await expectRejected(edited(hidden, "bundle.json", ["inputs", 0, "data"], "0x01020304"), "data of a hashed input");
    await expectRejected(edited(hidden, "bundle.json", ["outputs", 0, "data"], "0x01020304"), "data of a private output");
  });
});

/** Coordinates as ffjavascript holds an affine point. */
function montgomery(coordinates: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(coordinates.length * FIELD_BYTES);
  coordinates.forEach((value, i) => {
    writeFieldLE(bytes, i * FIELD_BYTES, (value << 256n) % P);
  });
  return bytes;
}

function flipByte(data: string, index: number): string {
  const place = 2 + 2 * index;
  const byte = Number.parseInt(data.slice(place, place + 2), 16) ^ 1;
  return data.slice(0, place) + byte.toString(16).padStart(2, "0") + data.slice(place + 2);
}
