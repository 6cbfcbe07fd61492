/** ZipMap makes maps of a classifier's probabilities; a program computes tensors. */
import { unsupported } from "../../problems.js";
import { type Operator, place } from "../operator.js";

export const zipMap: Operator = {
  operands: [1, 1],
  refuse: () => undefined,
  lower(node) {
    const hint = "convert the model with the option zipmap=False, so that the probabilities stay a tensor";
    throw unsupported("its output is a sequence of maps, no tensor: convert the model with the option zipmap=False", place(node), hint);
  },
};
