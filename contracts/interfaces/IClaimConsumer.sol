// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title What a contract implements to be told of a claim's finality
interface IClaimConsumer {
    /// @notice The claim, which names this contract, has just become final: msg.sender's getters give its outputs.
    /// @dev Gets {IClaims.CALLBACK_GAS}. A revert changes nothing, and the call is not repeated: whoever missed it reads
    ///      the claim. Anyone can post a claim that names this contract, so check msg.sender, the model, the operator and the entry.
    function onClaimFinal(bytes32 claimId) external;
}
