/** The errors of the ONNX reader, one constructor a code. `where` is a node, value or file. */
import { AssayError } from "../errors.js";

/** The bytes are no valid ONNX model. */
export function malformed(message: string, where?: string, cause?: unknown): AssayError {
  return new AssayError("ONNX_MALFORMED", message, {
    where,
    hint: "export the model again, and check it with onnx.checker.check_model",
    cause,
  });
}

/** Valid ONNX that Assay cannot take. */
export function unsupported(message: string, where?: string, hint?: string): AssayError {
  return new AssayError("ONNX_UNSUPPORTED", message, { where, hint });
}

/** Shapes that contradict each other or the operator's rules. */
export function badShape(message: string, where: string): AssayError {
  return new AssayError("ONNX_SHAPE", message, { where });
}

/** A size beyond the limits of limits.ts. */
export function tooLarge(message: string, where: string): AssayError {
  return new AssayError("MODEL_TOO_LARGE", message, { where });
}

/** Text from a hostile file, shortened for a message; control characters would let it rewrite the terminal. */
export function quote(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 117)}...` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "?");
}
