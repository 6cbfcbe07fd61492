// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaimChecks} from "../interfaces/IClaimChecks.sol";
import {IClaims} from "../interfaces/IClaims.sol";
import {CodeStore} from "../lib/CodeStore.sol";
import {EntryId, ModelId, TraceRoot} from "../lib/Types.sol";
import {ClaimBook} from "./ClaimBook.sol";
import {ClaimChecks} from "./ClaimChecks.sol";

/// @title Claims posted, and settled by zero-knowledge proofs
/// @notice A claim's inputs and outputs are in its trace, at the slots that the model says: checked when it is posted, so that a
///         game never has to ask. A settlement shows the model's outputs for the claim's inputs, and nothing of its trace. Only
///         the entry that the claim named counts: anyone can register a key for a model.
abstract contract Postings is ClaimBook {
    // ---------------------------------------------------------------- storage

    IClaimChecks private immutable _checks;

    // ---------------------------------------------------------------- constructor

    constructor(Parameters memory given) ClaimBook(given) {
        _checks = new ClaimChecks(given);
    }

    // ---------------------------------------------------------------- claims

    /// @inheritdoc IClaims
    function post(Posting calldata posting) external payable returns (bytes32 claimId) {
        if (msg.value < _claimBond || msg.value > type(uint96).max) revert BondTooSmall(_claimBond, msg.value);
        claimId = claimIdOf(msg.sender, posting.modelId, posting.traceRoot, posting.nonce);
        if (_claims[claimId].status != Status.None) revert ClaimExists(claimId);
        bytes memory reply = _passOn(IClaimChecks.checkPosting.selector);
        (bytes memory contents, bytes memory data) = abi.decode(reply, (bytes, bytes));

        Record storage record = _claims[claimId];
        record.modelId = posting.modelId;
        record.traceRoot = posting.traceRoot;
        record.operator = msg.sender;
        record.status = Status.Posted;
        record.settleable = EntryId.unwrap(posting.entry) != 0;
        record.slots = posting.header.slots;
        record.inputs = posting.header.inputs;
        record.bond = uint96(msg.value);
        record.deadline = uint40(block.timestamp + _window);
        CodeStore.write(claimId, contents);
        _announce(claimId, posting, record.deadline, data);
    }

    /// @inheritdoc IClaims
    function settle(
        bytes32 claimId,
        address beneficiary,
        bytes[] calldata,
        bytes[] calldata,
        bytes calldata
    ) external {
        _posted(claimId);
        if (abi.decode(_passOn(IClaimChecks.checkSettlement.selector), (bool))) _makeFinal(claimId, true);
        else _pay(beneficiary, _defeat(claimId, 0, 0, Cause.Settlement, msg.sender));
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IClaims
    function claimIdOf(address operator, ModelId modelId, TraceRoot traceRoot, uint64 nonce)
        public
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(operator, modelId, traceRoot, nonce));
    }

    /// @inheritdoc IClaims
    function settlementJob(bytes32 claimId) external view returns (uint256) {
        return uint256(keccak256(abi.encode(address(this), claimId)));
    }

    // ---------------------------------------------------------------- internals

    /// @dev Answers the present call as the checks answer it. Does not return.
    function _reflect() internal view {
        bytes memory reply = _query(address(_checks), msg.data);
        assembly ("memory-safe") {
            return(add(reply, 32), mload(reply))
        }
    }

    /// @dev Asks the checks about the present call's arguments.
    function _passOn(bytes4 selector) private view returns (bytes memory) {
        return _query(address(_checks), bytes.concat(selector, msg.data[4:]));
    }

    /// @dev What everyone needs to compute the claim again, and to follow it.
    function _announce(bytes32 claimId, Posting calldata posting, uint40 deadline, bytes memory data) private {
        emit ClaimPosted(
            claimId,
            msg.sender,
            posting.modelId,
            posting.traceRoot,
            posting.nonce,
            uint96(msg.value),
            deadline,
            posting.entry,
            posting.consumer
        );
        bytes32 topic = ClaimContents.selector;
        assembly ("memory-safe") {
            log2(add(data, 32), mload(data), topic, claimId)
        }
    }
}
