/** assay bench: what it refuses. What it measures is tested in test/slow/bench.test.ts. */
import { afterAll, describe, it } from "vitest";
import { expectRefusal, fashion, Workplace } from "./command.js";

const place = new Workplace();
afterAll(() => place.remove());

describe("bench refuses", () => {
  const model = fashion("fashion_mlp.onnx");
  const directory = place.empty("compiled");
  const text = place.write("notes.txt", "no results");

  const partial = place.json("partial.json", { format: "assay-bench-1", command: "", machine: { cpu: "", cores: 1, memoryGiB: 1, platform: "", versions: {} }, measured: {}, proving: [{ model: "fashion_mlp" }], claims: [], omitted: [] });
  const small = place.write("small.json", JSON.stringify({ input_data: [[1, 2, 3]] }));

  it.each([
    { what: "a directory", arguments_: [directory], error: "BAD_USAGE", says: ["give the .onnx file"] },
    { what: "a model that is not there", arguments_: [place.path("none.onnx")], error: "FILE_NOT_READABLE", says: ["none.onnx"] },
    { what: "an input without a model", arguments_: ["--input", fashion("fashion-ankle-boot.json")], error: "BAD_USAGE", says: ["input given without a model"] },
    { what: "no runs", arguments_: [model, "--runs", "0"], error: undefined, says: ["--runs"] },
    { what: "an unknown part", arguments_: [model, "--only", "speed"], error: undefined, says: ["proving, claims"] },
    { what: "to compare with results that lack figures, before it measures", arguments_: [model, "--compare", partial], error: "INPUT_MALFORMED", says: ["partial.json", "proving[0].protocol is no text"] },
    { what: "an input that does not fit, before it measures", arguments_: [model, "--input", small], error: "INPUT_MISMATCH", says: ["fashion_mlp", "small.json", "MODEL=FILE"] },
    { what: "a file as output directory", arguments_: [model, "-o", text], error: "FILE_NOT_WRITABLE", says: ["notes.txt"] },
    { what: "what is no model", arguments_: [text], error: "ONNX_MALFORMED", says: ["notes.txt"] },
  ])("$what", async ({ arguments_, error, says }) => {
    expectRefusal(await place.run(["bench", ...arguments_]), { error, says });
  });
});
