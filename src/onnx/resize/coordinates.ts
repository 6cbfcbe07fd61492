/**
 * Where an output position of Resize lies in the input. onnxruntime computes in float32 and so does this: nearest neighbours
 * hang on it. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Resize
 */
const f = Math.fround;

/** One resized axis. */
export interface ResizedAxis {
  readonly input: number;
  readonly output: number;
  /** float32. */
  readonly scale: number;
  /** Begin and end of the cut, as fractions of the axis. */
  readonly region: readonly [number, number];
}

type Coordinate = (x: number, axis: ResizedAxis) => number;

const halfPixel: Coordinate = (x, { scale }) => f(f((x + 0.5) / scale) - 0.5);

/** The output grid lies symmetric to the input's centre where its size was rounded. */
const halfPixelSymmetric: Coordinate = (x, axis) => {
  const adjustment = f(axis.output / f(axis.scale * axis.input));
  const offset = f((axis.input / 2) * f(1 - adjustment));
  return f(f(offset + f((x + 0.5) / axis.scale)) - 0.5);
};

const cropAndResize: Coordinate = (x, { input, output, region: [begin, end] }) => {
  if (output === 1) return f(0.5 * (begin + end) * (input - 1));
  return f(begin * (input - 1) + f(x * (end - begin) * (input - 1)) / (output - 1));
};

const COORDINATES: ReadonlyMap<string, Coordinate> = new Map<string, Coordinate>([
  ["half_pixel", halfPixel],
  ["half_pixel_symmetric", halfPixelSymmetric],
  ["pytorch_half_pixel", (x, axis) => (axis.output > 1 ? halfPixel(x, axis) : 0)],
  ["align_corners", (x, { input, output }) => (output === 1 ? 0 : f(f(x * (input - 1)) / (output - 1)))],
  ["asymmetric", (x, { scale }) => f(x / scale)],
  ["tf_half_pixel_for_nn", (x, { scale }) => f((x + 0.5) / scale)],
  ["tf_crop_and_resize", cropAndResize],
]);

export function coordinateNamed(mode: string): Coordinate | undefined {
  return COORDINATES.get(mode);
}

const ROUNDINGS: ReadonlyMap<string, (x: number, scale: number) => number> = new Map([
  ["round_prefer_floor", (x: number) => Math.ceil(x - 0.5)],
  ["round_prefer_ceil", (x: number) => Math.floor(x + 0.5)],
  ["floor", (x: number) => Math.floor(x)],
  ["ceil", (x: number) => Math.ceil(x)],
  // onnxruntime's rule for the opsets before there was a choice.
  ["simple", (x: number, scale: number) => (scale < 1 ? Math.ceil(x) : Math.trunc(x))],
]);

export function roundingNamed(mode: string): ((x: number, scale: number) => number) | undefined {
  return ROUNDINGS.get(mode);
}
