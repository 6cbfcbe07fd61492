// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Integers of the storage types in bytes: little-endian, two's complement
library Elements {
    /// @dev Types are 0 .. 5: u8, i8, u16, i16, i32, i64.
    uint256 internal constant TYPES = 6;
    uint256 internal constant U8 = 0;

    /// @dev Byte i, from the least one on, is the width of type i.
    uint256 private constant WIDTHS = 0x080402020101;
    /// @dev Bit i: type i has a sign.
    uint256 private constant SIGNED = 0x3a;

    uint256 private constant ODD_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant ODD_PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant ODD_QUADS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant ODD_OCTETS = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;

    /// @notice Bytes of an element.
    function width(uint256 elementType) internal pure returns (uint256) {
        return (WIDTHS >> (8 * elementType)) & 0xff;
    }

    /// @notice The element in the first bytes of a word.
    function decode(uint256 word, uint256 elementType) internal pure returns (int256) {
        uint256 size = width(elementType);
        uint256 value = _reverse(word, size) >> (256 - 8 * size);
        uint256 sign = _sign(elementType);
        unchecked {
            return int256((value ^ sign) - sign);
        }
    }

    /// @notice A buffer for elements, all 0; it has whole words.
    function allocate(uint256 size) internal pure returns (bytes memory) {
        return new bytes((size + 31) & ~uint256(31));
    }

    /// @notice Sum of the products of two lists of elements, mod 2**256. The buffers come from {allocate} and hold nothing
    ///         else; they are used up.
    /// @dev The caller keeps `count` to Descriptor.MAX_TERMS.
    function dot(bytes memory left, uint256 leftType, bytes memory right, uint256 rightType, uint256 count)
        internal
        pure
        returns (int256)
    {
        (uint256 leftWidth, uint256 rightWidth) = (width(leftType), width(rightType));
        (uint256 leftSign, uint256 rightSign) = (_sign(leftType), _sign(rightType));
        if (leftWidth == 1 && rightWidth == 1) return _dotBytes(left, right, leftSign, rightSign);
        if (leftWidth <= 2 && rightWidth <= 2) {
            return _dotPairs(_widen(left, leftWidth), _widen(right, rightWidth), leftSign, rightSign);
        }
        _reverseAll(left, leftWidth);
        _reverseAll(right, rightWidth);
        return _dotWide(left, leftWidth, leftSign, right, rightWidth, rightSign, count);
    }

    /// @dev Bytes of both in lanes of 32 bits, eight a word, read as polynomials in 2**32: with one's lanes in reverse, the top
    ///      lane of the product mod 2**256 is the sum of eight products. Lanes stay below 2**31 in magnitude: 4,608 products
    ///      of 255 * 255 do. Half a lane below the top one is added, so that what the lower lanes borrow does not matter.
    ///      A signed byte is (byte ^ 128) - 128. Bytes after the elements are 0 and count nothing.
    function _dotBytes(bytes memory left, bytes memory right, uint256 leftSign, uint256 rightSign)
        private
        pure
        returns (int256 sum)
    {
        assembly ("memory-safe") {
            let mask := 0x000000ff000000ff000000ff000000ff000000ff000000ff000000ff000000ff
            let leftOffset := mul(leftSign, 0x0000000100000001000000010000000100000001000000010000000100000001)
            let rightOffset := mul(rightSign, 0x0000000100000001000000010000000100000001000000010000000100000001)
            let leftFlip := mul(leftOffset, 0x01010101)
            let rightFlip := mul(rightOffset, 0x01010101)
            let distance := sub(right, left)
            let end := add(left, mload(left))
            for { let pointer := left } lt(pointer, end) {} {
                pointer := add(pointer, 32)
                let x := xor(mload(pointer), leftFlip)
                let y := xor(mload(add(pointer, distance)), rightFlip)
                y := or(shl(128, y), shr(128, y))
                y := or(shl(64, and(y, ODD_OCTETS)), and(shr(64, y), ODD_OCTETS))
                y := or(shl(32, and(y, ODD_QUADS)), and(shr(32, y), ODD_QUADS))
                sum := add(sum, mul(sub(and(x, mask), leftOffset), sub(and(y, mask), rightOffset)))
                sum := add(sum, mul(sub(and(shr(8, x), mask), leftOffset), sub(and(shr(8, y), mask), rightOffset)))
                sum := add(sum, mul(sub(and(shr(16, x), mask), leftOffset), sub(and(shr(16, y), mask), rightOffset)))
                sum := add(sum, mul(sub(and(shr(24, x), mask), leftOffset), sub(and(shr(24, y), mask), rightOffset)))
            }
            sum := sar(224, add(sum, shl(223, 1)))
        }
    }

    /// @dev The same of two bytes an element, in lanes of 64 bits, four a word.
    function _dotPairs(bytes memory left, bytes memory right, uint256 leftSign, uint256 rightSign)
        private
        pure
        returns (int256 sum)
    {
        assembly ("memory-safe") {
            let mask := 0x000000000000ffff000000000000ffff000000000000ffff000000000000ffff
            let leftOffset := mul(leftSign, 0x0000000000000001000000000000000100000000000000010000000000000001)
            let rightOffset := mul(rightSign, 0x0000000000000001000000000000000100000000000000010000000000000001)
            let leftFlip := mul(leftOffset, 0x0001000100010001)
            let rightFlip := mul(rightOffset, 0x0001000100010001)
            let distance := sub(right, left)
            let end := add(left, mload(left))
            for { let pointer := left } lt(pointer, end) {} {
                pointer := add(pointer, 32)
                let x := mload(pointer)
                let y := mload(add(pointer, distance))
                x := xor(or(shl(8, and(x, ODD_BYTES)), and(shr(8, x), ODD_BYTES)), leftFlip)
                y := xor(or(shl(8, and(y, ODD_BYTES)), and(shr(8, y), ODD_BYTES)), rightFlip)
                y := or(shl(128, y), shr(128, y))
                y := or(shl(64, and(y, ODD_OCTETS)), and(shr(64, y), ODD_OCTETS))
                sum := add(sum, mul(sub(and(x, mask), leftOffset), sub(and(y, mask), rightOffset)))
                sum := add(sum, mul(sub(and(shr(16, x), mask), leftOffset), sub(and(shr(16, y), mask), rightOffset)))
                sum := add(sum, mul(sub(and(shr(32, x), mask), leftOffset), sub(and(shr(32, y), mask), rightOffset)))
                sum := add(sum, mul(sub(and(shr(48, x), mask), leftOffset), sub(and(shr(48, y), mask), rightOffset)))
            }
            sum := sar(192, add(sum, shl(191, 1)))
        }
    }

    /// @dev Elements of one byte with a byte of 0 after each.
    function _widen(bytes memory data, uint256 size) private pure returns (bytes memory wide) {
        if (size == 2) return data;
        wide = allocate(2 * data.length);
        assembly ("memory-safe") {
            let from := add(data, 16)
            for { let end := add(wide, mload(wide)) } lt(wide, end) {} {
                wide := add(wide, 32)
                let word := shr(128, mload(add(from, 16)))
                from := add(from, 16)
                word := and(or(word, shl(64, word)), ODD_OCTETS)
                word := and(or(word, shl(32, word)), ODD_QUADS)
                word := and(or(word, shl(16, word)), ODD_PAIRS)
                mstore(wide, shl(8, and(or(word, shl(8, word)), ODD_BYTES)))
            }
            wide := sub(wide, mul(2, mload(data)))
        }
    }

    /// @dev Element by element; the bytes are big-endian.
    function _dotWide(
        bytes memory left,
        uint256 leftWidth,
        uint256 leftSign,
        bytes memory right,
        uint256 rightWidth,
        uint256 rightSign,
        uint256 count
    ) private pure returns (int256 sum) {
        assembly ("memory-safe") {
            let leftShift := sub(256, shl(3, leftWidth))
            let rightShift := sub(256, shl(3, rightWidth))
            let x := add(left, 32)
            let y := add(right, 32)
            for { let end := add(x, mul(count, leftWidth)) } lt(x, end) {} {
                sum := add(sum, mul(
                    sub(xor(shr(leftShift, mload(x)), leftSign), leftSign),
                    sub(xor(shr(rightShift, mload(y)), rightSign), rightSign)))
                x := add(x, leftWidth)
                y := add(y, rightWidth)
            }
        }
    }

    /// @dev The sign's bit; 0 of types without one.
    function _sign(uint256 elementType) private pure returns (uint256) {
        return ((SIGNED >> elementType) & 1) << (8 * width(elementType) - 1);
    }

    /// @dev Reverses the bytes of every element of a buffer.
    function _reverseAll(bytes memory data, uint256 size) private pure {
        if (size == 1) return;
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := add(data, 32)
        }
        for (uint256 end = pointer + data.length; pointer < end; pointer += 32) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(pointer)
            }
            word = _reverse(word, size);
            assembly ("memory-safe") {
                mstore(pointer, word)
            }
        }
    }

    /// @dev Reverses the bytes of every element of a word.
    function _reverse(uint256 word, uint256 size) private pure returns (uint256) {
        if (size >= 2) word = ((word & ODD_BYTES) << 8) | ((word >> 8) & ODD_BYTES);
        if (size >= 4) word = ((word & ODD_PAIRS) << 16) | ((word >> 16) & ODD_PAIRS);
        if (size == 8) word = ((word & ODD_QUADS) << 32) | ((word >> 32) & ODD_QUADS);
        return word;
    }
}
