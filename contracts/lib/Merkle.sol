// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Keccak trees over byte strings in chunks of 512 bytes, and over tensors' roots
/// @notice Leaves, nodes and roots hash in domains of their own, a root binds the byte length, and every proof has the length
///         that its tree's depth says: neither a node nor a shorter proof can pass for a leaf. src/math/merkle.ts is the same.
library Merkle {
    /// @dev Bytes of a chunk.
    uint256 internal constant CHUNK = 512;
    /// @dev Leaf of a chunk of zeros: what a byte string's tree holds after its last chunk.
    bytes32 internal constant ZERO_LEAF = 0x8a1810ea3d9e5cc95089994be993c99382f2a7754e8c94ee14888b56ecaa05fd;
    /// @dev Chunks are numbered by uint32.
    uint256 internal constant MAX_BYTES = 1 << 41;

    uint256 private constant LEAF = 0;
    uint256 private constant NODE = 1;
    uint256 private constant ROOT = 2;

    /// @notice A chunk has another length than 512 bytes, or there are not as many chunks as indices.
    error ChunkLength(uint256 chunks, uint256 length);
    /// @notice The list of indices is no list of uint32.
    error IndicesLength(uint256 length);
    /// @notice An index does not exceed the one before it.
    error IndicesUnordered(uint256 position);
    /// @notice There is no such leaf.
    error IndexOutOfRange(uint256 index);
    /// @notice The proof has too many hashes or too few.
    error ProofLength(uint256 expected, uint256 actual);

    // ---------------------------------------------------------------- sizes

    /// @notice Levels above `leaves` leaves.
    function depthOf(uint256 leaves) internal pure returns (uint256 depth) {
        unchecked {
            while (1 << depth < leaves) ++depth;
        }
    }

    /// @notice Leaves of a trace's tree at least: one is no tensor's. A root is played only once; a trace that marks this leaf
    ///         has another root and the same tensors, so that a game which somebody else lost can be opened again.
    function traceLeaves(uint256 slots) internal pure returns (uint256) {
        return slots + 1;
    }

    /// @notice Chunks of a byte string; the empty string has none, and its tree one leaf.
    function chunksOf(uint256 length) internal pure returns (uint256) {
        return (length + CHUNK - 1) / CHUNK;
    }

    // ---------------------------------------------------------------- hashing

    /// @notice keccak256(1, left, right).
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // 65 bytes: the last one is the first of the free memory pointer, which is 0 before and after.
            mstore8(0, NODE)
            mstore(1, left)
            mstore(33, right)
            hash := keccak256(0, 65)
            mstore8(64, 0)
        }
    }

    /// @notice keccak256(2, uint64 length, top): the root of a byte string.
    function rootOf(uint256 length, bytes32 top) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(ROOT), uint64(length), top));
    }

    /// @notice keccak256(0, chunk).
    function leafOf(bytes calldata chunk) internal pure returns (bytes32) {
        if (chunk.length != CHUNK) revert ChunkLength(1, chunk.length);
        return keccak256(abi.encodePacked(uint8(LEAF), chunk));
    }

    /// @notice The root of a byte string, from all of its bytes.
    function rootOf(bytes calldata data) internal pure returns (bytes32) {
        uint256 count = chunksOf(data.length);
        if (count == 0) return rootOf(0, ZERO_LEAF);
        uint256 leaves = 1 << depthOf(count);
        bytes memory padded = new bytes(count * CHUNK);
        bytes32[] memory level = new bytes32[](leaves);
        assembly ("memory-safe") {
            calldatacopy(add(padded, 32), data.offset, data.length)
        }
        for (uint256 i = 0; i < leaves; ++i) {
            level[i] = i < count ? _leafAt(padded, i) : ZERO_LEAF;
        }
        return rootOf(data.length, _foldAll(level));
    }

    // ---------------------------------------------------------------- proofs

    /// @notice The hash `siblings.length` levels above the one at `index`.
    /// @dev The caller checks the length: it must be the tree's depth.
    function climb(bytes32 hash, uint256 index, bytes32[] calldata siblings) internal pure returns (bytes32) {
        unchecked {
            for (uint256 i = 0; i < siblings.length; ++i) {
                bytes32 sibling = _at(siblings, i);
                hash = index & 1 == 0 ? node(hash, sibling) : node(sibling, hash);
                index >>= 1;
            }
        }
        return hash;
    }

    /// @notice Checks that a tree of `leaves` leaves has the leaf `hash` at `index`, and returns its top.
    function topOf(bytes32 hash, uint256 index, uint256 leaves, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32)
    {
        uint256 depth = depthOf(leaves);
        if (siblings.length != depth) revert ProofLength(depth, siblings.length);
        if (index >> depth != 0) revert IndexOutOfRange(index);
        return climb(hash, index, siblings);
    }

    /// @notice The top of a byte string's tree from some of its chunks.
    /// @param length Bytes of the string.
    /// @param indices uint32 big-endian each, strictly ascending.
    /// @param chunks 512 bytes each.
    /// @param siblings What the chunks do not give, level by level from the leaves up, left to right; without chunks the top.
    /// @return top Fixed by the string, if its root is rootOf(length, top).
    /// @return positions The indices.
    /// @return data The chunks.
    function prove(uint256 length, bytes calldata indices, bytes calldata chunks, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32 top, uint256[] memory positions, bytes memory data)
    {
        positions = _positions(indices, chunksOf(length));
        if (chunks.length != positions.length * CHUNK) revert ChunkLength(positions.length, chunks.length);
        data = chunks;
        if (positions.length == 0) {
            if (siblings.length != 1) revert ProofLength(1, siblings.length);
            return (siblings[0], positions, data);
        }
        uint256[] memory level = new uint256[](positions.length);
        uint256[] memory hashes = new uint256[](positions.length);
        unchecked {
            for (uint256 i = 0; i < positions.length; ++i) {
                _set(level, i, _get(positions, i));
                _set(hashes, i, uint256(_leafAt(data, i)));
            }
        }
        top = _foldSome(level, hashes, depthOf(chunksOf(length)), siblings);
    }

    // ---------------------------------------------------------------- internals

    /// @dev No index reaches 2**32 + 1, so nothing wraps.
    function _positions(bytes calldata indices, uint256 chunks) private pure returns (uint256[] memory positions) {
        if (indices.length % 4 != 0) revert IndicesLength(indices.length);
        positions = new uint256[](indices.length / 4);
        uint256 least = 0;
        unchecked {
            for (uint256 i = 0; i < positions.length; ++i) {
                uint256 index;
                assembly ("memory-safe") {
                    index := shr(224, calldataload(add(indices.offset, shl(2, i))))
                }
                if (index < least) revert IndicesUnordered(i);
                if (index >= chunks) revert IndexOutOfRange(index);
                _set(positions, i, index);
                least = index + 1;
            }
        }
    }

    /// @dev keccak256(0, chunk i of data); the caller keeps to the length.
    function _leafAt(bytes memory data, uint256 i) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // The byte before the chunk is 0 for the hash, and what it was afterwards.
            let before := add(data, shl(9, i))
            let word := mload(before)
            mstore8(add(before, 31), LEAF)
            hash := keccak256(add(before, 31), add(CHUNK, 1))
            mstore(before, word)
        }
    }

    /// @dev The top over all leaves of a level, 2**k of them; the level's memory is used up.
    function _foldAll(bytes32[] memory level) private pure returns (bytes32) {
        for (uint256 count = level.length; count > 1; count >>= 1) {
            for (uint256 i = 0; i < count; i += 2) {
                level[i >> 1] = node(level[i], level[i + 1]);
            }
        }
        return level[0];
    }

    /// @dev The top over some leaves, one at least, at ascending positions less than 2**depth; all siblings must be used. Both
    ///      lists' memory is used up: of each level the parents take the place of the children before them.
    function _foldSome(
        uint256[] memory positions,
        uint256[] memory hashes,
        uint256 depth,
        bytes32[] calldata siblings
    ) private pure returns (bytes32) {
        uint256 used = 0;
        uint256 count = positions.length;
        unchecked {
            for (; depth > 0; --depth) {
                uint256 kept = 0;
                for (uint256 i = 0; i < count; ++i) {
                    uint256 position = _get(positions, i);
                    bytes32 hash = bytes32(_get(hashes, i));
                    if (position & 1 == 0 && i + 1 < count && _get(positions, i + 1) == position + 1) {
                        hash = node(hash, bytes32(_get(hashes, ++i)));
                    } else {
                        if (used == siblings.length) revert ProofLength(used + 1, used);
                        bytes32 sibling = _at(siblings, used++);
                        hash = position & 1 == 0 ? node(hash, sibling) : node(sibling, hash);
                    }
                    _set(positions, kept, position >> 1);
                    _set(hashes, kept++, uint256(hash));
                }
                count = kept;
            }
        }
        if (used != siblings.length) revert ProofLength(used, siblings.length);
        return bytes32(_get(hashes, 0));
    }

    // ---------------------------------------------------------------- lists, where the caller keeps to the length

    function _get(uint256[] memory list, uint256 i) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(list, 32), shl(5, i)))
        }
    }

    function _set(uint256[] memory list, uint256 i, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(list, 32), shl(5, i)), value)
        }
    }

    function _at(bytes32[] calldata list, uint256 i) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := calldataload(add(list.offset, shl(5, i)))
        }
    }
}
