/** A committed model on disk: it serves what was committed to, and damage is found when it is opened or read. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rootOfTree, topOf } from "../../../src/math/merkle.js";
import { proveChunks } from "../../../src/math/merkleProofs.js";
import { commitInMemory, type CommittedModel, openModel, writeModel } from "../../../src/optimistic/model/index.js";
import { OPEN_REGIONS, proveStep } from "../../../src/optimistic/step/index.js";
import { referenceTrace } from "../../../src/optimistic/trace/index.js";
import { WorkerPool } from "../../../src/pool/index.js";
import { modelIdOf } from "../../../src/program/steps/index.js";
import { hex } from "../../math/trees.js";
import { allKinds, damaged as damagedProgram, only } from "../../program/allKinds.js";
import { errorOf, temporaryDirectory } from "../trace/tensors.js";
import { randomInputs } from "./inputs.js";

const parent = temporaryDirectory();
const sound = join(parent, "sound");
const broken = join(parent, "broken");
const program = allKinds();
const pool = new WorkerPool({ size: 1 });
afterAll(() => pool.close());

let written: CommittedModel;
let opened: CommittedModel;
beforeAll(async () => {
  written = await writeModel(program, sound, pool);
  opened = openModel(sound, modelIdOf(program));
});

describe("a committed model on disk", () => {
  it("has the program's id, header and trees", () => {
    const expected = commitInMemory(program);
    for (const model of [written, opened]) {
      expect(model.modelId).toBe(modelIdOf(program));
      expect(model.header).toEqual(expected.header);
      expect(hex(topOf(model.descriptors))).toBe(model.header.stepsTop);
      for (const region of OPEN_REGIONS) {
        const tree = model.region(region);
        expect(hex(rootOfTree(tree))).toBe(model.header[`${region}Root`]);
        const chunks = tree.length > 512 ? [0, 1] : [0];
        expect(proveChunks(tree, chunks)).toEqual(proveChunks(expected.region(region), chunks));
      }
    }
    expect(readdirSync(parent)).toEqual(["sound"]);
  });

  it("proves steps as the model in memory does", () => {
    const expected = commitInMemory(program);
    const trace = referenceTrace(expected.plan, randomInputs(program, 8));
    for (const { slot, count } of expected.plan.steps) {
      for (const element of [0, count - 1]) {
        const proven = proveStep(opened, trace, slot, element, { kind: "whole" });
        expect(proven).toEqual(proveStep(expected, trace, slot, element, { kind: "whole" }));
        expect(proven.value).toBe(trace.element(slot, element));
      }
    }
  });

  it("takes the place of an older one", async () => {
    const other = damagedProgram((loose) => { only(loose, "add").leftFactor = 7; });
    const directory = join(parent, "replaced");
    await writeModel(program, directory, pool);
    const { modelId } = await writeModel(other, directory, pool);
    expect(modelId).not.toBe(written.modelId);
    expect(openModel(directory).modelId).toBe(modelId);
  });

  it("is not made of committed weights, nor where it cannot be", async () => {
    const open = damagedProgram((loose) => { only(loose, "linear").weight.committed = true; });
    await expect(writeModel(open, join(parent, "open"), pool)).rejects.toMatchObject({ code: "PROGRAM_INVALID" });
    expect(errorOf(() => commitInMemory(open))).toMatchObject({ code: "PROGRAM_INVALID" });
    writeFileSync(join(parent, "file"), "");
    await expect(writeModel(program, join(parent, "file"), pool)).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    await expect(writeModel(program, join(parent, "file", "below"), pool)).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    expect(readdirSync(parent).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("a damaged model", () => {
  function damage(file: string, change: (path: string) => void): void {
    rmSync(broken, { recursive: true, force: true });
    cpSync(sound, broken, { recursive: true });
    change(join(broken, file));
  }
  const flip = (at: number) => (path: string): void => {
    const data = readFileSync(path);
    data[Math.floor(at * data.length)] ^= 1;
    writeFileSync(path, data);
  };
  const FILES = ["model.json", "program.json", "weights.bin", "weights.tree", "tables.bin", "tables.tree", "parameters.bin", "parameters.tree"];

  it("consists of these files", () => expect(readdirSync(sound).sort()).toEqual([...FILES].sort()));

  it.each(FILES)("is refused for %s, flipped, cut, longer or missing", (file) => {
    const where = join(broken, file);
    for (const at of [0, 0.3, 0.7, 0.999]) {
      damage(file, flip(at));
      expect(errorOf(() => openModel(broken)), `at ${at}`).toMatchObject({ code: "ARTEFACT_STALE", where });
    }
    damage(file, (path) => truncateSync(path, readFileSync(path).length - 1));
    expect(errorOf(() => openModel(broken))).toMatchObject({ code: "ARTEFACT_STALE", where });
    damage(file, (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from("x")])));
    expect(errorOf(() => openModel(broken))).toMatchObject({ code: "ARTEFACT_STALE", where });
    damage(file, (path) => rmSync(path));
    expect(errorOf(() => openModel(broken))).toMatchObject({ code: "ARTEFACT_MISSING", where });
  });

  it.each(["null", "[]", "{}", "7", '{"format":"assay-committed-1"}', '{"format":"assay-committed-1","header":null,"modelId":"0x"}'])("is refused for a manifest of %s", (text) => {
    damage("model.json", (path) => writeFileSync(path, text));
    expect(errorOf(() => openModel(broken))).toMatchObject({ code: "ARTEFACT_STALE", where: join(broken, "model.json") });
  });

  it("is refused for lengths that no id binds, and for another id than wanted", () => {
    const change = (fields: object) => (path: string): void => {
      const manifest = JSON.parse(readFileSync(path, "utf8")) as { header: object };
      writeFileSync(path, JSON.stringify({ ...manifest, header: { ...manifest.header, ...fields } }));
    };
    damage("model.json", change({ weightsLength: 1 }));
    expect(errorOf(() => openModel(broken))).toMatchObject({ code: "ARTEFACT_STALE" });
    damage("model.json", change({ surplus: 1 }));
    expect(errorOf(() => openModel(broken))).toMatchObject({ code: "ARTEFACT_STALE", where: join(broken, "model.json") });
    expect(errorOf(() => openModel(sound, `0x${"00".repeat(32)}`))).toMatchObject({ code: "ARTEFACT_STALE", where: join(sound, "model.json") });
    mkdirSync(join(parent, "empty"));
    expect(errorOf(() => openModel(join(parent, "empty")))).toMatchObject({ code: "ARTEFACT_MISSING" });
  });

  it("is found when it is damaged after it was opened", () => {
    damage("weights.tree", () => undefined);
    const model = openModel(broken);
    flip(0)(join(broken, "weights.tree"));
    expect(errorOf(() => proveChunks(model.region("weights"), []))).toMatchObject({ code: "ARTEFACT_STALE", where: join(broken, "weights.tree") });
  });
});
