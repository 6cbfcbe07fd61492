// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRegistry} from "../interfaces/IRegistry.sol";
import {CodeStore} from "../lib/CodeStore.sol";
import {KeyCheck} from "../lib/KeyCheck.sol";
import {KeyLayout} from "../lib/KeyLayout.sol";
import {Packing} from "../lib/Packing.sol";
import {ElementType, EntryId, KeyHash, ModelId, Protocol, SetupKind, Tensor, Visibility} from "../lib/Types.sol";

/// @title Registry
/// @notice Entries are immutable; there is no owner, upgrade or pause. All data lie in code stores whose addresses follow
///         from the entry id, so that this contract has no storage and readers of a key need not call it.
contract Registry is IRegistry {
    // ---------------------------------------------------------------- storage

    /// @inheritdoc IRegistry
    bool public immutable allowsDev;

    // ---------------------------------------------------------------- constructor

    /// @param allowsDev_ Whether dev keys can be registered, for good: consumers of a registry without them need not look.
    constructor(bool allowsDev_) {
        allowsDev = allowsDev_;
    }

    // ---------------------------------------------------------------- registering

    /// @inheritdoc IRegistry
    function register(Registration calldata registration) external returns (EntryId entryId) {
        bytes memory key = registration.key;
        KeyCheck.check(key);
        bytes memory header = _header(registration.inputs, registration.outputs, key);

        KeyHash keyHash = KeyHash.wrap(keccak256(key));
        entryId = entryIdOf(registration.modelId, keyHash, msg.sender);
        if (keyStore(entryId).code.length != 0) revert EntryExists(entryId);
        SetupKind setup = SetupKind(KeyLayout.setupKind(key));
        if (setup == SetupKind.Dev) _requireDev(registration);

        CodeStore.write(EntryId.unwrap(entryId), bytes.concat(key, header));
        CodeStore.write(
            _detailsSalt(entryId),
            abi.encode(
                registration.modelId,
                keyHash,
                msg.sender,
                KeyLayout.protocolByte(key),
                setup,
                registration.contributions,
                registration.transcript,
                registration.inputs,
                registration.outputs
            )
        );
        emit EntryRegistered(entryId, registration.modelId, msg.sender, keyHash, setup, registration.transcript);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IRegistry
    function entryIdOf(ModelId modelId, KeyHash keyHash, address registrant) public pure returns (EntryId) {
        return EntryId.wrap(keccak256(abi.encode(modelId, keyHash, registrant)));
    }

    /// @inheritdoc IRegistry
    function entry(EntryId entryId) external view returns (Entry memory found) {
        bytes memory details = CodeStore.read(CodeStore.locate(address(this), _detailsSalt(entryId)));
        if (details.length == 0) revert EntryMissing(entryId);
        (
            found.modelId,
            found.keyHash,
            found.registrant,
            found.protocol,
            found.setup,
            found.contributions,
            found.transcript,
            found.inputs,
            found.outputs
        ) = abi.decode(details, (ModelId, KeyHash, address, Protocol, SetupKind, uint32, bytes32, Tensor[], Tensor[]));
    }

    /// @inheritdoc IRegistry
    function keyOf(EntryId entryId) external view returns (bytes memory key) {
        key = _blob(entryId);
        uint256 length = KeyLayout.keyLength(key);
        assembly ("memory-safe") {
            mstore(key, length) // cuts off the header
        }
    }

    /// @inheritdoc IRegistry
    function setupOf(EntryId entryId) external view returns (SetupKind) {
        return SetupKind(KeyLayout.setupKind(_blob(entryId)));
    }

    /// @inheritdoc IRegistry
    function keyStore(EntryId entryId) public view returns (address) {
        return KeyLayout.store(address(this), entryId);
    }

    // ---------------------------------------------------------------- internals

    /// @dev What a dev key must be here.
    function _requireDev(Registration calldata registration) private view {
        if (!allowsDev) revert DevKeyRefused();
        if (registration.contributions != 0) revert ContributionsOfDevKey(registration.contributions);
        if (registration.transcript != 0) revert TranscriptOfDevKey(registration.transcript);
    }

    /// @dev The stored key with its header.
    function _blob(EntryId entryId) private view returns (bytes memory blob) {
        blob = CodeStore.read(keyStore(entryId));
        if (blob.length == 0) revert EntryMissing(entryId);
    }

    function _detailsSalt(EntryId entryId) private pure returns (bytes32) {
        return keccak256(abi.encode("details", entryId));
    }

    /// @dev Checks all tensors and that their signals, the context and the challenges are the key's.
    function _header(Tensor[] calldata inputs, Tensor[] calldata outputs, bytes memory key)
        private
        pure
        returns (bytes memory header)
    {
        if (inputs.length > 255 || outputs.length == 0 || outputs.length > 255) {
            revert TensorCount(inputs.length, outputs.length);
        }
        header = abi.encodePacked(uint8(inputs.length), uint8(outputs.length));
        uint256 sum = 1 + KeyLayout.challenges(key);
        for (uint256 i = 0; i < inputs.length + outputs.length; ++i) {
            Tensor calldata tensor = i < inputs.length ? inputs[i] : outputs[i - inputs.length];
            uint32 elements = _elements(tensor, i);
            sum += Packing.signalCount(Visibility(tensor.visibility), ElementType(tensor.elementType), elements);
            header = abi.encodePacked(header, tensor.visibility, tensor.elementType, elements);
        }
        uint256 signals = KeyLayout.signals(key);
        if (sum != signals) revert SignalCount(sum, signals);
        uint256 limit = (CodeStore.MAX_BYTES - KeyLayout.ic(KeyLayout.protocol(key)) - 64 - header.length) / 64;
        if (signals > limit) revert TooManySignals(signals, limit);
    }

    /// @dev Checks one tensor and counts its elements; a shape without dimensions is a scalar's.
    function _elements(Tensor calldata tensor, uint256 index) private pure returns (uint32) {
        if (tensor.elementType > uint8(type(ElementType).max)) revert UnknownElementType(index, tensor.elementType);
        if (tensor.visibility > uint8(type(Visibility).max)) revert UnknownVisibility(index, tensor.visibility);
        if (tensor.scaleMantissa == 0) revert ScaleZero(index);
        uint256 elements = 1;
        for (uint256 i = 0; i < tensor.shape.length; ++i) {
            if (tensor.shape[i] == 0) revert ShapeEmpty(index);
            elements *= tensor.shape[i];
            if (elements > type(uint32).max) revert TensorTooLarge(index);
        }
        return uint32(elements);
    }
}
