/** Errors of outputs and layers, for people. */
import { type Fidelity, type LayerError, type OutputError, worstLayer } from "../quantize/fidelity.js";

export function outputErrorLines(outputs: readonly OutputError[]): string[] {
  const number = (value: number): string => value.toPrecision(3).padStart(10);
  return [
    "  output error         mean       max   % of |f|  % of range",
    ...outputs.map(({ name, mean, max, meanAbsolutePercentage, errorOfRange }) =>
      `  ${name.padEnd(16)}${number(mean)}${number(max)}${number(meanAbsolutePercentage)}${number(errorOfRange)}`,
    ),
  ];
}

export function layerLines(fidelity: Fidelity, all: boolean): string[] {
  if (all) return ["  layer error (% of range)       error     added", ...fidelity.layers.map(layerLine)];
  const worst = worstLayer(fidelity);
  return worst === undefined ? [] : [`  the layer that lost most: ${worst.value} (${worst.operator}), ${worst.added.toFixed(3)} % of range; --layers shows all`];
}

function layerLine({ value, operator, errorOfRange, added }: LayerError): string {
  return `  ${operator.padEnd(18)}${errorOfRange.toFixed(3).padStart(8)} %${added.toFixed(3).padStart(8)} %  ${value}`;
}
