// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaimConsumer} from "../interfaces/IClaimConsumer.sol";
import {IClaims} from "../interfaces/IClaims.sol";
import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {ClaimLayout} from "../lib/ClaimLayout.sol";
import {ClaimLimits} from "../lib/ClaimLimits.sol";
import {ModelId, TraceRoot} from "../lib/Types.sol";
import {Bank} from "./Bank.sol";

/// @title The claims' records, a deployment's parameters, and how claims end
abstract contract ClaimBook is Bank {
    // ---------------------------------------------------------------- constants

    /// @dev Below two blocks of 12 s, no party could see a move and have its answer included.
    uint32 internal constant LEAST_GRACE = 24;
    /// @dev Ten blocks: a transaction that is stuck can be replaced at a higher fee a few times.
    uint32 internal constant LEAST_CLOCK = 120;
    /// @dev A watcher must at least be able to execute the model and hash its trace.
    uint32 internal constant LEAST_WINDOW = 120;
    /// @dev A game on a large model, one side's moves: about seven answers, and one transaction with much evidence.
    uint32 internal constant LEAST_WORST_GAS = 1_500_000;
    /// @dev A claim's bond over one side's credits of a game: what is left of it after them is what a lie costs.
    uint256 internal constant LEAST_BOND_FACTOR = 4;

    /// @inheritdoc IClaims
    uint256 public constant STORED_BYTES = ClaimLimits.STORED_BYTES;
    /// @inheritdoc IClaims
    uint256 public constant MAX_SLOTS = ClaimLimits.MAX_SLOTS;
    /// @inheritdoc IClaims
    uint256 public constant MAX_TENSOR_BYTES = ClaimLimits.MAX_TENSOR_BYTES;
    /// @inheritdoc IClaims
    uint256 public constant CALLBACK_GAS = 300_000;

    // ---------------------------------------------------------------- storage

    struct Record {
        ModelId modelId;
        TraceRoot traceRoot;
        address operator;
        Status status;
        /// It names a registry entry.
        bool settleable;
        uint32 slots;
        uint32 inputs;
        uint96 bond;
        uint40 deadline;
        uint32 openGames;
        /// Gwei: challenger-side credits of the open games.
        uint64 credits;
    }

    mapping(bytes32 claimId => Record) internal _claims;

    uint32 internal immutable _window;
    uint32 internal immutable _clock;
    uint32 internal immutable _grace;
    uint64 internal immutable _statedPrice;
    uint96 internal immutable _claimBond;
    uint96 internal immutable _challengeBond;
    IStepExecutor internal immutable _executor;
    /// @dev Gwei: the most that a side's moves of one game count.
    uint48 internal immutable _maxCredits;

    // ---------------------------------------------------------------- constructor

    constructor(Parameters memory given) {
        _require("window", given.window, LEAST_WINDOW);
        _require("clock", given.clock, LEAST_CLOCK);
        _require("grace", given.grace, LEAST_GRACE);
        _require("worstGas", given.worstGas, LEAST_WORST_GAS);
        _require("statedPrice", given.statedPrice, 1);
        uint256 maxCredits = (uint256(given.worstGas) * given.statedPrice) / 1 gwei;
        _require("challengeBond", given.challengeBond, maxCredits * 1 gwei);
        _require("claimBond", given.claimBond, LEAST_BOND_FACTOR * maxCredits * 1 gwei);
        _window = given.window;
        _clock = given.clock;
        _grace = given.grace;
        _statedPrice = given.statedPrice;
        _claimBond = given.claimBond;
        _challengeBond = given.challengeBond;
        _executor = given.executor;
        _maxCredits = uint48(maxCredits); // challengeBond < 2**96 keeps it below 2**67; see the check
        _require("2**48 gwei", type(uint48).max, maxCredits);
    }

    // ---------------------------------------------------------------- finality

    /// @inheritdoc IClaims
    function finalize(bytes32 claimId) external {
        Record storage record = _posted(claimId);
        if (block.timestamp < record.deadline) revert WindowOpen(record.deadline);
        if (record.openGames != 0) revert GamesOpen(record.openGames);
        _makeFinal(claimId, false);
    }

    /// @inheritdoc IClaims
    function isFinal(bytes32 claimId) public view returns (bool) {
        return _claims[claimId].status == Status.Final;
    }

    // ---------------------------------------------------------------- ends of claims

    /// @dev A claim that can still win or lose.
    function _posted(bytes32 claimId) internal view returns (Record storage record) {
        record = _claims[claimId];
        if (record.status != Status.Posted) revert ClaimNotPosted(claimId);
    }

    /// @dev Gives the bond back and tells the consumer, last of all, as that is foreign code.
    function _makeFinal(bytes32 claimId, bool settled) internal {
        Record storage record = _claims[claimId];
        record.status = Status.Final;
        uint256 bond = record.bond;
        record.bond = 0;
        record.openGames = 0;
        record.credits = 0;
        _pay(record.operator, bond);
        emit ClaimFinal(claimId, settled);
        address consumer = ClaimLayout.consumer(ClaimLayout.read(claimId));
        if (consumer != address(0)) _notify(consumer, claimId);
    }

    /// @dev Divides a claim's bond: a game's challenger-side credits, other games' ones, and of the rest half is burned.
    /// @param gameId 0 unless a game did it.
    /// @param credits Gwei, of that game.
    /// @return paid Wei for that game's credits, and the reward.
    function _defeat(bytes32 claimId, bytes32 gameId, uint256 credits, Cause cause, address by)
        internal
        returns (uint256 paid)
    {
        Record storage record = _claims[claimId];
        uint256 rest = record.bond;
        uint256 others = record.credits - credits;
        record.status = Status.Defeated;
        record.bond = 0;
        record.openGames = 0;
        record.credits = 0;

        paid = credits * 1 gwei; // at most _maxCredits, a fraction of the bond
        rest -= paid;
        uint256 shared = others * 1 gwei < rest ? others * 1 gwei : rest;
        _fillPot(claimId, shared, others);
        rest -= shared;
        uint256 reward = rest / 2;
        paid += reward;
        emit ClaimDefeated(claimId, cause, gameId, by, reward);
        _burn(rest - reward);
    }

    // ---------------------------------------------------------------- other contracts of Assay

    /// @dev The answer of a contract that only looks; a revert of its is ours.
    function _query(address target, bytes memory data) internal view returns (bytes memory reply) {
        bool done;
        (done, reply) = target.staticcall(data);
        if (done) return reply;
        assembly ("memory-safe") {
            revert(add(reply, 32), mload(reply))
        }
    }

    // ---------------------------------------------------------------- internals

    /// @dev In a call whose gas is capped and whose result is not copied: a consumer cannot block finality. The caller cannot
    ///      starve it either.
    function _notify(address consumer, bytes32 claimId) private {
        if (gasleft() - gasleft() / 64 < CALLBACK_GAS + 10_000) revert CallbackGas();
        bytes memory data = abi.encodeCall(IClaimConsumer.onClaimFinal, (claimId));
        uint256 limit = CALLBACK_GAS;
        bool done;
        assembly ("memory-safe") {
            done := call(limit, consumer, 0, add(data, 32), mload(data), 0, 0)
        }
        if (!done) emit CallbackFailed(claimId, consumer);
    }

    function _require(bytes32 name, uint256 value, uint256 least) private pure {
        if (value < least) revert ParameterTooSmall(name, least);
    }
}
