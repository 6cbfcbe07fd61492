// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRegistry} from "../interfaces/IRegistry.sol";
import {ITwoRoundVerifier} from "../interfaces/ITwoRoundVerifier.sol";
import {Bn254} from "../lib/Bn254.sol";
import {KeyLayout} from "../lib/KeyLayout.sol";
import {EntryId, Protocol} from "../lib/Types.sol";
import {Verifier} from "./Verifier.sol";

/// @title TwoRoundVerifier
/// @notice Groth16 with two rounds of commitments in five pairings. No challenge is ever taken from calldata.
contract TwoRoundVerifier is Verifier, ITwoRoundVerifier {
    // ---------------------------------------------------------------- constants

    /// @dev Of the challenges' hash; the number changes with anything that goes into it.
    bytes32 private constant DOMAIN = keccak256("assay.two-round.1");

    // ---------------------------------------------------------------- constructor

    /// @param registry_ Where keys are read from.
    constructor(IRegistry registry_) Verifier(registry_) {}

    // ---------------------------------------------------------------- verifying

    /// @inheritdoc ITwoRoundVerifier
    function submit(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
    {
        bytes32 job = _open(entryId, jobId, recipient);
        bytes memory key = _key(entryId);
        if (!_holds(key, _signals(key, contextOf(entryId, jobId, recipient), tensors), proof)) revert ProofInvalid();
        emit Verified(entryId, jobId, recipient, _record(job, key, tensors));
    }

    /// @inheritdoc ITwoRoundVerifier
    function verify(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
        view
        returns (bool)
    {
        bytes memory key = _key(entryId);
        return _holds(key, _signals(key, contextOf(entryId, jobId, recipient), tensors), proof);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc ITwoRoundVerifier
    function challengesOf(
        EntryId entryId,
        uint256 jobId,
        address recipient,
        bytes[] calldata tensors,
        uint256[2] calldata c0
    ) external view returns (uint256[] memory challenges) {
        bytes memory key = _key(entryId);
        uint256[] memory signals = _signals(key, contextOf(entryId, jobId, recipient), tensors);
        _challenge(key, signals, c0);
        challenges = new uint256[](KeyLayout.challenges(key));
        for (uint256 j = 0; j < challenges.length; ++j) {
            challenges[j] = signals[signals.length - challenges.length + j];
        }
    }

    // ---------------------------------------------------------------- internals

    /// @inheritdoc Verifier
    function _protocol() internal pure override returns (Protocol) {
        return Protocol.TwoRound;
    }

    /// @dev e(-A, B) e(alpha, beta) e(IC, gamma) e(C0, delta0) e(C1, delta1) = 1.
    function _holds(bytes memory key, uint256[] memory signals, Proof calldata proof) private view returns (bool) {
        _challenge(key, signals, proof.c0);
        uint256[] memory pairs = _pairs(key, signals, proof.a, proof.b, 5);
        uint256 delta = KeyLayout.delta(Protocol.TwoRound);
        _put(pairs, 18, proof.c0);
        KeyLayout.copy(key, delta, pairs, 20, 128);
        _put(pairs, 24, proof.c1);
        KeyLayout.copy(key, delta + 128, pairs, 26, 128);
        return Bn254.pairing(pairs);
    }

    /// @dev Fills the challenges' places, the last ones, from all that the first round fixes.
    function _challenge(bytes memory key, uint256[] memory signals, uint256[2] calldata c0) private pure {
        _requireCanonical(c0);
        uint256 first = signals.length - KeyLayout.challenges(key);
        bytes32 seed = _seed(_keyHash(key), c0, signals, first);
        for (uint256 j = 0; first + j < signals.length; ++j) {
            signals[first + j] = uint256(keccak256(abi.encodePacked(seed, uint8(j)))) % Bn254.R;
        }
    }

    /// @dev keccak256(DOMAIN, keyHash, C0, the first `count` signals), a word each.
    function _seed(bytes32 keyHash, uint256[2] calldata c0, uint256[] memory signals, uint256 count)
        private
        pure
        returns (bytes32 seed)
    {
        bytes memory words = abi.encodePacked(DOMAIN, keyHash, c0[0], c0[1], signals);
        assembly ("memory-safe") {
            seed := keccak256(add(words, 32), shl(5, add(4, count)))
        }
    }

    /// @dev keccak256 of the canonical key, that is without the header.
    function _keyHash(bytes memory key) private pure returns (bytes32 hash) {
        uint256 length = KeyLayout.keyLength(key);
        assembly ("memory-safe") {
            hash := keccak256(add(key, 32), length)
        }
    }
}
