// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {Elements} from "./Elements.sol";
import {Merkle} from "./Merkle.sol";

/// @title Proven chunks, and reads of them by byte offset
library Evidence {
    struct Source {
        /// Bytes of the string that the chunks are of.
        uint256 length;
        /// Whether the string's root was proven: not even its length is known otherwise.
        bool proven;
        /// Strictly ascending.
        uint256[] positions;
        /// 512 bytes each.
        bytes chunks;
        /// Where the last chunk was found: reads mostly ascend.
        uint256 last;
    }

    /// @notice Proves chunks; without any evidence the source stays unproven.
    /// @return root Of the string; 0 if nothing was proven.
    function open(Source memory source, uint256 length, IStepExecutor.ChunkProof calldata proof)
        internal
        pure
        returns (bytes32 root)
    {
        source.length = length;
        if (proof.indices.length == 0 && proof.siblings.length == 0) return 0;
        bytes32 top;
        (top, source.positions, source.chunks) = Merkle.prove(length, proof.indices, proof.chunks, proof.siblings);
        source.proven = true;
        return Merkle.rootOf(length, top);
    }

    /// @notice Copies bytes of the string to memory; what lies after the string's end is not written.
    /// @dev Offsets have far less than 256 bits: the parser bounds counts and offsets.
    /// @param name Of the source, for the error.
    function copy(Source memory source, uint256 name, uint256 offset, uint256 size, uint256 to) internal pure {
        if (!source.proven) revert IStepExecutor.ChunkMissing(name, offset / Merkle.CHUNK);
        unchecked {
            uint256 end = offset + size;
            if (end > source.length) end = source.length;
            while (offset < end) {
                uint256 within = offset % Merkle.CHUNK;
                uint256 piece = Merkle.CHUNK - within;
                if (piece > end - offset) piece = end - offset;
                uint256 place = _find(source, name, offset / Merkle.CHUNK) * Merkle.CHUNK + within;
                bytes memory chunks = source.chunks;
                assembly ("memory-safe") {
                    mcopy(to, add(add(chunks, 32), place), piece)
                }
                offset += piece;
                to += piece;
            }
        }
    }

    /// @notice One element at a byte offset.
    function element(Source memory source, uint256 name, uint256 offset, uint256 elementType)
        internal
        pure
        returns (int256)
    {
        bytes memory buffer = Elements.allocate(32);
        uint256 word;
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := add(buffer, 32)
        }
        copy(source, name, offset, Elements.width(elementType), pointer);
        assembly ("memory-safe") {
            word := mload(pointer)
        }
        return Elements.decode(word, elementType);
    }

    /// @dev Place of a chunk among those proven.
    function _find(Source memory source, uint256 name, uint256 chunk) private pure returns (uint256) {
        uint256[] memory positions = source.positions;
        uint256 low = source.last;
        uint256 high = positions.length;
        unchecked {
            for (uint256 tries = 0; tries < 2 && low < high; ++tries) {
                if (positions[low] == chunk) {
                    source.last = low;
                    return low;
                }
                ++low;
            }
            low = 0;
            while (low < high) {
                uint256 middle = (low + high) / 2;
                if (positions[middle] < chunk) low = middle + 1;
                else high = middle;
            }
        }
        if (low == positions.length || positions[low] != chunk) revert IStepExecutor.ChunkMissing(name, chunk);
        source.last = low;
        return low;
    }
}
