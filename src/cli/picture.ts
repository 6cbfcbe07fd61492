/** A grey image as text: two pixel rows a line, since characters are about twice as high as wide. */
const RAMP = " .:-=+*#%@";

/** @param pixels values in [0, 1], row-major */
export function pictureLines(pixels: ArrayLike<number>, height: number, width: number): string[] {
  const lines: string[] = [];
  for (let row = 0; row + 1 < height; row += 2) {
    let line = "";
    for (let column = 0; column < width; column++) {
      const grey = (pixels[row * width + column] + pixels[(row + 1) * width + column]) / 2;
      line += RAMP[Math.min(RAMP.length - 1, Math.floor(grey * RAMP.length))];
    }
    lines.push(line);
  }
  return lines;
}
