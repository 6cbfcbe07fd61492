// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaimConsumer} from "../../interfaces/IClaimConsumer.sol";
import {IClaims} from "../../interfaces/IClaims.sol";
import {EntryId, ModelId} from "../../lib/Types.sol";

/// @title PriceFeed
/// @notice An example of a consumer: keeps the last prices that one operator claimed with one model.
/// @dev It pins what it relies on: the claims contract, the model and the operator. Whoever else posts a claim that names this
///      contract changes nothing. Nor does a claim that names another registry entry than the feed's own: whoever made that
///      entry's key could settle any claim at once.
contract PriceFeed is IClaimConsumer {
    // ---------------------------------------------------------------- storage

    IClaims public immutable claims;
    ModelId public immutable modelId;
    address public immutable operator;
    /// @notice The only registry entry that a claim may name; 0: claims that can be settled are not taken.
    EntryId public immutable entry;

    /// @notice The claim that the prices come from; 0 before the first one.
    bytes32 public latest;
    /// @notice End of that claim's window: an older claim does not replace a newer one.
    uint40 public deadline;
    /// @notice Bytes of the claim's first output, as the model's registry entry or file describes them.
    bytes public prices;

    // ---------------------------------------------------------------- events and errors

    event PricesUpdated(bytes32 indexed claimId, bytes prices);

    error NotTheClaimsContract(address sender);
    error NotTheModel(ModelId modelId);
    error NotTheOperator(address operator);
    error NotTheEntry(EntryId entry);
    error NotFinal(bytes32 claimId);
    error NotNewer(bytes32 claimId);

    // ---------------------------------------------------------------- constructor

    constructor(IClaims claims_, ModelId modelId_, address operator_, EntryId entry_) {
        claims = claims_;
        modelId = modelId_;
        operator = operator_;
        entry = entry_;
    }

    // ---------------------------------------------------------------- updating

    /// @inheritdoc IClaimConsumer
    function onClaimFinal(bytes32 claimId) external {
        if (msg.sender != address(claims)) revert NotTheClaimsContract(msg.sender);
        _update(claimId);
    }

    /// @notice Takes a final claim by hand: one that names another consumer, or whose callback failed.
    function update(bytes32 claimId) external {
        _update(claimId);
    }

    // ---------------------------------------------------------------- internals

    function _update(bytes32 claimId) private {
        if (!claims.isFinal(claimId)) revert NotFinal(claimId);
        IClaims.Claim memory claim = claims.claim(claimId);
        if (ModelId.unwrap(claim.modelId) != ModelId.unwrap(modelId)) revert NotTheModel(claim.modelId);
        if (claim.operator != operator) revert NotTheOperator(claim.operator);
        bytes32 named = EntryId.unwrap(claim.entry);
        if (named != 0 && named != EntryId.unwrap(entry)) revert NotTheEntry(claim.entry);
        if (claim.deadline <= deadline) revert NotNewer(claimId);
        latest = claimId;
        deadline = claim.deadline;
        prices = claims.outputOf(claimId, 0);
        emit PricesUpdated(claimId, prices);
    }
}
