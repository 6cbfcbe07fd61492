// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Expansions: what lies some levels below a node of a tree, in calldata
/// @notice The hashes are those of {Merkle}. A dispute pays for each of them: assembly, with Merkle as its reference in tests.
library Expansion {
    uint256 private constant CHUNK = 512;

    // ---------------------------------------------------------------- hashes

    /// @notice Hash of 512 bytes of calldata. The caller keeps to the length.
    function leaf(bytes calldata chunk) internal pure returns (bytes32) {
        return leafAt(chunk, 0);
    }

    /// @notice Hash of the chunk from an offset on, padded with zeros behind the data's end.
    function leafAt(bytes calldata data, uint256 offset) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := sub(data.length, offset)
            if gt(size, CHUNK) { size := CHUNK }
            mstore8(free, 0)
            // Calldata end with zeros of their own, but data need not end where calldata do.
            calldatacopy(add(free, add(1, size)), calldatasize(), sub(CHUNK, size))
            calldatacopy(add(free, 1), add(data.offset, offset), size)
            hash := keccak256(free, 513)
        }
    }

    /// @notice The node above 2**k hashes in a row, 32 bytes each. The caller keeps to the length.
    function fold(bytes calldata hashes) internal pure returns (bytes32 top) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := hashes.length
            calldatacopy(free, hashes.offset, size)
            let preimage := add(free, size)
            mstore8(preimage, 1)
            // Level by level in place: a node lies where its children were read before.
            for {} gt(size, 32) { size := shr(1, size) } {
                for { let i := 0 } lt(i, size) { i := add(i, 64) } {
                    mcopy(add(preimage, 1), add(free, i), 64)
                    mstore(add(free, shr(1, i)), keccak256(preimage, 65))
                }
            }
            top := mload(free)
        }
    }

    // ---------------------------------------------------------------- comparison

    /// @notice The first of two equally long strings' bytes that differ; their length when none does.
    function firstDifference(bytes calldata left, bytes calldata right) internal pure returns (uint256 position) {
        uint256 length = left.length;
        while (position < length) {
            uint256 difference;
            assembly ("memory-safe") {
                difference := xor(calldataload(add(left.offset, position)), calldataload(add(right.offset, position)))
            }
            if (difference != 0) {
                while (difference >> 248 == 0) {
                    difference <<= 8;
                    ++position;
                }
                return position;
            }
            position += 32;
        }
    }
}
