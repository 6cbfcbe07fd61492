/**
 * Rendered text lines for PaddleOCR's text-direction classifier and recognizer, for the former half of them upside down. A seed gives the same texts, fonts and
 * colours on every machine; glyphs are drawn by Skia, whose pixels may differ in the last bit between processors.
 */
import { fileURLToPath } from "node:url";
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from "@napi-rs/canvas";
import { SeededRandom } from "../support/random.js";

/** The models' inputs, as PaddleOCR prepares them: [1, 3, HEIGHT, WIDTH] for the classifier, wider for the recognizer. */
export const HEIGHT = 48;
export const WIDTH = 192;
export const RECOGNIZER_WIDTH = 320;

export interface TextLine {
  readonly text: string;
  /** What the classifier should answer: 0 upright, 1 turned by 180°. */
  readonly label: 0 | 1;
  /** [3, HEIGHT, width] in the order blue, green, red, from −1 to 1; 0 right of the line. */
  readonly pixels: Float32Array;
}

const FONTS = ["noto-sans", "noto-serif"].flatMap((family) =>
  ["400-normal", "400-italic", "700-normal"].map((style) => {
    const alias = `${family}-${style}`;
    const file = import.meta.resolve(`@fontsource/${family}/files/${family}-latin-${style}.woff2`);
    if (GlobalFonts.registerFromPath(fileURLToPath(file), alias) === null) throw new Error(`no font in ${file}`);
    return alias;
  }),
);

const WORDS = (
  "invoice total amount paper street number receipt market garden window station airport delivery quantity balance payment " +
  "customer account service product summer winter morning evening library museum university hospital restaurant hotel"
).split(" ");

/** Every second line is turned. */
export function renderTextLines(seed: number, count: number): TextLine[] {
  const draw = new SeededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const text = drawText(draw);
    const upright = drawLine(draw, text);
    const label = i % 2 === 0 ? 0 : 1;
    return { text, label, pixels: toPixels(label === 1 ? turned(upright) : upright, WIDTH) };
  });
}

/** Upright lines for the recognizer. */
export function renderUprightLines(seed: number, count: number): TextLine[] {
  const draw = new SeededRandom(seed);
  return Array.from({ length: count }, () => {
    const text = drawText(draw);
    return { text, label: 0, pixels: toPixels(drawLine(draw, text), RECOGNIZER_WIDTH) };
  });
}

function pick<T>(draw: SeededRandom, items: readonly T[]): T {
  return items[draw.below(items.length)];
}

function real(draw: SeededRandom, low: number, high: number): number {
  return low + (high - low) * draw.uniform();
}

function drawText(draw: SeededRandom): string {
  const word = (): string => {
    const text = pick(draw, WORDS);
    const cased = pick(draw, [text, text.toUpperCase(), text[0].toUpperCase() + text.slice(1)]);
    return draw.uniform() < 0.2 ? `${draw.below(10_000)}` : cased;
  };
  return [pick(draw, WORDS), ...Array.from({ length: 1 + draw.below(2) }, word)].join(" ");
}

/** A line cropped around its text, as a text detector would cut it out of a page. */
function drawLine(draw: SeededRandom, text: string): Canvas {
  const size = 18 + draw.below(27);
  const font = `${size}px ${pick(draw, FONTS)}`;
  const measure = createCanvas(1, 1).getContext("2d");
  measure.font = font;
  const [margin, height] = [size * real(draw, 0.05, 0.3), size * real(draw, 1.15, 1.5)];
  const canvas = createCanvas(Math.ceil(measure.measureText(text).width + 2 * margin), Math.ceil(height));
  const context = canvas.getContext("2d");
  drawBackground(draw, context);
  context.font = font;
  context.textBaseline = "alphabetic";
  context.fillText(text, margin, (height + 0.7 * size) / 2);
  addNoise(draw, context);
  return canvas;
}

/** Paper and ink far enough apart to be read, dark on light or light on dark; leaves the ink as fill style. */
function drawBackground(draw: SeededRandom, context: SKRSContext2D): void {
  const { width, height } = context.canvas;
  const [dark, light] = [(): number => draw.below(91), (): number => 165 + draw.below(91)];
  const [paper, ink] = draw.uniform() < 0.75 ? [light, dark] : [dark, light];
  const colour = (channel: () => number): string => `rgb(${channel()}, ${channel()}, ${channel()})`;
  const gradient = context.createLinearGradient(0, 0, width, height);
  gradient.addColorStop(0, colour(paper));
  gradient.addColorStop(1, colour(paper));
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  context.fillStyle = colour(ink);
}

function addNoise(draw: SeededRandom, context: SKRSContext2D): void {
  const strength = real(draw, 0, 25);
  const image = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let i = 0; i < image.data.length; i++) if (i % 4 !== 3) image.data[i] += real(draw, -strength, strength);
  context.putImageData(image, 0, 0);
}

function turned(canvas: Canvas): Canvas {
  const { width, height } = canvas;
  const result = createCanvas(width, height);
  const context = result.getContext("2d");
  context.translate(width, height);
  context.rotate(Math.PI);
  context.drawImage(canvas, 0, 0);
  return result;
}

/**
 * PaddleOCR's resize_norm_img: to the full height, at most the full width; (x / 255 − 0.5) / 0.5, zeros to the right.
 * https://github.com/PaddlePaddle/PaddleOCR/blob/release/2.7/tools/infer/predict_cls.py
 */
function toPixels(line: Canvas, most: number): Float32Array {
  const width = Math.min(most, Math.ceil((HEIGHT * line.width) / line.height));
  const canvas = createCanvas(width, HEIGHT);
  const context = canvas.getContext("2d");
  context.drawImage(line, 0, 0, width, HEIGHT);
  const { data } = context.getImageData(0, 0, width, HEIGHT);
  const pixels = new Float32Array(3 * HEIGHT * most);
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < width; x++) pixels[(channel * HEIGHT + y) * most + x] = data[(y * width + x) * 4 + 2 - channel] / 127.5 - 1;
    }
  }
  return pixels;
}
