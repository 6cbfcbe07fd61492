/** Operators that cannot be supported, each with its reason; without an entry it would read as one nobody has heard of. */

const SHAPE = "the shape of its output depends on values computed from an input";
const RANDOM = "its output is random: a model must mean one thing";
const SEQUENCES = "sequences and optional values are not supported";

const REASONS: Readonly<Record<string, string>> = {
  Bernoulli: RANDOM,
  Multinomial: RANDOM,
  RandomNormal: RANDOM,
  RandomNormalLike: RANDOM,
  RandomUniform: RANDOM,
  RandomUniformLike: RANDOM,
  If: "its branches are missing",
  Loop: "its body is missing",
  Scan: "its body is missing",
  ConstantOfShape: SHAPE,
  NonMaxSuppression: SHAPE,
  NonZero: SHAPE,
  Range: SHAPE,
  Unique: SHAPE,
  ConcatFromSequence: SEQUENCES,
  Optional: SEQUENCES,
  OptionalGetElement: SEQUENCES,
  OptionalHasElement: SEQUENCES,
  SequenceAt: SEQUENCES,
  SequenceConstruct: SEQUENCES,
  SequenceEmpty: SEQUENCES,
  SequenceErase: SEQUENCES,
  SequenceInsert: SEQUENCES,
  SequenceLength: SEQUENCES,
  SequenceMap: SEQUENCES,
  SplitToSequence: SEQUENCES,
  MaxUnpool: "it places values by computed indices; use Resize or ConvTranspose",
};

/** Why an operator cannot be supported over values computed from an input. */
export function refusal(operator: string): string | undefined {
  return Object.hasOwn(REASONS, operator) ? REASONS[operator] : undefined;
}
