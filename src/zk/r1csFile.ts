/**
 * Constraint systems as iden3's .r1cs, version 1
 * (https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md): section 1 header, 2 constraints, 3 wire → label.
 * Wires are their own labels. Every wire that is not public is declared a private input or an internal one alike: the
 * header's count of private inputs is 0, as nothing downstream uses it.
 */
import { AssayError } from "../errors.js";
import { FIELD_BYTES, R, readFieldLE, writeFieldLE } from "../math/field.js";
import { type BinReader, type BinWriter, withBinFile, writeBinFile } from "./keys/binFile.js";
import { CoefficientTable } from "./keys/coefficientTable.js";
import { publicCount, type R1cs, type SparseRows } from "./r1cs.js";

const MAGIC = "r1cs";
const VERSION = 1;
const HEADER = 1;
const CONSTRAINTS = 2;
const LABELS = 3;
const HEADER_BYTES = 4 + FIELD_BYTES + 4 * 4 + 8 + 4;
const TERM_BYTES = 4 + FIELD_BYTES;

type Matrices = readonly [SparseRows, SparseRows, SparseRows];

/**
 * Refuses what other tools would read differently: a wire that occurs twice in a row (snarkjs keeps one of its terms when
 * it checks a witness, but adds them when it makes keys), and indices out of range.
 *
 * @throws AssayError CIRCUIT_INVALID
 */
export function checkR1cs(r1cs: R1cs): void {
  const invalid = (message: string): never => {
    throw new AssayError("CIRCUIT_INVALID", message);
  };
  if (publicCount(r1cs) + 1 > r1cs.wireCount) invalid("more public signals than wires");
  if (r1cs.coefficients.some((value) => value < 0n || value >= R)) invalid("a coefficient is not in [0, r)");
  for (const [name, rows] of [["A", r1cs.a], ["B", r1cs.b], ["C", r1cs.c]] as const) {
    const { offsets, wires, coefficients } = rows;
    if (offsets.length !== r1cs.constraintCount + 1) invalid(`matrix ${name} has the wrong number of rows`);
    if (offsets[r1cs.constraintCount] !== wires.length || coefficients.length !== wires.length) {
      invalid(`matrix ${name} has terms outside its rows`);
    }
    const lastRow = new Uint32Array(r1cs.wireCount);
    for (let row = 0; row < r1cs.constraintCount; row++) {
      const place = `row ${row.toString()} of ${name}`;
      for (let k = offsets[row]; k < offsets[row + 1]; k++) {
        const wire = wires[k];
        if (wire >= r1cs.wireCount) invalid(`${place} names wire ${wire.toString()}, which does not exist`);
        if (coefficients[k] >= r1cs.coefficients.length) invalid(`${place} names a coefficient that does not exist`);
        if (lastRow[wire] === row + 1) invalid(`${place} names wire ${wire.toString()} twice`);
        lastRow[wire] = row + 1;
      }
    }
  }
}

/**
 * Writes the file through a fixed buffer, so memory does not grow with the circuit.
 *
 * @throws AssayError FILE_NOT_WRITABLE, CIRCUIT_INVALID
 */
export function writeR1cs(path: string, r1cs: R1cs): void {
  checkR1cs(r1cs);
  writeBinFile(path, MAGIC, VERSION, 3, (out) => {
    writeHeader(out, r1cs);
    writeConstraints(out, r1cs);
    out.section(LABELS);
    for (let wire = 0; wire < r1cs.wireCount; wire++) {
      out.u32(wire);
      out.u32(0);
    }
  });
}

function writeHeader(out: BinWriter, r1cs: R1cs): void {
  out.section(HEADER);
  out.u32(FIELD_BYTES);
  out.field(R);
  out.u32(r1cs.wireCount);
  out.u32(r1cs.publicOutputCount);
  out.u32(r1cs.publicInputCount);
  out.u32(0);
  out.u32(r1cs.wireCount);
  out.u32(0);
  out.u32(r1cs.constraintCount);
}

function writeConstraints(out: BinWriter, r1cs: R1cs): void {
  const encoded = r1cs.coefficients.map((value) => {
    const bytes = new Uint8Array(FIELD_BYTES);
    writeFieldLE(bytes, 0, value);
    return bytes;
  });
  out.section(CONSTRAINTS);
  for (let row = 0; row < r1cs.constraintCount; row++) {
    for (const { offsets, wires, coefficients } of [r1cs.a, r1cs.b, r1cs.c]) {
      out.u32(offsets[row + 1] - offsets[row]);
      for (let k = offsets[row]; k < offsets[row + 1]; k++) {
        out.u32(wires[k]);
        out.bytes(encoded[coefficients[k]]);
      }
    }
  }
}

/**
 * @throws AssayError FILE_NOT_READABLE, ARTEFACT_STALE when malformed or over another field, CIRCUIT_INVALID
 */
export function readR1cs(path: string): R1cs {
  const r1cs = withBinFile(path, MAGIC, "ARTEFACT_STALE", readSections);
  checkR1cs(r1cs);
  return r1cs;
}

function readSections(file: BinReader): R1cs {
  const header = file.readExact(HEADER, HEADER_BYTES);
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== FIELD_BYTES || readFieldLE(header, 4) !== R) file.fail("the circuit is not over BN254");
  const at = 4 + FIELD_BYTES;
  const constraintCount = view.getUint32(at + 24, true);
  const data = new DataView(file.read(CONSTRAINTS).buffer);
  const table = new CoefficientTable();
  const [a, b, c] = readRows(file, data, constraintCount, table);
  return {
    wireCount: view.getUint32(at, true),
    publicOutputCount: view.getUint32(at + 4, true),
    publicInputCount: view.getUint32(at + 8, true),
    constraintCount,
    coefficients: table.values,
    a,
    b,
    c,
  };
}

/** Number of terms of each matrix; also proves that the section's lengths are consistent. */
function countTerms(file: BinReader, data: DataView, constraintCount: number): readonly [number, number, number] {
  const counts: [number, number, number] = [0, 0, 0];
  let position = 0;
  for (let i = 0; i < 3 * constraintCount; i++) {
    if (position + 4 > data.byteLength) file.fail("the constraints are truncated");
    const terms = data.getUint32(position, true);
    position += 4 + terms * TERM_BYTES;
    if (position > data.byteLength) file.fail("the constraints are truncated");
    counts[i % 3] += terms;
  }
  if (position !== data.byteLength) file.fail("the constraints are followed by other data");
  return counts;
}

function readRows(file: BinReader, data: DataView, constraintCount: number, table: CoefficientTable): Matrices {
  const counts = countTerms(file, data, constraintCount);
  const empty = (terms: number): SparseRows => ({
    offsets: new Uint32Array(constraintCount + 1),
    wires: new Uint32Array(terms),
    coefficients: new Uint32Array(terms),
  });
  const matrices: Matrices = [empty(counts[0]), empty(counts[1]), empty(counts[2])];
  let position = 0;
  for (let row = 0; row < constraintCount; row++) {
    for (const matrix of matrices) {
      const terms = data.getUint32(position, true);
      position += 4;
      const start = matrix.offsets[row];
      for (let k = start; k < start + terms; k++) {
        matrix.wires[k] = data.getUint32(position, true);
        matrix.coefficients[k] = table.intern(data, position + 4);
        position += TERM_BYTES;
      }
      matrix.offsets[row + 1] = start + terms;
    }
  }
  if (table.values.some((value) => value >= R)) file.fail("a coefficient is not below the field's modulus");
  return matrices;
}
