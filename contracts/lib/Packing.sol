// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {ElementType, Visibility} from "./Types.sol";

/// @title Tensor bytes to public signals
/// @notice A signal holds floor(31 / width) whole elements, the first one lowest; signed ones are offset by
///         2**(bits - 1), which flips the top bit of their two's complement; unused lanes are zero.
library Packing {
    uint256 private constant SIGNS_8 = 0x8080808080808080808080808080808080808080808080808080808080808080;
    uint256 private constant SIGNS_16 = 0x8000800080008000800080008000800080008000800080008000800080008000;
    uint256 private constant SIGNS_32 = 0x8000000080000000800000008000000080000000800000008000000080000000;
    uint256 private constant SIGNS_64 = 0x8000000000000000800000000000000080000000000000008000000000000000;

    /// @notice Bytes of one element.
    function width(ElementType element) internal pure returns (uint256) {
        uint256 place = uint256(element);
        unchecked {
            return 1 << (place < 4 ? place / 2 : place - 2);
        }
    }

    /// @notice Bytes of a tensor of less than 2**32 elements.
    function byteCount(ElementType element, uint256 elements) internal pure returns (uint256) {
        unchecked {
            return elements * width(element);
        }
    }

    /// @notice Bytes of a full signal: 31, 30, 28 or 24.
    function signalBytes(ElementType element) internal pure returns (uint256) {
        unchecked {
            return 31 - (31 % width(element));
        }
    }

    /// @notice Signals that a tensor takes.
    function signalCount(Visibility visibility, ElementType element, uint256 elements) internal pure returns (uint256) {
        if (visibility == Visibility.Private) return 0;
        if (visibility == Visibility.Hashed) return 1;
        uint256 size = signalBytes(element);
        return (byteCount(element, elements) + size - 1) / size;
    }

    /// @notice Packs a tensor's bytes, at least one, into signals[first...].
    /// @return next The index after the last signal written.
    function pack(bytes calldata data, ElementType element, uint256[] memory signals, uint256 first)
        internal
        pure
        returns (uint256 next)
    {
        uint256 size = signalBytes(element);
        uint256 rest = data.length % size;
        unchecked {
            next = first + (data.length + size - 1) / size;
        }
        // One bounds check here, none in the loop.
        assert(next <= signals.length);
        _load(data, size, _signs(element), signals, first, next);
        // The bytes that follow the tensor in calldata lie above its last lanes.
        if (rest != 0) signals[next - 1] &= _lowest(rest);
    }

    /// @dev signals[first...next - 1] = `size` bytes each of calldata, the first one lowest, with the signs' bits flipped.
    ///      Reverses a word's bytes by swapping the halves of ever larger groups. Sums, where "or" would do: the optimizer
    ///      spreads masks over "or", which takes twice the operations.
    function _load(
        bytes calldata data,
        uint256 size,
        uint256 signs,
        uint256[] memory signals,
        uint256 first,
        uint256 next
    ) private pure {
        uint256 lanes = _lowest(size);
        assembly ("memory-safe") {
            let source := data.offset
            let target := add(add(signals, 32), shl(5, first))
            for { let end := add(add(signals, 32), shl(5, next)) } lt(target, end) { target := add(target, 32) } {
                let v := calldataload(source)
                let mask := 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff
                v := add(and(shr(8, v), mask), shl(8, and(v, mask)))
                mask := 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff
                v := add(and(shr(16, v), mask), shl(16, and(v, mask)))
                mask := 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff
                v := add(and(shr(32, v), mask), shl(32, and(v, mask)))
                mask := 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff
                v := add(and(shr(64, v), mask), shl(64, and(v, mask)))
                v := add(shr(128, v), shl(128, v))
                mstore(target, and(xor(v, signs), lanes))
                source := add(source, size)
            }
        }
    }

    /// @dev The mask of the lowest bytes, 1 to 31.
    function _lowest(uint256 count) private pure returns (uint256) {
        unchecked {
            return (1 << (8 * count)) - 1;
        }
    }

    function _signs(ElementType element) private pure returns (uint256) {
        if (element == ElementType.I8) return SIGNS_8;
        if (element == ElementType.I16) return SIGNS_16;
        if (element == ElementType.I32) return SIGNS_32;
        if (element == ElementType.I64) return SIGNS_64;
        return 0;
    }
}
