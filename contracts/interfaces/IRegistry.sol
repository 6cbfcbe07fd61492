// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {EntryId, KeyHash, ModelId, Protocol, SetupKind, Tensor} from "../lib/Types.sol";

/// @title Registry of proving keys
/// @notice An entry is its registrant's statement that a key proves a model. No contract can check that statement, so an
///         entry names its registrant, and a consumer names an entry, never a bare model id.
interface IRegistry {
    /// @notice What a registrant states.
    struct Registration {
        ModelId modelId;
        /// Canonical key bytes, see {KeyLayout}.
        bytes key;
        /// Contributions to the ceremony; 0 for a dev key, or when not stated.
        uint32 contributions;
        /// Hash of the ceremony's transcript; 0 for a dev key, or when not stated.
        bytes32 transcript;
        Tensor[] inputs;
        Tensor[] outputs;
    }

    /// @notice What is recorded.
    struct Entry {
        ModelId modelId;
        KeyHash keyHash;
        address registrant;
        Protocol protocol;
        SetupKind setup;
        uint32 contributions;
        bytes32 transcript;
        Tensor[] inputs;
        Tensor[] outputs;
    }

    /// @notice A new entry.
    event EntryRegistered(
        EntryId indexed entryId,
        ModelId indexed modelId,
        address indexed registrant,
        KeyHash keyHash,
        SetupKind setup,
        bytes32 transcript
    );

    /// @notice This registrant has registered this key for this model before.
    error EntryExists(EntryId entryId);
    /// @notice No such entry.
    error EntryMissing(EntryId entryId);
    /// @notice The key's protocol byte names no known proof system.
    error UnknownProtocol(uint8 value);
    /// @notice The key's setup byte is neither dev nor ceremony.
    error UnknownSetup(uint8 value);
    /// @notice A tensor's element type is unknown. Inputs are counted first, then outputs.
    error UnknownElementType(uint256 tensor, uint8 value);
    /// @notice A tensor's visibility is unknown.
    error UnknownVisibility(uint256 tensor, uint8 value);
    /// @notice The key's length does not fit its number of public signals.
    error KeyLength(uint256 expected, uint256 actual);
    /// @notice A two-round key has one or two challenges.
    error ChallengeCount(uint256 challenges);
    /// @notice The tensors' signals, the context and the challenges do not add up to the key's public signals.
    error SignalCount(uint256 expected, uint256 actual);
    /// @notice The key has more public signals than fit into one contract's code.
    error TooManySignals(uint256 signals, uint256 limit);
    /// @notice A coordinate is not less than the base field's modulus; at this byte of the key.
    error CoordinateTooLarge(uint256 offset);
    /// @notice A point at infinity, at this byte of the key.
    error PointAtInfinity(uint256 offset);
    /// @notice A G1 point is off the curve, at this byte of the key.
    error PointOffCurve(uint256 offset);
    /// @notice gamma or one delta equals another delta, as in a key without any contribution: anyone forges under it.
    error KeyForgeable();
    /// @notice This registry takes no dev keys.
    error DevKeyRefused();
    /// @notice A dev key has no ceremony.
    error TranscriptOfDevKey(bytes32 transcript);
    /// @notice A dev key has no contributions.
    error ContributionsOfDevKey(uint32 contributions);
    /// @notice There are at most 255 inputs and 1 to 255 outputs.
    error TensorCount(uint256 inputs, uint256 outputs);
    /// @notice A dimension of a shape is zero.
    error ShapeEmpty(uint256 tensor);
    /// @notice A tensor has 2**32 elements or more.
    error TensorTooLarge(uint256 tensor);
    /// @notice A scale of zero.
    error ScaleZero(uint256 tensor);

    /// @notice Records a statement of msg.sender, for good.
    function register(Registration calldata registration) external returns (EntryId entryId);

    /// @notice Whether dev keys can be registered here, whose makers can forge proofs.
    function allowsDev() external view returns (bool);

    /// @notice The id of a statement, registered or not.
    function entryIdOf(ModelId modelId, KeyHash keyHash, address registrant) external pure returns (EntryId);

    /// @notice All that is recorded but the key.
    function entry(EntryId entryId) external view returns (Entry memory);

    /// @notice The canonical key bytes.
    function keyOf(EntryId entryId) external view returns (bytes memory);

    /// @notice Whether the key comes from a dev setup or a ceremony, as the registrant states.
    function setupOf(EntryId entryId) external view returns (SetupKind);

    /// @notice Where a STOP byte, the key and its header are kept as code; empty when there is no such entry.
    function keyStore(EntryId entryId) external view returns (address);
}
