import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBn128 } from "ffjavascript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WorkerPool } from "../../src/pool/index.js";
import {
  TWO_ROUND_AUDIT_CHECKS, auditKey, auditPathOf, devSetup, terminateCurve, twoRoundSetup, type AuditReport, type Rounds,
} from "../../src/zk/keys/index.js";
import { encodeScalars } from "../../src/zk/keys/scalars.js";
import type { R1cs } from "../../src/zk/r1cs.js";
import { testCircuit, withCoefficient } from "./circuit.js";
import { replaceSections, section, tamper } from "./container.js";
import { TOY_ROUNDS, toyCircuit } from "./toyCircuit.js";
import { pointOutsideSubgroup } from "./twist.js";

const directory = mkdtempSync(join(tmpdir(), "assay-two-audit-"));
const path = (name: string): string => join(directory, name);
const pool = new WorkerPool({ size: 2 });
const { r1cs } = testCircuit({ bits: 60, products: 25, publics: 3, seed: 6 });
const rounds: Rounds = { firstRoundOneWire: 50, challengeCount: 1 };
const [honest, honestAudit] = [path("one.key"), auditPathOf(path("one.key"))];
const [G1, G2] = [64, 128];
const SECTION = { header: 1, ic: 2, a: 3, b1: 4, b2: 5, k0: 6, k1: 7, h: 8 };
/** Offsets in the header. */
const AT = { challenges: 80, boundary: 88, alpha1: 156, beta1: 220, beta2: 284, gamma2: 412, delta01: 540, delta02: 604, delta11: 732, delta12: 796 };

beforeAll(async () => {
  await twoRoundSetup(r1cs, rounds, honest, { pool });
});

afterAll(async () => {
  await pool.close();
  await terminateCurve();
  rmSync(directory, { recursive: true });
});

const failed = (report: AuditReport): string[] => {
  expect(report.passed).toBe(false);
  return report.failures.map((failure) => failure.check);
};
const audit = async (name: string, auditPath = honestAudit): Promise<string[]> => failed(await auditKey(r1cs, path(name), auditPath, { rounds }));

async function auditTampered(type: number, edit: (content: Uint8Array) => void): Promise<string[]> {
  tamper(honest, path("bad.key"), type, edit);
  return audit("bad.key");
}

function copyPoint(size: number, from: number, to: number): (content: Uint8Array) => void {
  return (content) => {
    const source = content.slice(from * size, (from + 1) * size);
    expect(Buffer.compare(source, content.subarray(to * size, (to + 1) * size))).not.toBe(0);
    content.set(source, to * size);
  };
}

describe("audit of an honest two-round key", () => {
  it("passes every check, with progress", async () => {
    const seen: number[] = [];
    const report = await auditKey(r1cs, honest, honestAudit, { rounds, onProgress: (fraction) => seen.push(fraction) });
    expect(report).toEqual({ passed: true, checks: TWO_ROUND_AUDIT_CHECKS, failures: [] });
    expect(seen.at(-1)).toBe(1);
  });

  it.each([
    ["small", toyCircuit, TOY_ROUNDS],
    ["without wires in round 1", toyCircuit, { firstRoundOneWire: 6, challengeCount: 2 }],
    ["without wires in round 0", toyCircuit, { firstRoundOneWire: 3, challengeCount: 1 }],
  ])("passes for a circuit that is %s", async (_, circuit, division) => {
    await twoRoundSetup(circuit, division, path("small.key"), { pool });
    expect(await auditKey(circuit, path("small.key"), auditPathOf(path("small.key")), { rounds: division })).toMatchObject({ passed: true });
  });

  it("is not mistaken for a plain key, nor the other way", async () => {
    expect(failed(await auditKey(r1cs, honest, honestAudit))).toEqual(["format"]);
    await devSetup(r1cs, path("plain.zkey"), { pool });
    expect(failed(await auditKey(r1cs, path("plain.zkey"), auditPathOf(path("plain.zkey")), { rounds }))).toEqual(["format"]);
  });
});

describe("audit of a tampered two-round key", () => {
  // Wire 49 is the last of round 0, 50 the first of round 1.
  it.each([
    ["A of round 0", SECTION.a, copyPoint(G1, 20, 21), ["A", "K0"]],
    ["A of round 1", SECTION.a, copyPoint(G1, 49, 50), ["A", "K1"]],
    ["A of a public wire", SECTION.a, copyPoint(G1, 5, 1), ["A", "IC"]],
    ["B1", SECTION.b1, copyPoint(G1, 5, 6), ["B1", "B2"]],
    ["B2 of round 0", SECTION.b2, copyPoint(G2, 5, 6), ["B2", "K0"]],
    ["B2 of round 1", SECTION.b2, copyPoint(G2, 51, 52), ["B2", "K1"]],
    ["IC of a challenge", SECTION.ic, copyPoint(G1, 1, 3), ["IC"]],
    ["K0", SECTION.k0, copyPoint(G1, 45, 44), ["K0"]],
    ["K1", SECTION.k1, copyPoint(G1, 0, 1), ["K1"]],
    ["H", SECTION.h, copyPoint(G1, 5, 6), ["H"]],
  ])("finds one replaced point of %s", async (_, type, edit, expected) => {
    expect(await auditTampered(type, edit)).toEqual(expected);
  });

  it.each(Object.values(SECTION))("finds one flipped bit anywhere in the points of section %i", async (type) => {
    for (const position of [0.3, 0.63, 0.9999]) {
      expect(await auditTampered(type, (content) => { content[Math.floor(position * content.length)] ^= 1; })).not.toEqual([]);
    }
  });

  it.each([["K0", SECTION.k0], ["K1", SECTION.k1]])("finds a point of %s replaced by infinity", async (name, type) => {
    expect(await auditTampered(type, (content) => { content.fill(0, 3 * G1, 4 * G1); })).toEqual([name]);
  });

  it.each([
    ["alpha1", AT.alpha1, AT.beta1, G1], ["beta2", AT.beta2, AT.gamma2, G2], ["gamma2 = delta0", AT.gamma2, AT.delta02, G2],
    ["gamma2 = delta1", AT.gamma2, AT.delta12, G2], ["delta0 in G1", AT.delta01, AT.beta1, G1], ["delta0 in G2", AT.delta02, AT.gamma2, G2],
    ["delta1 in G1", AT.delta11, AT.delta01, G1], ["delta1 in G2", AT.delta12, AT.delta02, G2],
  ])("finds a replaced %s", async (_, at, source, size) => {
    expect(await auditTampered(SECTION.header, (content) => { content.copyWithin(at, source, source + size); })).toContain("secrets");
  });

  it("refuses delta0 = ±delta1 and delta1 = −1, consistent in both groups", async () => {
    const curve = await buildBn128(true);
    const set = (at1: number, point1: Uint8Array, at2: number, point2: Uint8Array) => (content: Uint8Array): void => {
      content.set(point1, at1);
      content.set(point2, at2);
    };
    const header = section(honest, SECTION.header);
    const [one, two] = [header.slice(AT.delta11, AT.delta12), header.slice(AT.delta12, AT.delta12 + G2)];
    const negative = [curve.G1.toAffine(curve.G1.neg(one)), curve.G2.toAffine(curve.G2.neg(two))] as const;
    expect(await auditTampered(SECTION.header, set(AT.delta01, one, AT.delta02, two))).toContain("secrets");
    expect(await auditTampered(SECTION.header, set(AT.delta01, negative[0], AT.delta02, negative[1]))).toContain("secrets");
    const minusOne = [curve.G1.toAffine(curve.G1.neg(curve.G1.g)), curve.G2.toAffine(curve.G2.neg(curve.G2.g))] as const;
    expect(await auditTampered(SECTION.header, set(AT.delta11, minusOne[0], AT.delta12, minusOne[1]))).toContain("secrets");
    expect(await auditTampered(SECTION.header, (content) => { content.set(curve.G2.g.slice(0, G2), AT.gamma2); })).toContain("secrets");
  });

  it("finds fresh deltas that are consistent, but not those of the sections", async () => {
    const curve = await buildBn128(true);
    const scalar = encodeScalars([987654321n]);
    const fresh1 = curve.G1.toAffine(curve.G1.timesScalar(curve.G1.g, scalar));
    const fresh2 = curve.G2.toAffine(curve.G2.timesScalar(curve.G2.g, scalar));
    expect(await auditTampered(SECTION.header, (content) => {
      content.set(fresh1, AT.delta01);
      content.set(fresh2, AT.delta02);
    })).toEqual(["K0"]);
    expect(await auditTampered(SECTION.header, (content) => {
      content.set(fresh1, AT.delta11);
      content.set(fresh2, AT.delta12);
    })).toEqual(["K1", "H"]);
  });

  it.each([["delta0 in G1", AT.delta01, G1], ["delta0 in G2", AT.delta02, G2], ["delta1 in G1", AT.delta11, G1]])(
    "refuses %s at infinity", async (_, at, size) => {
      expect(await auditTampered(SECTION.header, (content) => { content.fill(0, at, at + size); })).toEqual(["points"]);
    });

  it("finds points of B2 and delta0 outside the subgroup", async () => {
    const point = pointOutsideSubgroup();
    expect(await auditTampered(SECTION.b2, (content) => { content.set(point, 60 * G2); })).toEqual(["B2", "K1"]);
    expect(await auditTampered(SECTION.header, (content) => { content.set(point, AT.delta02); })).toContain("secrets");
  });

  it("finds the audit file of another setup", async () => {
    await twoRoundSetup(r1cs, rounds, path("other.key"), { pool });
    expect(await audit("one.key", auditPathOf(path("other.key")))).toEqual(["A", "B1", "IC", "K0", "K1", "H"]);
  });
});

describe("audit of a key with other rounds", () => {
  /** The key of another division, with a header and sections as if it were the expected one. */
  const disguised = async (actual: Rounds): Promise<string[]> => {
    await twoRoundSetup(r1cs, actual, path("moved.key"), { pool });
    expect(await audit("moved.key", auditPathOf(path("moved.key")))).toEqual(["format"]);
    const privates = Buffer.concat([section(path("moved.key"), SECTION.k0), section(path("moved.key"), SECTION.k1)]);
    const boundary = (rounds.firstRoundOneWire - 4) * G1;
    const header = section(path("moved.key"), SECTION.header);
    header[AT.boundary] = rounds.firstRoundOneWire;
    header[AT.challenges] = rounds.challengeCount;
    replaceSections(path("moved.key"), path("disguised.key"), {
      [SECTION.header]: header, [SECTION.k0]: privates.subarray(0, boundary), [SECTION.k1]: privates.subarray(boundary),
    });
    return audit("disguised.key", auditPathOf(path("moved.key")));
  };

  it("finds a wire of round 1 that the key has in round 0, and the other way", async () => {
    expect(await disguised({ ...rounds, firstRoundOneWire: 51 })).toEqual(["K1"]);
    expect(await disguised({ ...rounds, firstRoundOneWire: 49 })).toEqual(["K0"]);
  });

  it("finds another number of challenges", async () => {
    const report = await auditKey(r1cs, honest, honestAudit, { rounds: { ...rounds, challengeCount: 2 } });
    expect(report.failures).toEqual([{ check: "format", message: "the key is for another number of challenges" }]);
  });
});

describe("audit of a two-round key of another circuit with the same sizes", () => {
  const foreign = async (circuit: R1cs): Promise<string[]> => {
    await twoRoundSetup(circuit, rounds, path("foreign.key"), { pool });
    return audit("foreign.key", auditPathOf(path("foreign.key")));
  };
  const lastOfC = r1cs.c.wires.length - 1;

  it.each([
    ["A", withCoefficient(r1cs, "a", 10, 2n), ["A"]],
    ["B", withCoefficient(r1cs, "b", 11, 2n), ["B1"]],
    ["C of a public wire", withCoefficient(r1cs, "c", 0, 4n), ["IC"]],
    ["C of round 0", withCoefficient(r1cs, "c", r1cs.c.wires.findIndex((wire) => wire > 3 && wire < 50), 1000n), ["K0"]],
    ["C of round 1", withCoefficient(r1cs, "c", lastOfC, 1000n), ["K1"]],
  ])("finds one changed coefficient of %s", async (_, circuit, expected) => {
    expect(await foreign(circuit)).toEqual(expected);
  });
});
