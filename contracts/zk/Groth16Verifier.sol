// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Bn254} from "../lib/Bn254.sol";
import {CodeStore} from "../lib/CodeStore.sol";
import {KeyLayout} from "../lib/KeyLayout.sol";
import {Packing} from "../lib/Packing.sol";
import {ElementType, EntryId, Protocol, Visibility} from "../lib/Types.sol";

/// @title Groth16Verifier
/// @notice One contract for every model: the key comes from the registry, the public signals from raw tensor bytes.
contract Groth16Verifier is IGroth16Verifier {
    // ---------------------------------------------------------------- storage

    /// @inheritdoc IGroth16Verifier
    IRegistry public immutable registry;

    /// @dev By keccak256(entry, job, recipient). Never by proof bytes: a Groth16 proof can be re-randomized.
    mapping(bytes32 => bytes32) private _results;

    // ---------------------------------------------------------------- constructor

    /// @param registry_ Where keys are read from.
    constructor(IRegistry registry_) {
        registry = registry_;
    }

    // ---------------------------------------------------------------- verifying

    /// @inheritdoc IGroth16Verifier
    function submit(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
    {
        bytes32 job = _job(entryId, jobId, recipient);
        if (_results[job] != 0) revert JobDone(entryId, jobId, recipient);
        bytes memory key = _key(entryId);
        if (!_holds(key, _signals(key, contextOf(entryId, jobId, recipient), tensors), proof)) revert ProofInvalid();
        _results[job] = keccak256(abi.encode(tensors));
        emit Verified(entryId, jobId, recipient, _outputs(key, tensors));
    }

    /// @inheritdoc IGroth16Verifier
    function verify(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
        view
        returns (bool)
    {
        bytes memory key = _key(entryId);
        return _holds(key, _signals(key, contextOf(entryId, jobId, recipient), tensors), proof);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IGroth16Verifier
    function resultOf(EntryId entryId, uint256 jobId, address recipient) external view returns (bytes32) {
        return _results[_job(entryId, jobId, recipient)];
    }

    /// @inheritdoc IGroth16Verifier
    function contextOf(EntryId entryId, uint256 jobId, address recipient) public view returns (uint256) {
        // 248 bits: less than the scalar field's modulus without a reduction.
        return uint256(keccak256(abi.encode(block.chainid, address(this), entryId, jobId, recipient))) >> 8;
    }

    /// @inheritdoc IGroth16Verifier
    function publicSignals(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors)
        external
        view
        returns (uint256[] memory)
    {
        return _signals(_key(entryId), contextOf(entryId, jobId, recipient), tensors);
    }

    // ---------------------------------------------------------------- internals

    function _job(EntryId entryId, uint256 jobId, address recipient) private pure returns (bytes32) {
        return keccak256(abi.encode(entryId, jobId, recipient));
    }

    /// @dev The stored key with its header.
    function _key(EntryId entryId) private view returns (bytes memory key) {
        key = CodeStore.read(KeyLayout.store(address(registry), entryId));
        if (key.length == 0) revert IRegistry.EntryMissing(entryId);
        if (KeyLayout.protocol(key) != uint8(Protocol.Groth16)) revert WrongProtocol(entryId);
    }

    /// @dev All public signals, each less than R: outputs, context, inputs.
    function _signals(bytes memory key, uint256 context, bytes[] calldata tensors)
        private
        pure
        returns (uint256[] memory signals)
    {
        signals = new uint256[](KeyLayout.signals(key));
        (uint256 inputs, uint256 outputs) = KeyLayout.tensorCounts(key);
        if (tensors.length != inputs + outputs) revert WrongTensorCount(inputs + outputs, tensors.length);
        uint256 next = 0;
        for (uint256 i = inputs; i < tensors.length; ++i) {
            next = _absorb(key, i, tensors[i], signals, next);
        }
        signals[next++] = context;
        for (uint256 i = 0; i < inputs; ++i) {
            next = _absorb(key, i, tensors[i], signals, next);
        }
    }

    /// @dev Appends one tensor's signals; returns the next free index.
    function _absorb(bytes memory key, uint256 index, bytes calldata data, uint256[] memory signals, uint256 next)
        private
        pure
        returns (uint256)
    {
        (Visibility visibility, ElementType element, uint256 elements) = KeyLayout.tensor(key, index);
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

    /// @dev e(-A, B) e(alpha, beta) e(IC, gamma) e(C, delta) = 1.
    function _holds(bytes memory key, uint256[] memory signals, Proof calldata proof) private view returns (bool) {
        _requireCanonical(proof);
        uint256[24] memory pairs;
        assembly ("memory-safe") {
            calldatacopy(pairs, proof, 192) // A and B
            calldatacopy(add(pairs, 576), add(proof, 192), 64) // C
        }
        pairs[1] = Bn254.negate(pairs[1]);
        (pairs[12], pairs[13]) = Bn254.linearCombination(key, KeyLayout.IC, signals);
        KeyLayout.copy(key, KeyLayout.ALPHA, pairs, 6, 192);
        KeyLayout.copy(key, KeyLayout.GAMMA, pairs, 14, 128);
        KeyLayout.copy(key, KeyLayout.DELTA, pairs, 20, 128);
        return Bn254.pairing(pairs);
    }

    /// @dev The precompile refuses such coordinates too, but not A's y, which is negated before.
    function _requireCanonical(Proof calldata proof) private pure {
        uint256 p = Bn254.P;
        bool ok = proof.a[0] < p && proof.a[1] < p && proof.c[0] < p && proof.c[1] < p;
        ok = ok && proof.b[0][0] < p && proof.b[0][1] < p && proof.b[1][0] < p && proof.b[1][1] < p;
        if (!ok) revert ProofNotCanonical();
    }

    function _outputs(bytes memory key, bytes[] calldata tensors) private pure returns (bytes[] memory outputs) {
        (uint256 inputs, uint256 count) = KeyLayout.tensorCounts(key);
        outputs = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            outputs[i] = tensors[inputs + i];
        }
    }
}
