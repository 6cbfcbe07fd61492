// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRegistry} from "../interfaces/IRegistry.sol";
import {IVerifier} from "../interfaces/IVerifier.sol";
import {Bn254} from "../lib/Bn254.sol";
import {CodeStore} from "../lib/CodeStore.sol";
import {KeyLayout} from "../lib/KeyLayout.sol";
import {Packing} from "../lib/Packing.sol";
import {ElementType, EntryId, Protocol, Visibility} from "../lib/Types.sol";

/// @title Verifier
/// @notice One contract for every model: the key comes from the registry, the public signals from raw tensor bytes. A proof
///         system adds its struct of a proof and its pairing equation.
abstract contract Verifier is IVerifier {
    // ---------------------------------------------------------------- storage

    /// @inheritdoc IVerifier
    IRegistry public immutable registry;

    /// @dev By keccak256(entry, job, recipient). Never by proof bytes: a proof can be re-randomized.
    mapping(bytes32 => bytes32) private _results;

    // ---------------------------------------------------------------- constructor

    /// @param registry_ Where keys are read from.
    constructor(IRegistry registry_) {
        registry = registry_;
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IVerifier
    function resultOf(EntryId entryId, uint256 jobId, address recipient) external view returns (bytes32) {
        return _results[_job(entryId, jobId, recipient)];
    }

    /// @inheritdoc IVerifier
    function contextOf(EntryId entryId, uint256 jobId, address recipient) public view returns (uint256) {
        // 248 bits: less than the scalar field's modulus without a reduction.
        return uint256(keccak256(abi.encode(block.chainid, address(this), entryId, jobId, recipient))) >> 8;
    }

    /// @inheritdoc IVerifier
    function publicSignals(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors)
        external
        view
        returns (uint256[] memory signals)
    {
        bytes memory key = _key(entryId);
        signals = _signals(key, contextOf(entryId, jobId, recipient), tensors);
        uint256 count = signals.length - KeyLayout.challenges(key);
        assembly ("memory-safe") {
            mstore(signals, count) // cuts off the places of the challenges
        }
    }

    // ---------------------------------------------------------------- for the proof systems

    /// @dev The proof system whose keys this contract takes.
    function _protocol() internal pure virtual returns (Protocol);

    /// @dev The stored key with its header.
    function _key(EntryId entryId) internal view returns (bytes memory key) {
        key = CodeStore.read(KeyLayout.store(address(registry), entryId));
        if (key.length == 0) revert IRegistry.EntryMissing(entryId);
        if (KeyLayout.protocol(key) != _protocol()) revert WrongProtocol(entryId);
    }

    /// @dev The place of the job's result, which it does not have yet.
    function _open(EntryId entryId, uint256 jobId, address recipient) internal view returns (bytes32 job) {
        job = _job(entryId, jobId, recipient);
        if (_results[job] != 0) revert JobDone(entryId, jobId, recipient);
    }

    /// @dev All public signals, each less than R: outputs, context, inputs, and zeros in the places of the challenges.
    function _signals(bytes memory key, uint256 context, bytes[] calldata tensors)
        internal
        pure
        returns (uint256[] memory signals)
    {
        signals = new uint256[](KeyLayout.signals(key));
        uint256 header = KeyLayout.keyLength(key);
        (uint256 inputs, uint256 outputs) = KeyLayout.tensorCounts(key, header);
        if (tensors.length != inputs + outputs) revert WrongTensorCount(inputs + outputs, tensors.length);
        uint256 next = 0;
        for (uint256 i = inputs; i < tensors.length; ++i) {
            next = _absorb(key, header, i, tensors[i], signals, next);
        }
        signals[next++] = context;
        for (uint256 i = 0; i < inputs; ++i) {
            next = _absorb(key, header, i, tensors[i], signals, next);
        }
    }

    /// @dev A pairing's argument of `count` pairs, whose first ones all systems share: (-A, B), (alpha, beta), (IC, gamma).
    function _pairs(
        bytes memory key,
        uint256[] memory signals,
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256 count
    ) internal view returns (uint256[] memory pairs) {
        Protocol system = _protocol();
        pairs = new uint256[](6 * count);
        _put(pairs, 0, a);
        pairs[1] = Bn254.negate(pairs[1]);
        _put(pairs, 2, b[0]);
        _put(pairs, 4, b[1]);
        KeyLayout.copy(key, KeyLayout.alpha(system), pairs, 6, 192);
        (pairs[12], pairs[13]) = Bn254.linearCombination(key, KeyLayout.ic(system), signals);
        KeyLayout.copy(key, KeyLayout.gamma(system), pairs, 14, 128);
    }

    /// @dev Writes two coordinates of the proof, from word `index` on. The caller keeps to the length.
    function _put(uint256[] memory pairs, uint256 index, uint256[2] calldata coordinates) internal pure {
        _requireCanonical(coordinates);
        assembly ("memory-safe") {
            calldatacopy(add(add(pairs, 32), shl(5, index)), coordinates, 64)
        }
    }

    /// @dev The precompile refuses such coordinates too, but not A's y, which is negated before.
    function _requireCanonical(uint256[2] calldata coordinates) internal pure {
        if (coordinates[0] >= Bn254.P || coordinates[1] >= Bn254.P) revert ProofNotCanonical();
    }

    /// @dev Records a result and gives the outputs for the event.
    function _record(bytes32 job, bytes memory key, bytes[] calldata tensors) internal returns (bytes[] memory outputs) {
        _results[job] = keccak256(abi.encode(tensors));
        (uint256 inputs, uint256 count) = KeyLayout.tensorCounts(key, KeyLayout.keyLength(key));
        outputs = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            outputs[i] = tensors[inputs + i];
        }
    }

    // ---------------------------------------------------------------- internals

    function _job(EntryId entryId, uint256 jobId, address recipient) private pure returns (bytes32) {
        return keccak256(abi.encode(entryId, jobId, recipient));
    }

    /// @dev Appends one tensor's signals; returns the next free index.
    function _absorb(
        bytes memory key,
        uint256 header,
        uint256 index,
        bytes calldata data,
        uint256[] memory signals,
        uint256 next
    ) private pure returns (uint256) {
        (Visibility visibility, ElementType element, uint256 elements) = KeyLayout.tensor(key, header, index);
        if (visibility == Visibility.Public) {
            _requireLength(index, Packing.byteCount(element, elements), data);
            return Packing.pack(data, element, signals, next);
        }
        if (visibility == Visibility.Private) {
            _requireLength(index, 0, data);
            return next;
        }
        _requireLength(index, 32, data);
        uint256 commitment = uint256(bytes32(data));
        if (commitment >= Bn254.R) revert CommitmentTooLarge(index);
        signals[next] = commitment;
        return next + 1;
    }

    function _requireLength(uint256 index, uint256 expected, bytes calldata data) private pure {
        if (data.length != expected) revert WrongTensorLength(index, expected, data.length);
    }
}
