/** The circuit and the witness as other tools read them: snarkjs is the judge. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wtns } from "snarkjs";
import { afterAll, describe, expect, it } from "vitest";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { mode, Workplace } from "./command.js";
import { convolution, PIXELS } from "./models.js";

const ignore = (): void => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Of wire 0 in a .wtns file: behind the file's header, the first section and the second one's header. */
const FIRST_VALUE = 76;

const place = new Workplace();
afterAll(async () => {
  place.remove();
  await terminateCurve();
});

const model = place.write("conv.onnx", convolution());
const image = place.json("image.json", { input_data: [PIXELS] });

describe.each(["groth16", "two-round"])("check --witness of a %s circuit", (protocol) => {
  it("writes what satisfies the compiled .r1cs, for its owner's eyes, and a changed value does not", async () => {
    const compiled = place.empty(protocol);
    expect((await place.run(["compile", model, "--protocol", protocol, "-o", compiled])).code).toBe(0);
    const witness = join(place.directory, `${protocol}.wtns`);
    const run = await place.run(["check", compiled, "--input", image, "--witness", witness]);
    expect(run.code, run.stderr).toBe(0);
    expect(mode(witness)).toBe(0o600);
    const circuit = join(compiled, "circuit.r1cs");
    expect(await wtns.check(circuit, witness, logger)).toBe(true);
    const bytes = readFileSync(witness);
    // Wire 1, the first output signal.
    bytes[FIRST_VALUE + 32] ^= 1;
    const forged = `${witness}.forged`;
    writeFileSync(forged, bytes);
    expect(await wtns.check(circuit, forged, logger)).toBe(false);
  });
});
