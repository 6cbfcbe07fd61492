/** The terms of a step's core, folded. */
import { unreachable } from "../../errors.js";
import { elementBytes } from "../../program/elementType.js";
import { applyIndexMap, type DotCore, type GatherCore, MAX_TERMS, type PoolCore, type Step } from "../../program/steps/index.js";
import {
  constantElement, constantElements, type ElementList, elementsOf, magnitudeBits, numbersOf, operandElement, operandElements, type StepData,
} from "./reads.js";
import { cellsOf, inputCells, OUTSIDE, outputPositions } from "./window.js";

/** The maximum of no elements. */
const LEAST = -(2n ** 255n);

/** The terms `from` to `to` (excluded) of an element, without bias; not wrapped. Elementwise cores have one term. */
export function foldCore(step: Step, element: number, from: number, to: number, data: StepData): bigint {
  const { core } = step;
  switch (core.kind) {
    case "dot":
      return foldDot(step, core, element, from, to, data);
    case "matmul": {
      const row = Math.floor(element / core.columns);
      const column = Math.floor(row / core.rows) * core.columns + (element % core.columns);
      const [left, right] = [row, column].map((line, operand) => operandElements(data, step, operand, line * core.length + from, to - from));
      return dotProduct(left, right);
    }
    case "sumPool":
    case "maxPool":
      return foldPool(step, core, element, from, to, data);
    case "copy":
      return operandElement(data, step, 0, applyIndexMap(core.map, element));
    case "add": {
      const [left, right] = [core.left, core.right].map((map, operand) => operandElement(data, step, operand, applyIndexMap(map, element)));
      return left * BigInt(core.leftFactor) + right * BigInt(core.rightFactor);
    }
    case "mul": {
      const [left, right] = [core.left, core.right].map((map, operand) => operandElement(data, step, operand, applyIndexMap(map, element)));
      return left * right;
    }
    case "affine": {
      const input = operandElement(data, step, 0, applyIndexMap(core.input, element));
      const weight = constantElement(data, step, core.weight, applyIndexMap(core.weightMap, element));
      return input * weight + constantElement(data, step, core.bias, applyIndexMap(core.biasMap, element));
    }
    case "gather":
      return gatherValue(step, core, element, data);
    default:
      return unreachable(core);
  }
}

function foldDot(step: Step, core: DotCore, element: number, from: number, to: number, data: StepData): bigint {
  const terms = inputTerms(step, core, element, from, to, data);
  const row = (element % core.outputs) * (core.depth * kernelCells(core));
  return dotProduct(terms, constantElements(data, step, core.weight, row + from, to - from));
}

/** The inputs under some terms, in order; those in the padding are 0. */
function inputTerms(step: Step, core: DotCore, element: number, from: number, to: number, data: StepData): ElementList {
  const { window, outputs, channels, depth } = core;
  const { type } = step.operands[0];
  const width = elementBytes(type);
  const place = Math.floor(element / outputs);
  const positions = outputPositions(window);
  const image = Math.floor(place / positions) * inputCells(window);
  const firstChannel = Math.floor((element % outputs) / (outputs / (channels / depth))) * depth;
  const first = Math.floor(from / depth);
  const bytes = new Uint8Array((to - from) * width);
  cellsOf(window, place % positions, first, Math.ceil(to / depth)).forEach((cell, i) => {
    const [begin, end] = [Math.max(from, (first + i) * depth), Math.min(to, (first + i + 1) * depth)];
    if (cell === OUTSIDE) return;
    const index = (image + cell) * channels + firstChannel + begin - (first + i) * depth;
    bytes.set(operandElements(data, step, 0, index, end - begin).bytes, (begin - from) * width);
  });
  return { type, bytes };
}

function kernelCells({ window }: DotCore): number {
  return window.reduce((product, { kernel }) => product * kernel, 1);
}

function foldPool(step: Step, { kind, window, channels }: PoolCore, element: number, from: number, to: number, data: StepData): bigint {
  const place = Math.floor(element / channels);
  const positions = outputPositions(window);
  const image = Math.floor(place / positions) * inputCells(window);
  const items = cellsOf(window, place % positions, from, to)
    .filter((cell) => cell !== OUTSIDE)
    .map((cell) => operandElement(data, step, 0, (image + cell) * channels + (element % channels)));
  return kind === "sumPool" ? items.reduce((a, b) => a + b, 0n) : items.reduce((a, b) => (a > b ? a : b), LEAST);
}

function gatherValue(step: Step, core: GatherCore, element: number, data: StepData): bigint {
  let place = Number(constantElement(data, step, core.index, element));
  if (place < 0) return 0n;
  for (let operand = 0; operand < gatheredOperands(step); operand++) {
    const { count } = step.operands[operand];
    if (place < count) return operandElement(data, step, operand, place);
    place -= count;
  }
  return place < core.list.count ? constantElement(data, step, core.list, place) : 0n;
}

/** The operands that the tail does not name: they come first. */
function gatheredOperands({ operands, tail }: Step): number {
  return operands.length - tail.filter(({ kind }) => kind === "add" || kind === "mul").length;
}

function dotProduct(left: ElementList, right: ElementList): bigint {
  const bits = magnitudeBits(left) + magnitudeBits(right) + Math.ceil(Math.log2(MAX_TERMS));
  if (bits > 53) {
    const factors = elementsOf(right);
    return elementsOf(left).reduce((sum, value, i) => sum + value * factors[i], 0n);
  }
  const [values, factors] = [numbersOf(left), numbersOf(right)];
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * factors[i];
  return BigInt(sum);
}
