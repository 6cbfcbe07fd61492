import { it } from "vitest";
import { buildModel } from "/work/main/test/support/onnxBuilder.js";
import { Draw } from "/work/main/test/program/seeded.js";
import { compare, COARSE, FINE } from "/work/main/test/quantize/compare.js";
import { randomGraph } from "/work/main/test/quantize/randomGraph.js";
it("hunt", async () => {
  const [from, to] = [Number(process.env.FROM ?? 0), Number(process.env.TO ?? 300)];
  const hist: number[][] = [[], []];
  for (let seed = from; seed < to; seed++) {
    const { spec, operators } = randomGraph(new Draw(seed));
    try {
      const [fine, coarse] = await compare(buildModel(spec), [FINE, COARSE], seed);
      hist[0].push(fine.worst); hist[1].push(coarse.worst);
      if (fine.worst > 1.0 || coarse.worst > 3) console.log(seed, fine.worst.toFixed(2), coarse.worst.toFixed(2), operators.join(" "), JSON.stringify([...coarse.errors]));
    } catch (e: any) { console.log(seed, "THROWS", e.code, e.message, e.where, operators.join(" ")); }
  }
  for (const h of hist) { h.sort((a, b) => a - b); console.log(h.length, [0.5, 0.9, 0.95, 0.99, 1].map((p) => h[Math.min(h.length - 1, Math.floor(p * h.length))].toFixed(3)).join(" ")); }
}, 500000);
