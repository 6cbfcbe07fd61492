import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { r1cs as snarkjsR1cs, wtns } from "snarkjs";
import { afterAll, describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import { CoefficientTable } from "../../src/zk/keys/coefficientTable.js";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { collectingLogger } from "../../src/zk/keys/snarkjsOutput.js";
import { encodeScalars } from "../../src/zk/keys/scalars.js";
import type { R1cs } from "../../src/zk/r1cs.js";
import { readR1cs, writeR1cs } from "../../src/zk/r1csFile.js";
import { readWtns, writeWtns } from "../../src/zk/wtnsFile.js";
import { seeded, testCircuit, withCoefficient } from "./circuit.js";
import { readFileBytes, sectionOf } from "./container.js";

const directory = mkdtempSync(join(tmpdir(), "assay-files-"));
const path = (name: string): string => join(directory, name);
const { r1cs, witness } = testCircuit({ bits: 40, products: 20, publics: 3, seed: 1 });

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await terminateCurve();
});

/** Rows as lists of [wire, value], which do not depend on how coefficients are numbered. */
function terms(system: R1cs): unknown {
  return [system.a, system.b, system.c].map((rows) =>
    Array.from({ length: system.constraintCount }, (_, row) =>
      Array.from(rows.wires.slice(rows.offsets[row], rows.offsets[row + 1]), (wire, k) =>
        [wire, system.coefficients[rows.coefficients[rows.offsets[row] + k]]])));
}

describe(".r1cs", () => {
  it("reads back what it wrote", () => {
    writeR1cs(path("a.r1cs"), r1cs);
    const read = readR1cs(path("a.r1cs"));
    expect(terms(read)).toEqual(terms(r1cs));
    expect({ ...read, a: 0, b: 0, c: 0, coefficients: 0 }).toEqual({ ...r1cs, a: 0, b: 0, c: 0, coefficients: 0 });
  });

  it("is what snarkjs r1cs info expects", async () => {
    writeR1cs(path("b.r1cs"), r1cs);
    const info = await snarkjsR1cs.info(path("b.r1cs"));
    expect(info).toMatchObject({
      n8: 32, prime: R, nVars: r1cs.wireCount, nOutputs: 1, nPubInputs: 2, nLabels: r1cs.wireCount, nConstraints: 60,
    });
  });

  it("is what snarkjs wtns check accepts, and it rejects a wrong witness", async () => {
    writeR1cs(path("c.r1cs"), r1cs);
    writeWtns(path("c.wtns"), witness);
    const { logger } = collectingLogger();
    expect(await wtns.check(path("c.r1cs"), path("c.wtns"), logger)).toBe(true);
    const wrong = witness.slice();
    wrong[32 * (r1cs.wireCount - 1)] ^= 1;
    writeWtns(path("d.wtns"), wrong);
    expect(await wtns.check(path("c.r1cs"), path("d.wtns"), logger)).toBe(false);
  });

  it("refuses a wire that occurs twice in a row, and leaves no file", () => {
    const wires = r1cs.c.wires.slice();
    wires[1] = wires[0];
    const before = readdirSync(directory);
    expect(() => { writeR1cs(path("twice.r1cs"), { ...r1cs, c: { ...r1cs.c, wires } }); })
      .toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    expect(readdirSync(directory)).toEqual(before);
  });

  it("refuses indices out of range, terms outside the rows and coefficients outside the field", () => {
    const wires = r1cs.a.wires.slice().fill(r1cs.wireCount, 0, 1);
    const coefficients = r1cs.b.coefficients.slice().fill(r1cs.coefficients.length, 3, 4);
    const broken: R1cs[] = [
      { ...r1cs, a: { ...r1cs.a, wires } },
      { ...r1cs, b: { ...r1cs.b, coefficients } },
      { ...r1cs, c: { ...r1cs.c, offsets: r1cs.c.offsets.slice(1) } },
      { ...r1cs, c: { ...r1cs.c, wires: r1cs.c.wires.slice(1) } },
      withCoefficient(r1cs, "c", 0, R),
      withCoefficient(r1cs, "c", 0, -1n),
      { ...r1cs, publicInputCount: r1cs.wireCount },
    ];
    for (const system of broken) {
      expect(() => { writeR1cs(path("broken.r1cs"), system); }).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    }
  });

  it.each([0, 3, 11, 40, 200, 1000])("reports a file cut after %i bytes", (length) => {
    writeR1cs(path("whole.r1cs"), r1cs);
    writeFileSync(path("cut.r1cs"), readFileBytes(path("whole.r1cs")).slice(0, length));
    expect(() => readR1cs(path("cut.r1cs"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
  });

  it("reports a coefficient that is not below the modulus, a row that runs over the end, and a missing file", () => {
    writeR1cs(path("whole.r1cs"), withCoefficient(r1cs, "a", 0, 5n));
    const data = readFileBytes(path("whole.r1cs"));
    const { offset } = sectionOf(data, 2);
    const large = data.slice();
    large.set(encodeScalars([R]), offset + 8);
    writeFileSync(path("large.r1cs"), large);
    expect(() => readR1cs(path("large.r1cs"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
    const long = data.slice();
    long.fill(255, offset, offset + 4);
    writeFileSync(path("long.r1cs"), long);
    expect(() => readR1cs(path("long.r1cs"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
    expect(() => readR1cs(path("none.r1cs"))).toThrow(expect.objectContaining({ code: "FILE_NOT_READABLE" }));
  });

  it("reports a directory that does not exist", () => {
    expect(() => { writeR1cs(path("no/such/dir.r1cs"), r1cs); }).toThrow(expect.objectContaining({ code: "FILE_NOT_WRITABLE" }));
  });
});

describe(".wtns", () => {
  it("reads back what it wrote, as snarkjs does", async () => {
    writeWtns(path("a.wtns"), witness);
    expect(Buffer.compare(readWtns(path("a.wtns")), witness)).toBe(0);
    const values = await wtns.exportJson(path("a.wtns"));
    expect(encodeScalars(values)).toEqual(witness);
  });

  it("reports another kind of file", () => {
    writeR1cs(path("not.wtns"), r1cs);
    expect(() => readWtns(path("not.wtns"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
  });
});

describe("coefficient table", () => {
  it("numbers distinct values in order, over many growths", () => {
    const next = seeded(3);
    const distinct = Array.from({ length: 5000 }, () => BigInt(next()) * BigInt(next()) * BigInt(next()));
    const table = new CoefficientTable();
    const data = new DataView(encodeScalars(distinct).buffer);
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < distinct.length; i++) expect(table.intern(data, 32 * i)).toBe(distinct.indexOf(distinct[i]));
    }
    expect(table.values).toEqual([...new Set(distinct)]);
  });
});
