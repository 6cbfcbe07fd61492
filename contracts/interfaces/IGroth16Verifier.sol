// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {EntryId} from "../lib/Types.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title Verifier of Groth16 proofs for every registered model
interface IGroth16Verifier is IVerifier {
    /// @notice A Groth16 proof; G2 with the imaginary part first (EIP-197).
    struct Proof {
        uint256[2] a;
        uint256[2][2] b;
        uint256[2] c;
    }

    /// @notice Whether a proof holds. False means just that: malformed input reverts.
    function verify(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
        view
        returns (bool);

    /// @notice Verifies a proof and records the job's result, once. Anyone may submit: the proof fixes the recipient.
    function submit(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external;
}
