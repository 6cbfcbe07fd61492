/** Tensors of an entry, between TypeScript and the contracts' numbers. */

/** Order as in contracts/lib/Types.sol. */
const ELEMENT_TYPES = ["u8", "i8", "u16", "i16", "i32", "i64"] as const;
const VISIBILITIES = ["private", "public", "hashed"] as const;

export type ElementTypeName = (typeof ELEMENT_TYPES)[number];
export type VisibilityName = (typeof VISIBILITIES)[number];

/** A tensor as a registrant declares it. */
export interface RegisteredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elementType: ElementTypeName;
  readonly visibility: VisibilityName;
  /** Real value = integer · mantissa · 2^exponent, exactly. */
  readonly scale: { readonly mantissa: bigint; readonly exponent: number };
}

/** As the ABI's struct Tensor. */
export interface AbiTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elementType: number;
  readonly visibility: number;
  readonly scaleMantissa: bigint;
  readonly scaleExponent: number;
}

/** The commitment to a program's committed weights stands in an entry as the last input: so many bytes, hashed. */
export function weightsTensor(bytes: number): RegisteredTensor {
  return { name: "weights", shape: [bytes], elementType: "u8", visibility: "hashed", scale: { mantissa: 1n, exponent: 0 } };
}

export function toAbiTensor(tensor: RegisteredTensor): AbiTensor {
  return {
    name: tensor.name,
    shape: tensor.shape,
    elementType: ELEMENT_TYPES.indexOf(tensor.elementType),
    visibility: VISIBILITIES.indexOf(tensor.visibility),
    scaleMantissa: tensor.scale.mantissa,
    scaleExponent: tensor.scale.exponent,
  };
}

/** The ABI decoder's form, in which every integer is a bigint. */
export interface DecodedTensor {
  readonly name: string;
  readonly shape: Iterable<bigint>;
  readonly elementType: bigint;
  readonly visibility: bigint;
  readonly scaleMantissa: bigint;
  readonly scaleExponent: bigint;
}

export function fromAbiTensor(tensor: DecodedTensor): RegisteredTensor {
  return {
    name: tensor.name,
    shape: Array.from(tensor.shape, Number),
    elementType: ELEMENT_TYPES[Number(tensor.elementType)],
    visibility: VISIBILITIES[Number(tensor.visibility)],
    scale: { mantissa: tensor.scaleMantissa, exponent: Number(tensor.scaleExponent) },
  };
}
