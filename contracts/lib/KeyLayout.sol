// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {CodeStore} from "./CodeStore.sol";
import {ElementType, EntryId, Protocol, Visibility} from "./Types.sol";

/// @title Where things lie in a stored key
/// @notice Canonical key: protocol (1), setup kind (1), number of public signals n (2), with two rounds the number of
///         challenges among them (1), alpha1 (64), beta2, gamma2, delta2 (128 each; with two rounds delta0 and delta1),
///         IC[0..n] (64 each); coordinates big-endian, G2 with the imaginary part first (EIP-197).
///         A stored key is followed by a header: number of inputs (1), of outputs (1), then for each tensor, inputs first,
///         visibility (1), element type (1), number of elements (4).
library KeyLayout {
    /// @dev No key is shorter; what precedes the points fits.
    uint256 internal constant MIN_BYTES = 5;
    uint256 internal constant TENSOR_BYTES = 6;

    /// @notice The store of an entry's key in a registry. It exists exactly if the entry does.
    function store(address registry, EntryId entryId) internal pure returns (address) {
        return CodeStore.locate(registry, EntryId.unwrap(entryId));
    }

    // ---------------------------------------------------------------- offsets by protocol

    /// @notice Where alpha1 lies.
    function alpha(Protocol system) internal pure returns (uint256) {
        return system == Protocol.TwoRound ? 5 : 4;
    }

    /// @notice Where beta2 lies.
    function beta(Protocol system) internal pure returns (uint256) {
        return system == Protocol.TwoRound ? 69 : 68;
    }

    /// @notice Where gamma2 lies; the deltas follow.
    function gamma(Protocol system) internal pure returns (uint256) {
        return system == Protocol.TwoRound ? 197 : 196;
    }

    /// @notice Where delta2 lies, or delta0 with delta1 behind it.
    function delta(Protocol system) internal pure returns (uint256) {
        return system == Protocol.TwoRound ? 325 : 324;
    }

    /// @notice Where IC begins.
    function ic(Protocol system) internal pure returns (uint256) {
        return system == Protocol.TwoRound ? 581 : 452;
    }

    // ---------------------------------------------------------------- fields

    /// @notice The {Protocol} byte.
    function protocolByte(bytes memory blob) internal pure returns (uint8) {
        return uint8(word(blob, 0) >> 248);
    }

    /// @notice The proof system of a key whose protocol byte is known to be good.
    function protocol(bytes memory blob) internal pure returns (Protocol) {
        return Protocol(protocolByte(blob));
    }

    /// @notice The {SetupKind} byte.
    function setupKind(bytes memory blob) internal pure returns (uint8) {
        return uint8(blob[1]);
    }

    /// @notice Number of public signals, challenges included.
    function signals(bytes memory blob) internal pure returns (uint256) {
        return word(blob, 2) >> 240;
    }

    /// @notice Number of challenges among the public signals.
    function challenges(bytes memory blob) internal pure returns (uint256) {
        return protocol(blob) == Protocol.TwoRound ? uint8(blob[4]) : 0;
    }

    /// @notice Length of the canonical key; the header begins there.
    function keyLength(bytes memory blob) internal pure returns (uint256) {
        unchecked {
            return ic(protocol(blob)) + 64 * (signals(blob) + 1); // signals < 2**16
        }
    }

    /// @notice Number of inputs and outputs, from the header at this offset.
    function tensorCounts(bytes memory blob, uint256 header) internal pure returns (uint256 inputs, uint256 outputs) {
        uint256 counts = word(blob, header);
        return (counts >> 248, (counts >> 240) & 0xff);
    }

    /// @notice What the header says of one tensor, inputs first.
    function tensor(bytes memory blob, uint256 header, uint256 index)
        internal
        pure
        returns (Visibility visibility, ElementType element, uint256 elements)
    {
        unchecked {
            uint256 entry = word(blob, header + 2 + TENSOR_BYTES * index); // index < 510
            return (Visibility(entry >> 248), ElementType((entry >> 240) & 0xff), (entry >> 208) & 0xffffffff);
        }
    }

    // ---------------------------------------------------------------- bytes

    /// @notice Copies points into the words of a pairing's argument, from word `index` on. The caller keeps to both lengths.
    function copy(bytes memory blob, uint256 offset, uint256[] memory words, uint256 index, uint256 size) internal pure {
        assembly ("memory-safe") {
            mcopy(add(add(words, 32), shl(5, index)), add(add(blob, 32), offset), size)
        }
    }

    /// @notice The 32 bytes from an offset on. The caller keeps to the blob's length.
    function word(bytes memory blob, uint256 offset) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(blob, 32), offset))
        }
    }
}
