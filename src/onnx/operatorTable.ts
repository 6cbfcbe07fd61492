/** The supported operators as a Markdown table: the command `operators` prints it, and the README holds it. */
import { foldableOperators } from "./foldLimits.js";
import { supportedOperators } from "./operators/registry.js";

export function operatorTable(): string[] {
  const supported = supportedOperators();
  const names = new Set(supported.map(({ name }) => name));
  const row = ({ domain, name, constants }: (typeof supported)[number]): string =>
    `| ${domain === "" ? "" : `${domain}.`}${name} | ${constants.join(", ")} |`;
  const constantOnly = foldableOperators().filter((name) => !names.has(name));
  return [
    "| operator | operands that must be constant |",
    "|---|---|",
    ...supported.map(row),
    `| ${["Constant", "If", "Loop", "Scan", "Shape", "Size"].join(", ")} | conditions and trip counts |`,
    `| ${constantOnly.join(", ")} | all |`,
  ];
}
