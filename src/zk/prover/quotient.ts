/**
 * The quotient's scalars: (A·B − C) on the odd coset of the domain, which is what section H is a basis for (snarkjs'
 * `groth16_prove.js`; Groth, EUROCRYPT 2016, section 3.2). Three inverse transforms, three transforms.
 */
import type { Curve } from "ffjavascript";
import { FIELD_BYTES } from "../../math/field.js";

/**
 * @param evaluations of A, B and C over the domain, canonical little-endian
 * @returns canonical little-endian scalars, one a row
 */
export async function quotientScalars(curve: Curve, evaluations: { readonly a: Uint8Array; readonly b: Uint8Array; readonly c: Uint8Array }): Promise<Uint8Array> {
  const [a, b, c] = await Promise.all([evaluations.a, evaluations.b, evaluations.c].map((values) => toOddCoset(curve, values)));
  return join(curve, a, b, c);
}

async function toOddCoset({ Fr }: Curve, values: Uint8Array): Promise<Uint8Array> {
  const power = Math.log2(values.length / FIELD_BYTES);
  const coefficients = await Fr.ifft(await Fr.batchToMontgomery(values));
  // The odd coset is the domain times a generator of the domain of twice the size.
  return Fr.fft(await Fr.batchApplyKey(coefficients, Fr.e(1n), Fr.w[power + 1]));
}

/** a·b − c element by element, out of Montgomery form, spread over the curve's threads. */
async function join({ tm }: Curve, a: Uint8Array, b: Uint8Array, c: Uint8Array): Promise<Uint8Array> {
  const elements = a.length / FIELD_BYTES;
  const chunk = Math.ceil(elements / tm.concurrency);
  const parts: Promise<Uint8Array[]>[] = [];
  for (let from = 0; from < elements; from += chunk) {
    const count = Math.min(chunk, elements - from);
    const slice = (values: Uint8Array): Uint8Array => values.slice(from * FIELD_BYTES, (from + count) * FIELD_BYTES);
    parts.push(
      tm.queueAction([
        { cmd: "ALLOCSET", var: 0, buff: slice(a) },
        { cmd: "ALLOCSET", var: 1, buff: slice(b) },
        { cmd: "ALLOCSET", var: 2, buff: slice(c) },
        { cmd: "ALLOC", var: 3, len: count * FIELD_BYTES },
        { cmd: "CALL", fnName: "qap_joinABC", params: [{ var: 0 }, { var: 1 }, { var: 2 }, { val: count }, { var: 3 }] },
        { cmd: "CALL", fnName: "frm_batchFromMontgomery", params: [{ var: 3 }, { val: count }, { var: 3 }] },
        { cmd: "GET", out: 0, var: 3, len: count * FIELD_BYTES },
      ]),
    );
  }
  const result = new Uint8Array(a.length);
  let offset = 0;
  for (const [part] of await Promise.all(parts)) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
