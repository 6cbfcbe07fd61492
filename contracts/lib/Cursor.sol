// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @dev A place in bytes in memory. Reading past the end, or what must not be, sets `bad` and gives a number that does no harm.
struct Cursor {
    uint256 next;
    uint256 end;
    bool bad;
}

/// @title Big-endian numbers read in order, without ever reverting
library Bytes {
    /// @dev Of a product of dimensions: products of a few such still have less than 256 bits.
    uint256 private constant MAX_PRODUCT = 1 << 64;

    /// @notice A cursor at the first byte.
    function open(bytes memory data) internal pure returns (Cursor memory cursor) {
        assembly ("memory-safe") {
            let start := add(data, 32)
            mstore(cursor, start)
            mstore(add(cursor, 32), add(start, mload(data)))
        }
    }

    /// @notice The word at a place in memory.
    function word(uint256 pointer) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(pointer)
        }
    }

    /// @notice The next bytes as a number, 32 at most.
    function take(Cursor memory cursor, uint256 width) internal pure returns (uint256) {
        unchecked {
            uint256 pointer = cursor.next;
            if (pointer + width > cursor.end) {
                cursor.bad = true;
                return 0;
            }
            cursor.next = pointer + width;
            return word(pointer) >> (256 - 8 * width);
        }
    }

    /// @notice The next 8 bytes in two's complement.
    function signed(Cursor memory cursor) internal pure returns (int256) {
        return int64(uint64(take(cursor, 8)));
    }

    /// @notice The next 4 bytes, which must not be 0.
    function positive(Cursor memory cursor) internal pure returns (uint256 value) {
        value = take(cursor, 4);
        if (value == 0) {
            cursor.bad = true;
            value = 1;
        }
    }

    /// @notice A product of dimensions so far, times a further one of 32 bits: neither 0 nor more than 64 bits.
    function times(Cursor memory cursor, uint256 product, uint256 dimension) internal pure returns (uint256) {
        unchecked {
            product *= dimension; // less than 2**96
        }
        if (product != 0 && product < MAX_PRODUCT) return product;
        cursor.bad = true;
        return 1;
    }

    /// @notice Marks the bytes as malformed unless a condition holds.
    function check(Cursor memory cursor, bool condition) internal pure {
        if (!condition) cursor.bad = true;
    }
}
