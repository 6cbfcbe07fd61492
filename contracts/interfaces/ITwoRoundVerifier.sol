// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {EntryId} from "../lib/Types.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title Verifier of two-round proofs for every registered model
/// @notice Groth16 whose witness is committed in two rounds (MIRAGE, USENIX Security 2020). The last public signals are
///         challenges, which the contract computes from the key, all other public signals and the first round's
///         commitment C0, so that whatever a proof derives from them was chosen after the first round:
///         seed = keccak256(abi.encodePacked(keccak256("assay.two-round.1"), key hash, C0, signals but the challenges)),
///         challenge j = uint256(keccak256(abi.encodePacked(seed, uint8(j)))) mod r.
interface ITwoRoundVerifier is IVerifier {
    /// @notice A two-round proof; G2 with the imaginary part first (EIP-197).
    struct Proof {
        uint256[2] a;
        uint256[2][2] b;
        /// The first round's wires, over delta0.
        uint256[2] c0;
        /// The second round's wires and the quotient, over delta1.
        uint256[2] c1;
    }

    /// @notice Whether a proof holds. False means just that: malformed input reverts.
    function verify(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external
        view
        returns (bool);

    /// @notice Verifies a proof and records the job's result, once. Anyone may submit: the proof fixes the recipient.
    function submit(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors, Proof calldata proof)
        external;

    /// @notice The challenges of a proof that commits to its first round with c0.
    function challengesOf(
        EntryId entryId,
        uint256 jobId,
        address recipient,
        bytes[] calldata tensors,
        uint256[2] calldata c0
    ) external view returns (uint256[] memory);
}
