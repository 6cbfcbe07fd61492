// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "./IClaims.sol";

/// @title What a claims contract leaves to another contract: whatever only looks
/// @notice Has no state. Arguments are those of {IClaims}' functions, so that calldata are passed on as they are; the caller is
///         the claims contract, whose uploads and claims count. What is wrong reverts with {IClaims}' errors.
interface IClaimChecks {
    // ---------------------------------------------------------------- checking

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

    // ---------------------------------------------------------------- as in IClaims, for the caller

    function parameters() external view returns (IClaims.Parameters memory);

    function worstCaseDelay(uint256 slots, uint256 longestTensor) external view returns (uint256);

    function outputCount(bytes32 claimId) external view returns (uint256);

    function outputInfo(bytes32 claimId, uint256 output) external view returns (IClaims.Output memory);

    function outputRoot(bytes32 claimId, uint256 output) external view returns (bytes32);

    function outputOf(bytes32 claimId, uint256 output) external view returns (bytes memory);

    function readOutput(
        bytes32 claimId,
        uint256 output,
        uint256 element,
        bytes calldata chunk,
        bytes32[] calldata siblings
    ) external view returns (int256);
}
