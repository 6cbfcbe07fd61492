// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "./IClaims.sol";

/// @title What a claims contract asks about a posting and about a proof that settles a claim
/// @notice Has no state. The arguments are {IClaims.post}'s and {IClaims.settle}'s, so that calldata are passed on as they are;
///         the caller is the claims contract, whose uploads and claims count. What is wrong reverts with {IClaims}' errors.
interface IClaimChecks {
    /// @notice Checks that a claim's inputs and outputs are in its trace where the model says, and its entry.
    /// @return contents What the claim keeps as code, see {ClaimLayout}.
    /// @return data Of the event {IClaims.ClaimContents}.
    function checkPosting(IClaims.Posting calldata posting)
        external
        view
        returns (bytes memory contents, bytes memory data);

    /// @notice Verifies a proof of a model's outputs for a claim's inputs, under the entry that the claim names.
    /// @return same Whether the outputs are the claim's.
    function checkSettlement(
        bytes32 claimId,
        address beneficiary,
        bytes[] calldata inputs,
        bytes[] calldata outputs,
        bytes calldata proof
    ) external view returns (bool same);
}
