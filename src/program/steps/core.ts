/** The core of a step from a program's operation. */
import { elementCount } from "../../math/shape.js";
import type { Operation, WindowAttributes } from "../types.js";
import { windowOutput } from "../window.js";
import { broadcastMap, transposeMap } from "./indexMap.js";
import type { AffineParameters, ConstantLocation, Core, WindowAxis } from "./types.js";

type Shape = readonly number[];
type Locations = Readonly<Record<string, ConstantLocation>>;

/** @param shapes the operands', as the operation sees them */
export function coreOf(operation: Operation, shapes: readonly Shape[], output: Shape, constants: Locations): Core {
  switch (operation.kind) {
    case "conv": {
      const [input] = shapes;
      const channels = input[input.length - 1];
      const { weight, bias } = constants;
      return { kind: "dot", window: windowAxes(operation.window, input), outputs: operation.weight.shape[0], channels, depth: channels / operation.group, weight, bias };
    }
    case "linear": {
      const [outputs, channels] = operation.weight.shape;
      const { weight, bias } = constants;
      return { kind: "dot", window: [], outputs, channels, depth: channels, weight, bias };
    }
    case "matmul": {
      const [rows, length] = shapes[0].slice(-2);
      return { kind: "matmul", length, rows, columns: shapes[1][shapes[1].length - 2] };
    }
    case "sumPool":
    case "maxPool":
      return { kind: operation.kind, window: windowAxes(operation.window, shapes[0]), channels: shapes[0][shapes[0].length - 1] };
    case "transpose":
      return { kind: "copy", map: transposeMap(shapes[0], operation.permutation) };
    case "add":
      return { kind: "add", left: broadcastMap(shapes[0], output), right: broadcastMap(shapes[1], output), leftFactor: operation.leftFactor, rightFactor: operation.rightFactor };
    case "mul":
      return { kind: "mul", left: broadcastMap(shapes[0], output), right: broadcastMap(shapes[1], output) };
    case "affine":
      return { kind: "affine", input: broadcastMap(shapes[0], output), ...affineParameters(operation, output, constants) };
    case "gather":
      return { kind: "gather", index: constants.index, list: constants.constant };
    case "requantize":
    case "table":
    case "reshape":
      return { kind: "copy", map: "identity" };
  }
}

export function affineParameters(operation: Extract<Operation, { kind: "affine" }>, output: Shape, { weight, bias }: Locations): AffineParameters {
  return { weightMap: broadcastMap(operation.weight.shape, output), biasMap: broadcastMap(operation.bias.shape, output), weight, bias };
}

function windowAxes(window: WindowAttributes, input: Shape): WindowAxis[] {
  const spatial = input.slice(1, -1);
  const outputs = windowOutput(spatial, window);
  return spatial.map((size, axis) => ({
    input: size,
    output: outputs[axis],
    kernel: window.kernel[axis],
    stride: window.strides[axis],
    dilation: window.dilations[axis],
    padBegin: window.padsBegin[axis],
  }));
}

/** Terms of one element before the tail. */
export function termsOf(core: Core): number {
  const cells = (window: readonly WindowAxis[]): number => elementCount(window.map(({ kernel }) => kernel));
  switch (core.kind) {
    case "dot":
      return cells(core.window) * core.depth;
    case "matmul":
      return core.length;
    case "sumPool":
    case "maxPool":
      return cells(core.window);
    case "copy":
    case "add":
    case "mul":
    case "affine":
    case "gather":
      return 1;
  }
}

/** Terms that one transaction executes; longer reductions are disputed a segment at a time. */
export function segmentLengthOf(core: Core): number {
  switch (core.kind) {
    case "dot":
    case "matmul":
      return 512;
    case "sumPool":
    case "maxPool":
      return 16;
    case "copy":
    case "add":
    case "mul":
    case "affine":
    case "gather":
      return 1;
  }
}
