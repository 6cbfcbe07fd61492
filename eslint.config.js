import tseslint from "typescript-eslint";

/** What each room of src/ must not import: data flows one way, imports point one way (README, "Layout"). */
const ABOVE = {
  math: ["program", "samples", "onnx", "fast", "quantize", "pool", "zk", "optimistic", "chain", "bench", "api", "cli"],
  pool: ["program", "samples", "onnx", "fast", "quantize", "zk", "optimistic", "chain", "bench", "api", "cli"],
  program: ["samples", "onnx", "fast", "quantize", "pool", "zk", "optimistic", "chain", "bench", "api", "cli"],
  samples: ["program", "onnx", "fast", "quantize", "pool", "zk", "optimistic", "chain", "bench", "api", "cli"],
  onnx: ["program", "samples", "fast", "quantize", "pool", "zk", "optimistic", "chain", "bench", "api", "cli"],
  fast: ["samples", "quantize", "zk", "optimistic", "chain", "bench", "api", "cli"],
  quantize: ["zk", "optimistic", "chain", "bench", "api", "cli"],
  zk: ["optimistic", "chain", "bench", "api", "cli"],
  optimistic: ["zk", "chain", "bench", "api", "cli"],
  chain: ["bench", "api", "cli"],
  bench: ["api", "cli"],
  api: ["cli"],
};

const ethersOnlyInChain = { name: "ethers", message: "Only src/chain talks to chains." };

const directions = Object.entries(ABOVE).map(([room, forbidden]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        paths: room === "chain" ? [] : [ethersOnlyInChain],
        patterns: [{ regex: `^(\\.\\./)+(${forbidden.join("|")})/`, message: `Imports point one way: ${room} must not know ${forbidden.join(", ")}.` }],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["dist/", "docs/", "node_modules/", "**/*.mjs", "eslint.config.js"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["vitest.config.ts"] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      eqeqeq: "error",
      "max-lines": ["error", 400],
    },
  },
  {
    files: ["src/cli/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { paths: [ethersOnlyInChain] }] },
  },
  ...directions,
);
