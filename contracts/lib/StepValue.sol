// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Cursor} from "./Cursor.sol";
import {Descriptor} from "./Descriptor.sol";
import {Elements} from "./Elements.sol";
import {Evidence} from "./Evidence.sol";
import {Window} from "./Window.sol";

/// @title The value of one element: what a descriptor means
/// @notice Sums and products wrap as int256; reads beyond an operand or a constant give 0. src/optimistic/step mirrors it.
/// @dev Indices stay far below 256 bits: the parser bounds every size that goes into one.
library StepValue {
    /// @dev Where operands start among the sources: after the regions of constants.
    uint256 internal constant OPERANDS = Descriptor.REGIONS;

    /// @dev The maximum of no elements.
    int256 private constant LEAST = type(int256).min;

    struct Frame {
        Descriptor.Step step;
        /// By region, then by operand.
        Evidence.Source[] sources;
        uint256 element;
    }

    // ---------------------------------------------------------------- core

    /// @notice The core's terms `from` to `to` (excluded), folded; without bias.
    function fold(Frame memory frame, uint256 from, uint256 to) internal pure returns (int256) {
        uint256 kind = frame.step.kind;
        if (kind == Descriptor.DOT) return _dot(frame, from, to);
        if (kind == Descriptor.MATMUL) return _matmul(frame, from, to);
        if (kind == Descriptor.SUM_POOL || kind == Descriptor.MAX_POOL) return _pool(frame, from, to);
        if (kind == Descriptor.GATHER) return _gather(frame);
        return _elementwise(frame, kind);
    }

    /// @notice What the segments' values come to together.
    function join(Frame memory frame, int256[] calldata partials) internal pure returns (int256 value) {
        bool most = frame.step.kind == Descriptor.MAX_POOL;
        if (most) value = LEAST;
        for (uint256 i = 0; i < partials.length; ++i) {
            unchecked {
                if (!most) value += partials[i];
                else if (partials[i] > value) value = partials[i];
            }
        }
    }

    /// @notice The element's value from all its terms folded.
    function finish(Frame memory frame, int256 value) internal pure returns (int256) {
        Descriptor.Step memory step = frame.step;
        unchecked {
            if (step.kind == Descriptor.DOT) {
                value += _constant(frame, step.constants[1], frame.element % step.sizes[0]);
            }
        }
        Cursor memory cursor = Cursor(step.tail.next, step.tail.end, false);
        for (uint256 i = 0; i < step.tails; ++i) {
            value = _tail(frame, Descriptor.nextTail(cursor), value);
        }
        return value;
    }

    function _dot(Frame memory frame, uint256 from, uint256 to) private pure returns (int256) {
        Descriptor.Step memory step = frame.step;
        Descriptor.Constant memory weight = step.constants[0];
        uint256 operandType = step.operands[0].elementType;
        bytes memory inputs = Elements.allocate((to - from) * Elements.width(operandType));
        bytes memory weights = Elements.allocate((to - from) * Elements.width(weight.elementType));
        _copyCells(frame, from, to, _start(inputs));
        uint256 row = frame.element % step.sizes[0] * step.terms;
        _copyConstants(frame, weight, row + from, to - from, _start(weights));
        return Elements.dot(inputs, operandType, weights, weight.elementType, to - from);
    }

    /// @dev Copies the inputs of some terms; those in the padding stay as they are.
    function _copyCells(Frame memory frame, uint256 from, uint256 to, uint256 pointer) private pure {
        Descriptor.Step memory step = frame.step;
        (uint256 outputs, uint256 channels, uint256 depth) = (step.sizes[0], step.sizes[1], step.sizes[2]);
        uint256 size = Elements.width(step.operands[0].elementType);
        uint256 first = frame.element % outputs / (outputs / (channels / depth)) * depth;
        (uint256 image, uint256[] memory cells) =
            _cells(frame, frame.element / outputs, from / depth, (to + depth - 1) / depth);
        // Neighbours in memory and in the tensor are copied at once.
        (uint256 runFrom, uint256 runTo) = (0, 0);
        unchecked {
            for (uint256 term = from; term < to;) {
                uint256 cell = term / depth;
                uint256 end = (cell + 1) * depth;
                if (end > to) end = to;
                uint256 index = cells[cell - from / depth];
                if (index == Window.OUTSIDE) {
                    _flush(frame, runFrom, runTo, pointer);
                    pointer += runTo - runFrom + (end - term) * size;
                    (runFrom, runTo) = (0, 0);
                } else {
                    uint256 start = ((image + index) * channels + first + term - cell * depth) * size;
                    if (start != runTo) {
                        _flush(frame, runFrom, runTo, pointer);
                        pointer += runTo - runFrom;
                        runFrom = start;
                    }
                    runTo = start + (end - term) * size;
                }
                term = end;
            }
        }
        _flush(frame, runFrom, runTo, pointer);
    }

    function _flush(Frame memory frame, uint256 from, uint256 to, uint256 pointer) private pure {
        if (to > from) Evidence.copy(frame.sources[OPERANDS], OPERANDS, from, to - from, pointer);
    }

    function _matmul(Frame memory frame, uint256 from, uint256 to) private pure returns (int256) {
        Descriptor.Step memory step = frame.step;
        (uint256 length, uint256 rows, uint256 columns) = (step.sizes[0], step.sizes[1], step.sizes[2]);
        uint256 row = frame.element / columns;
        uint256 column = row / rows * columns + frame.element % columns;
        return Elements.dot(
            _row(frame, 0, row * length + from, to - from),
            step.operands[0].elementType,
            _row(frame, 1, column * length + from, to - from),
            step.operands[1].elementType,
            to - from
        );
    }

    /// @dev Elements of an operand that lie together.
    function _row(Frame memory frame, uint256 operand, uint256 from, uint256 count)
        private
        pure
        returns (bytes memory row)
    {
        uint256 size = Elements.width(frame.step.operands[operand].elementType);
        row = Elements.allocate(count * size);
        uint256 source = OPERANDS + operand;
        Evidence.copy(frame.sources[source], source, from * size, count * size, _start(row));
    }

    function _pool(Frame memory frame, uint256 from, uint256 to) private pure returns (int256 value) {
        Descriptor.Step memory step = frame.step;
        bool most = step.kind == Descriptor.MAX_POOL;
        uint256 channels = step.sizes[0];
        (uint256 image, uint256[] memory cells) = _cells(frame, frame.element / channels, from, to);
        if (most) value = LEAST;
        for (uint256 i = 0; i < cells.length; ++i) {
            if (cells[i] == Window.OUTSIDE) continue;
            int256 item = _operand(frame, 0, (image + cells[i]) * channels + frame.element % channels);
            unchecked {
                if (!most) value += item;
                else if (item > value) value = item;
            }
        }
    }

    /// @dev Cells under an output position of all images, and the first cell of its image.
    function _cells(Frame memory frame, uint256 place, uint256 from, uint256 to)
        private
        pure
        returns (uint256 image, uint256[] memory cells)
    {
        Descriptor.Window memory window = frame.step.window;
        image = place / window.outputs * window.inputs;
        cells = Window.cellsOf(window, place % window.outputs, from, to);
    }

    function _gather(Frame memory frame) private pure returns (int256) {
        Descriptor.Step memory step = frame.step;
        int256 index = _constant(frame, step.constants[0], frame.element);
        if (index < 0) return 0;
        uint256 place = uint256(index);
        for (uint256 i = 0; i < step.coreOperands; ++i) {
            uint256 count = step.operands[i].count;
            if (place < count) return _operand(frame, i, place);
            place -= count;
        }
        return _constant(frame, step.constants[1], place);
    }

    function _elementwise(Frame memory frame, uint256 kind) private pure returns (int256 value) {
        Descriptor.Step memory step = frame.step;
        value = _operand(frame, 0, Descriptor.indexOf(step.maps[0], frame.element));
        if (kind == Descriptor.COPY) return value;
        if (kind == Descriptor.AFFINE) return _affine(frame, value, step.maps[1], step.maps[2], step.constants);
        int256 other = _operand(frame, 1, Descriptor.indexOf(step.maps[1], frame.element));
        unchecked {
            if (kind == Descriptor.MUL) return value * other;
            return value * step.factors[0] + other * step.factors[1];
        }
    }

    // ---------------------------------------------------------------- tail

    function _tail(Frame memory frame, Descriptor.Tail memory tail, int256 value) private pure returns (int256) {
        uint256 kind = tail.kind;
        if (kind == Descriptor.TAIL_REQUANTIZE) return _requantize(frame, tail, value);
        if (kind == Descriptor.TAIL_AFFINE) return _affine(frame, value, tail.maps[0], tail.maps[1], tail.constants);
        unchecked {
            if (kind == Descriptor.TAIL_TABLE) {
                return _constant(frame, tail.constants[0], uint256(value - tail.numbers[0]));
            }
            int256 other = _operand(frame, tail.operand, Descriptor.indexOf(tail.maps[0], frame.element));
            if (kind == Descriptor.TAIL_MUL) return value * other;
            return value * tail.numbers[0] + other * tail.numbers[1];
        }
    }

    /// @dev floor((value + 2**(shift - 1)) / 2**shift), clamped.
    function _requantize(Frame memory frame, Descriptor.Tail memory tail, int256 value) private pure returns (int256) {
        uint256 shift = tail.shift;
        if (tail.shifts > 1) {
            uint256 offset = tail.shift + frame.element % tail.shifts;
            shift = uint256(
                Evidence.element(frame.sources[Descriptor.PARAMETERS], Descriptor.PARAMETERS, offset, Elements.U8)
            );
        }
        unchecked {
            if (shift != 0) value = (value + int256(1 << (shift - 1))) >> shift;
        }
        if (value < tail.numbers[0]) value = tail.numbers[0];
        return value > tail.numbers[1] ? tail.numbers[1] : value;
    }

    function _affine(
        Frame memory frame,
        int256 value,
        Descriptor.Map memory weightMap,
        Descriptor.Map memory biasMap,
        Descriptor.Constant[2] memory constants
    ) private pure returns (int256) {
        int256 weight = _constant(frame, constants[0], Descriptor.indexOf(weightMap, frame.element));
        int256 bias = _constant(frame, constants[1], Descriptor.indexOf(biasMap, frame.element));
        unchecked {
            return value * weight + bias;
        }
    }

    // ---------------------------------------------------------------- reads

    function _operand(Frame memory frame, uint256 operand, uint256 index) private pure returns (int256) {
        Descriptor.Operand memory declared = frame.step.operands[operand];
        if (index >= declared.count) return 0;
        uint256 source = OPERANDS + operand;
        uint256 offset = index * Elements.width(declared.elementType);
        return Evidence.element(frame.sources[source], source, offset, declared.elementType);
    }

    function _constant(Frame memory frame, Descriptor.Constant memory constant_, uint256 index)
        private
        pure
        returns (int256)
    {
        if (index >= constant_.count) return 0;
        uint256 offset = constant_.offset + index * Elements.width(constant_.elementType);
        return Evidence.element(frame.sources[constant_.region], constant_.region, offset, constant_.elementType);
    }

    /// @dev Copies elements of a constant; those after its last one stay as they are.
    function _copyConstants(
        Frame memory frame,
        Descriptor.Constant memory constant_,
        uint256 index,
        uint256 count,
        uint256 to
    ) private pure {
        if (index >= constant_.count) return;
        if (index + count > constant_.count) count = constant_.count - index;
        uint256 size = Elements.width(constant_.elementType);
        uint256 offset = constant_.offset + index * size;
        Evidence.copy(frame.sources[constant_.region], constant_.region, offset, count * size, to);
    }

    function _start(bytes memory data) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := add(data, 32)
        }
    }
}
