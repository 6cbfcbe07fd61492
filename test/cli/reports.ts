/** What commands print with --json and write into proof directories, as far as tests look at it. */

export interface Output {
  readonly shape: number[];
  readonly quantized?: number[];
  readonly dequantized?: number[];
}
export interface Tensor {
  readonly name: string;
  readonly shape: number[];
  readonly type: string;
  readonly visibility: string;
  readonly scale: { readonly mantissa: string; readonly exponent: number };
  readonly data?: string;
  readonly commitment?: string;
}
export interface BundleFile {
  readonly modelId: string;
  readonly inputs: Tensor[];
  readonly outputs: Tensor[];
}
export interface Compiled {
  readonly directory: string;
  readonly reused: boolean;
  readonly modelId: string;
  readonly constraints: number;
  readonly domain: number;
  readonly publicSignals: number;
}
export interface Proven extends Compiled {
  readonly outputs: Readonly<Record<string, Output>>;
  readonly timingsMs: Readonly<Record<string, number>>;
  readonly proofDirectory: string;
  readonly saturated: Readonly<Record<string, number>>;
}
export interface Checked {
  readonly satisfied: boolean;
  readonly constraints: number;
  readonly outputs: Readonly<Record<string, Output>>;
  readonly float: Readonly<Record<string, number[]>>;
  readonly meanAbsolutePercentageError: number;
  readonly errorOfRange: number;
  readonly saturated: Readonly<Record<string, number>>;
}

export const scaleOf = ({ scale }: Tensor): number => Number(scale.mantissa) * 2 ** scale.exponent;

export function integersOf({ data, type }: Tensor): number[] {
  const bytes = Buffer.from((data ?? "0x").slice(2), "hex");
  const width = Number(type.slice(1)) / 8;
  return Array.from({ length: bytes.length / width }, (_, i) => type.startsWith("u") ? bytes.readUIntLE(i * width, width) : bytes.readIntLE(i * width, width));
}

/** Smallest power of two that holds the constraints, a row for each public signal and one for the constant. */
export function domainOf(constraints: number, signals: number): number {
  let domain = 1;
  while (domain < constraints + signals + 1) domain *= 2;
  return domain;
}
