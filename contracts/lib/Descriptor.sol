// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Bytes, Cursor} from "./Cursor.sol";
import {Elements} from "./Elements.sol";
import {Merkle} from "./Merkle.sol";

/// @title Descriptors: the definition of one tensor, as bytes
/// @notice Big-endian, without padding:
///
///     descriptor := u8 kind, tensor, u8 n, n operands, attributes, u8 m <= 8, m tail entries
///     tensor     := u8 type, u64 count in 1 .. 2**32         operand := u32 slot, tensor
///     constant   := u8 region, u8 type, u64 offset, u32 count
///     map        := u8 r, r * (u32 dim, u32 stride), outermost first; r = 0xff: the element itself
///     window     := u8 n, n * (u32 input, u32 output, u32 kernel, u32 stride, u32 dilation, u32 padBegin)
///
///     kind       attributes                                                       operands
///     0 input    none, and no tail                                                0
///     1 dot      window, u32 outputs, u32 channels, u32 depth, constant weight, bias  1
///     2 matmul   u32 length, u32 rows, u32 columns                                2
///     3 sumPool  window, u32 channels                                             1
///     4 maxPool  window, u32 channels                                             1
///     5 copy     map                                                              1
///     6 add      map left, map right, i64 leftFactor, i64 rightFactor             2
///     7 mul      map left, map right                                              2
///     8 affine   map input, map weight, map bias, constant weight, constant bias  1
///     9 gather   constant index, constant list                                    any
///
///     1 requantize  u32 n >= 1, u8 shift if n is 1 and u64 offset otherwise, i64 low, i64 high
///     2 table       constant, i64 low
///     3 affine      map weight, map bias, constant weight, constant bias
///     4 add         u8 operand, map, i64 own, i64 other
///     5 mul         u8 operand, map
///
///         The operands are those of the core, then one for each add or mul of the tail, in order.
/// @dev src/program/steps/descriptor.ts writes them. Malformed is all that has no such form, and what the comments below say.
library Descriptor {
    uint256 internal constant INPUT = 0;
    uint256 internal constant DOT = 1;
    uint256 internal constant MATMUL = 2;
    uint256 internal constant SUM_POOL = 3;
    uint256 internal constant MAX_POOL = 4;
    uint256 internal constant COPY = 5;
    uint256 internal constant ADD = 6;
    uint256 internal constant MUL = 7;
    uint256 internal constant AFFINE = 8;
    uint256 internal constant GATHER = 9;

    uint256 internal constant TAIL_REQUANTIZE = 1;
    uint256 internal constant TAIL_TABLE = 2;
    uint256 internal constant TAIL_AFFINE = 3;
    uint256 internal constant TAIL_ADD = 4;
    uint256 internal constant TAIL_MUL = 5;

    /// @dev Regions of constants: weights, tables, parameters.
    uint256 internal constant REGIONS = 3;
    uint256 internal constant PARAMETERS = 2;

    uint256 internal constant MAX_TERMS = 4608;
    uint256 private constant MAX_TAIL = 8;
    uint256 private constant MAX_COUNT = 1 << 32;
    uint256 private constant IDENTITY = 0xff;
    uint256 private constant AXIS_BYTES = 24;
    uint256 private constant MAP_AXIS_BYTES = 8;

    /// @dev Terms that one transaction of a dispute executes.
    uint256 private constant SEGMENT = 512;
    uint256 private constant POOL_SEGMENT = 16;

    struct Operand {
        uint256 slot;
        uint256 elementType;
        uint256 count;
    }

    struct Constant {
        uint256 region;
        uint256 elementType;
        uint256 offset;
        uint256 count;
    }

    /// @dev Where its axes lie in memory, and how many there are.
    struct Map {
        uint256 start;
        uint256 axes;
    }

    struct Window {
        uint256 start;
        uint256 axes;
        uint256 inputs;
        uint256 outputs;
        uint256 cells;
    }

    struct Step {
        uint256 kind;
        uint256 elementType;
        uint256 count;
        Operand[] operands;
        /// Operands of the core.
        uint256 coreOperands;
        uint256 terms;
        Window window;
        /// Of dot: outputs, channels, depth. Of matmul: length, rows, columns. Of pools: channels.
        uint256[3] sizes;
        Map[3] maps;
        int256[2] factors;
        Constant[2] constants;
        uint256 tails;
        Cursor tail;
    }

    struct Tail {
        uint256 kind;
        uint256 operand;
        Map[2] maps;
        Constant[2] constants;
        /// Entries of the list of shifts; with a single one `shift` holds it, else its offset.
        uint256 shifts;
        uint256 shift;
        /// low, high; own, other.
        int256[2] numbers;
    }

    // ---------------------------------------------------------------- parsing

    /// @notice Reads a descriptor.
    /// @param slot Its own: operands come before it.
    /// @param inputs Slots below hold inputs.
    /// @return step Of use only if ok.
    /// @return ok Whether it is well-formed.
    function parse(bytes memory descriptor, uint256 slot, uint256 inputs)
        internal
        pure
        returns (Step memory step, bool ok)
    {
        Cursor memory cursor = Bytes.open(descriptor);
        step.kind = Bytes.take(cursor, 1);
        (step.elementType, step.count) = _tensor(cursor);
        _operands(cursor, step, slot);
        _attributes(cursor, step);
        step.tails = Bytes.take(cursor, 1);
        step.tail = Cursor(cursor.next, cursor.end, false);
        Bytes.check(cursor, step.tails <= MAX_TAIL);
        Bytes.check(cursor, (step.kind == INPUT) == (slot < inputs));
        Bytes.check(cursor, step.kind != INPUT || step.tails == 0);
        _tails(cursor, step);
        ok = !cursor.bad && cursor.next == cursor.end;
    }

    /// @notice The next entry of a tail.
    function nextTail(Cursor memory cursor) internal pure returns (Tail memory tail) {
        tail.kind = Bytes.take(cursor, 1);
        if (tail.kind == TAIL_REQUANTIZE) {
            _requantize(cursor, tail);
        } else if (tail.kind == TAIL_TABLE) {
            _constant(cursor, tail.constants[0]);
            tail.numbers[0] = Bytes.signed(cursor);
        } else if (tail.kind == TAIL_AFFINE) {
            _map(cursor, tail.maps[0]);
            _map(cursor, tail.maps[1]);
            _constants(cursor, tail.constants);
        } else {
            Bytes.check(cursor, tail.kind == TAIL_ADD || tail.kind == TAIL_MUL);
            tail.operand = Bytes.take(cursor, 1);
            _map(cursor, tail.maps[0]);
            if (tail.kind == TAIL_ADD) _pair(cursor, tail.numbers);
        }
    }

    // ---------------------------------------------------------------- meaning

    /// @notice Terms that one transaction of a dispute executes.
    function segmentOf(uint256 kind) internal pure returns (uint256) {
        if (kind == INPUT) return 0;
        if (kind <= MATMUL) return SEGMENT;
        return kind <= MAX_POOL ? POOL_SEGMENT : 1;
    }

    /// @notice Sum over the axes of ((element / product of later dims) % dim) * stride.
    function indexOf(Map memory map, uint256 element) internal pure returns (uint256 index) {
        if (map.axes == IDENTITY) return element;
        unchecked {
            for (uint256 axis = map.axes; axis > 0; --axis) {
                uint256 word = Bytes.word(map.start + (axis - 1) * MAP_AXIS_BYTES);
                uint256 dim = word >> 224;
                index += (element % dim) * uint32(word >> 192);
                element /= dim;
            }
        }
    }

    /// @notice One axis of a window.
    function axisOf(Window memory window, uint256 axis)
        internal
        pure
        returns (uint256 input, uint256 output, uint256 kernel, uint256 stride, uint256 dilation, uint256 padBegin)
    {
        uint256 word = Bytes.word(window.start + axis * AXIS_BYTES);
        input = word >> 224;
        output = uint32(word >> 192);
        kernel = uint32(word >> 160);
        stride = uint32(word >> 128);
        dilation = uint32(word >> 96);
        padBegin = uint32(word >> 64);
    }

    // ---------------------------------------------------------------- parts

    function _operands(Cursor memory cursor, Step memory step, uint256 slot) private pure {
        step.operands = new Operand[](Bytes.take(cursor, 1));
        for (uint256 i = 0; i < step.operands.length; ++i) {
            Operand memory operand = step.operands[i];
            operand.slot = Bytes.take(cursor, 4);
            (operand.elementType, operand.count) = _tensor(cursor);
            Bytes.check(cursor, operand.slot < slot);
        }
    }

    function _attributes(Cursor memory cursor, Step memory step) private pure {
        uint256 kind = step.kind;
        step.terms = 1;
        step.coreOperands = 1;
        if (kind == DOT) {
            _dot(cursor, step);
        } else if (kind == MATMUL) {
            step.coreOperands = 2;
            _sizes(cursor, step.sizes);
            step.terms = step.sizes[0];
        } else if (kind == SUM_POOL || kind == MAX_POOL) {
            _window(cursor, step.window);
            step.sizes[0] = Bytes.positive(cursor);
            step.terms = step.window.cells;
        } else if (kind == COPY) {
            _map(cursor, step.maps[0]);
        } else if (kind == ADD || kind == MUL) {
            step.coreOperands = 2;
            _map(cursor, step.maps[0]);
            _map(cursor, step.maps[1]);
            if (kind == ADD) _pair(cursor, step.factors);
        } else if (kind == AFFINE) {
            _map(cursor, step.maps[0]);
            _map(cursor, step.maps[1]);
            _map(cursor, step.maps[2]);
            _constants(cursor, step.constants);
        } else if (kind == GATHER) {
            _constants(cursor, step.constants);
        } else {
            Bytes.check(cursor, kind == INPUT);
            step.coreOperands = 0;
            step.terms = 0;
        }
        Bytes.check(cursor, step.terms <= MAX_TERMS);
    }

    /// @dev depth divides channels, and the number of groups divides outputs.
    function _dot(Cursor memory cursor, Step memory step) private pure {
        _window(cursor, step.window);
        _sizes(cursor, step.sizes);
        _constants(cursor, step.constants);
        (uint256 outputs, uint256 channels, uint256 depth) = (step.sizes[0], step.sizes[1], step.sizes[2]);
        Bytes.check(cursor, channels % depth == 0);
        uint256 groups = channels / depth;
        Bytes.check(cursor, groups != 0 && outputs % groups == 0);
        step.terms = step.window.cells * depth;
    }

    /// @dev Also counts the operands: of gather the core has all that the tail has not.
    function _tails(Cursor memory cursor, Step memory step) private pure {
        uint256 binary = 0;
        uint256[MAX_TAIL] memory named;
        for (uint256 i = 0; i < step.tails && !cursor.bad; ++i) {
            Tail memory tail = nextTail(cursor);
            if (tail.kind == TAIL_ADD || tail.kind == TAIL_MUL) named[binary++] = tail.operand;
        }
        if (step.kind == GATHER && binary <= step.operands.length) step.coreOperands = step.operands.length - binary;
        Bytes.check(cursor, step.operands.length == step.coreOperands + binary);
        for (uint256 i = 0; i < binary; ++i) {
            Bytes.check(cursor, named[i] == step.coreOperands + i);
        }
    }

    function _requantize(Cursor memory cursor, Tail memory tail) private pure {
        tail.shifts = Bytes.positive(cursor);
        tail.shift = Bytes.take(cursor, tail.shifts == 1 ? 1 : 8);
        if (tail.shifts > 1) Bytes.check(cursor, tail.shift + tail.shifts <= Merkle.MAX_BYTES);
        _pair(cursor, tail.numbers);
    }

    function _tensor(Cursor memory cursor) private pure returns (uint256 elementType, uint256 count) {
        elementType = _type(cursor);
        count = Bytes.take(cursor, 8);
        Bytes.check(cursor, count != 0 && count <= MAX_COUNT);
    }

    function _type(Cursor memory cursor) private pure returns (uint256 elementType) {
        elementType = Bytes.take(cursor, 1);
        Bytes.check(cursor, elementType < Elements.TYPES);
        if (elementType >= Elements.TYPES) return 0;
    }

    function _constant(Cursor memory cursor, Constant memory constant_) private pure {
        constant_.region = Bytes.take(cursor, 1);
        constant_.elementType = _type(cursor);
        constant_.offset = Bytes.take(cursor, 8);
        constant_.count = Bytes.take(cursor, 4);
        Bytes.check(cursor, constant_.region < REGIONS);
        unchecked {
            uint256 size = constant_.count * Elements.width(constant_.elementType);
            Bytes.check(cursor, constant_.offset + size <= Merkle.MAX_BYTES);
        }
    }

    /// @dev No dimension is 0, and their product has 64 bits at most.
    function _map(Cursor memory cursor, Map memory map) private pure {
        map.axes = Bytes.take(cursor, 1);
        map.start = cursor.next;
        if (map.axes == IDENTITY) return;
        uint256 product = 1;
        for (uint256 i = 0; i < map.axes; ++i) {
            product = Bytes.times(cursor, product, Bytes.take(cursor, 4));
            Bytes.take(cursor, 4);
        }
    }

    /// @dev No input, output or kernel dimension is 0, and each of the three products has 64 bits at most.
    function _window(Cursor memory cursor, Window memory window) private pure {
        window.axes = Bytes.take(cursor, 1);
        window.start = cursor.next;
        (window.inputs, window.outputs, window.cells) = (1, 1, 1);
        for (uint256 i = 0; i < window.axes; ++i) {
            window.inputs = Bytes.times(cursor, window.inputs, Bytes.take(cursor, 4));
            window.outputs = Bytes.times(cursor, window.outputs, Bytes.take(cursor, 4));
            window.cells = Bytes.times(cursor, window.cells, Bytes.take(cursor, 4));
            Bytes.take(cursor, 12);
        }
    }

    function _sizes(Cursor memory cursor, uint256[3] memory sizes) private pure {
        sizes[0] = Bytes.positive(cursor);
        sizes[1] = Bytes.positive(cursor);
        sizes[2] = Bytes.positive(cursor);
    }

    function _constants(Cursor memory cursor, Constant[2] memory constants) private pure {
        _constant(cursor, constants[0]);
        _constant(cursor, constants[1]);
    }

    function _pair(Cursor memory cursor, int256[2] memory numbers) private pure {
        numbers[0] = Bytes.signed(cursor);
        numbers[1] = Bytes.signed(cursor);
    }
}
