// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {ClaimLayout} from "../lib/ClaimLayout.sol";
import {FraudProofs} from "./FraudProofs.sol";
import {Postings} from "./Postings.sol";
import {Uploads} from "./Uploads.sol";

/// @title Claims
/// @notice No owner, proxy or pause: another version is another address. What only looks and is rarely asked is answered by
///         this deployment's {ClaimChecks}, as one contract's code may not be longer.
contract Claims is Postings, Uploads, FraudProofs {
    // ---------------------------------------------------------------- constructor

    constructor(Parameters memory given) Postings(given) {}

    // ---------------------------------------------------------------- claims

    /// @inheritdoc IClaims
    function claim(bytes32 claimId) external view returns (Claim memory found) {
        Record storage record = _claims[claimId];
        bytes memory blob = ClaimLayout.read(claimId);
        found.status = record.status;
        if (found.status == Status.None) return found;
        found.operator = record.operator;
        found.modelId = record.modelId;
        found.traceRoot = record.traceRoot;
        found.slots = record.slots;
        found.inputs = record.inputs;
        found.inputsHash = ClaimLayout.inputsHash(blob);
        found.bond = record.bond;
        found.deadline = record.deadline;
        found.openGames = record.openGames;
        found.credits = record.credits;
        found.entry = ClaimLayout.entry(blob);
        found.consumer = ClaimLayout.consumer(blob);
    }

    // ---------------------------------------------------------------- answered by the checks

    /// @inheritdoc IClaims
    function parameters() external view returns (Parameters memory) {
        _reflect();
    }

    /// @inheritdoc IClaims
    function worstCaseDelay(uint256, uint256) external view returns (uint256) {
        _reflect();
    }

    /// @inheritdoc IClaims
    function outputCount(bytes32) external view returns (uint256) {
        _reflect();
    }

    /// @inheritdoc IClaims
    function outputInfo(bytes32, uint256) external view returns (Output memory) {
        _reflect();
    }

    /// @inheritdoc IClaims
    function outputRoot(bytes32, uint256) external view returns (bytes32) {
        _reflect();
    }

    /// @inheritdoc IClaims
    function outputOf(bytes32, uint256) external view returns (bytes memory) {
        _reflect();
    }

    /// @inheritdoc IClaims
    function readOutput(bytes32, uint256, uint256, bytes calldata, bytes32[] calldata) external view returns (int256) {
        _reflect();
    }
}
