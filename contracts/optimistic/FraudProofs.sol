// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {ClaimLimits} from "../lib/ClaimLimits.sol";
import {ModelId, TraceRoot} from "../lib/Types.sol";
import {Adjudication} from "./Adjudication.sol";

/// @title Fraud shown in one transaction, from the operator's own trace
abstract contract FraudProofs is Adjudication {
    // ---------------------------------------------------------------- proving

    /// @inheritdoc IClaims
    function proveFraud(bytes32 claimId, bytes calldata question) external {
        Record storage record = _posted(claimId);
        if (question.length < 68) revert QuestionUnknown();
        bytes4 selector = bytes4(question);
        if (bytes32(question[4:]) != ModelId.unwrap(record.modelId)) revert QuestionUnknown();
        bool ofModel = selector == IStepExecutor.describe.selector || selector == IStepExecutor.isOperandMismatch.selector;
        if (!ofModel && !_isOfTrace(selector)) revert QuestionUnknown();
        if (!ofModel && bytes32(question[36:]) != TraceRoot.unwrap(record.traceRoot)) revert QuestionUnknown();

        bytes memory reply = _query(address(_executor), question);
        bool fraud = selector == IStepExecutor.describe.selector
            ? ClaimLimits.isRefused(abi.decode(reply, (IStepExecutor.Description)))
            : abi.decode(reply, (bool));
        if (!fraud) revert NotFraud();
        _pay(msg.sender, _defeat(claimId, 0, 0, Cause.Fraud, msg.sender));
    }

    // ---------------------------------------------------------------- internals

    /// @dev Questions whose second argument is a trace root, and whose answer yes means that no right claim has that root.
    function _isOfTrace(bytes4 selector) private pure returns (bool) {
        return selector == IStepExecutor.isWrong.selector || selector == IStepExecutor.isPaddingDirty.selector
            || selector == IStepExecutor.isTailDirty.selector || selector == IStepExecutor.isSlotDirty.selector;
    }
}
