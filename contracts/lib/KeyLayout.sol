// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {CodeStore} from "./CodeStore.sol";
import {ElementType, EntryId, Visibility} from "./Types.sol";

/// @title Where things lie in a stored key
/// @notice Canonical key: protocol (1), setup kind (1), number of public signals n (2), alpha1 (64), beta2, gamma2, delta2
///         (128 each), IC[0..n] (64 each); coordinates big-endian, G2 with the imaginary part first (EIP-197).
///         A stored key is followed by a header: number of inputs (1), of outputs (1), then for each tensor, inputs first,
///         visibility (1), element type (1), number of elements (4).
library KeyLayout {
    uint256 internal constant ALPHA = 4;
    uint256 internal constant BETA = 68;
    uint256 internal constant GAMMA = 196;
    uint256 internal constant DELTA = 324;
    uint256 internal constant IC = 452;
    uint256 internal constant TENSOR_BYTES = 6;

    /// @notice The store of an entry's key in a registry. It exists exactly if the entry does.
    function store(address registry, EntryId entryId) internal pure returns (address) {
        return CodeStore.locate(registry, EntryId.unwrap(entryId));
    }

    /// @notice The {Protocol} byte.
    function protocol(bytes memory blob) internal pure returns (uint8) {
        return uint8(blob[0]);
    }

    /// @notice The {SetupKind} byte.
    function setupKind(bytes memory blob) internal pure returns (uint8) {
        return uint8(blob[1]);
    }

    /// @notice Number of public signals.
    function signals(bytes memory blob) internal pure returns (uint256) {
        return word(blob, 2) >> 240;
    }

    /// @notice Length of the canonical key for n public signals; the header begins there.
    function keyLength(uint256 n) internal pure returns (uint256) {
        unchecked {
            return IC + 64 * (n + 1); // n < 2**16
        }
    }

    /// @notice Number of inputs and outputs.
    function tensorCounts(bytes memory blob) internal pure returns (uint256 inputs, uint256 outputs) {
        uint256 counts = word(blob, keyLength(signals(blob)));
        return (counts >> 248, (counts >> 240) & 0xff);
    }

    /// @notice What the header says of one tensor, inputs first.
    function tensor(bytes memory blob, uint256 index)
        internal
        pure
        returns (Visibility visibility, ElementType element, uint256 elements)
    {
        unchecked {
            uint256 entry = word(blob, keyLength(signals(blob)) + 2 + TENSOR_BYTES * index); // index < 510
            return (Visibility(entry >> 248), ElementType((entry >> 240) & 0xff), (entry >> 208) & 0xffffffff);
        }
    }

    /// @notice Copies points into the words of a pairing's argument, from word `index` on.
    function copy(bytes memory blob, uint256 offset, uint256[24] memory words, uint256 index, uint256 size) internal pure {
        assembly ("memory-safe") {
            mcopy(add(words, shl(5, index)), add(add(blob, 32), offset), size)
        }
    }

    /// @notice The 32 bytes from an offset on. The caller keeps to the blob's length.
    function word(bytes memory blob, uint256 offset) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(blob, 32), offset))
        }
    }
}
