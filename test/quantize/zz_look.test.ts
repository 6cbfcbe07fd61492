import { it } from "vitest";
import { buildModel } from "../support/onnxBuilder.js";
import { Draw } from "../program/seeded.js";
import { compare, COARSE, FINE } from "./compare.js";
import { randomGraph } from "./randomGraph.js";
import { parseModel } from "../../src/onnx/read.js";
it("look", async () => {
  for (const seed of (process.env.SEEDS ?? "").split(",").map(Number)) {
    const { spec } = randomGraph(new Draw(seed));
    console.log(JSON.stringify(spec.inputs));
    for (const n of spec.nodes) console.log(n.op, n.inputs.join(","), "->", n.outputs.join(","), JSON.stringify(n.attributes));
    const g = await parseModel(buildModel(spec), "x"); console.log([...g.values.values()].map((v) => v.name + ":" + v.shape.join("x")).join(" "));
    for (const n of g.nodes) if (n.operator === "MaxPool" || n.operator==="AveragePool") console.log(JSON.stringify(n));
    const [fine, coarse] = await compare(buildModel(spec), [FINE, COARSE], seed);
    for (const c of [fine, coarse]) { console.log(JSON.stringify([...c.errors]));
    for (const op of c.program.operations) console.log(op.kind, op.node, c.program.tensors[op.output].shape.join("x"), c.program.tensors[op.output].type, JSON.stringify(op, (k, v) => (v instanceof Float64Array ? [...v].slice(0,20).join(" ") : v)).slice(0,500)); }
  }
}, 500000);
