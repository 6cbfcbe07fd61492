// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Bn254} from "../lib/Bn254.sol";
import {KeyLayout} from "../lib/KeyLayout.sol";
import {EntryId, Protocol} from "../lib/Types.sol";
import {Verifier} from "./Verifier.sol";

/// @title Groth16Verifier
/// @notice Groth16 (Groth, EUROCRYPT 2016) in four pairings.
contract Groth16Verifier is Verifier, IGroth16Verifier {
    // ---------------------------------------------------------------- constructor

    /// @param registry_ Where keys are read from.
    constructor(IRegistry registry_) Verifier(registry_) {}

    // ---------------------------------------------------------------- verifying

    /// @inheritdoc IGroth16Verifier
    function submit(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
    {
        bytes32 job = _open(entryId, jobId, recipient);
        bytes memory key = _key(entryId);
        if (!_holds(key, _signals(key, contextOf(entryId, jobId, recipient), tensors), proof)) revert ProofInvalid();
        emit Verified(entryId, jobId, recipient, _record(job, key, tensors));
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

    // ---------------------------------------------------------------- internals

    /// @inheritdoc Verifier
    function _protocol() internal pure override returns (Protocol) {
        return Protocol.Groth16;
    }

    /// @dev e(-A, B) e(alpha, beta) e(IC, gamma) e(C, delta) = 1.
    function _holds(bytes memory key, uint256[] memory signals, Proof calldata proof) private view returns (bool) {
        uint256[] memory pairs = _pairs(key, signals, proof.a, proof.b, 4);
        _put(pairs, 18, proof.c);
        KeyLayout.copy(key, KeyLayout.delta(Protocol.Groth16), pairs, 20, 128);
        return Bn254.pairing(pairs);
    }
}
