/** Random models around an operator with weights. */
import fc from "fast-check";
import { modelOf, type RandomModel, recipes } from "./recipe.js";

const OPERATORS = ["Conv", "Gemm", "MatMul", "BatchNormalization", "ConvTranspose", "LayerNormalization", "GRU", "LSTM"];

/** Weights may still be missing, where an operator draws activations in their place. */
export function weightedModel(seed: number): RandomModel {
  const [recipe] = fc.sample(recipes(1), { seed, numRuns: 1 });
  return modelOf({ ...recipe, operator: OPERATORS[seed % OPERATORS.length] });
}
