// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {TraceRoot} from "../lib/Types.sol";
import {Games} from "./Games.sol";

/// @title The end of a game: the element is computed, at once or by segments; or a clock has run out
/// @notice Evidence travels to the executor as it comes: this contract reads nothing of it.
abstract contract Adjudication is Games {
    // ---------------------------------------------------------------- moves

    /// @inheritdoc IClaims
    function execute(bytes32 claimId, TraceRoot root, bytes32 answered, bool onClaim, bytes calldata evidence) external {
        uint256 gasBefore = gasleft();
        Move memory move = _begin(claimId, root, answered, gasBefore);
        _requirePhase(move, Phase.Execute);
        bytes memory head = abi.encodePacked(IStepExecutor.execute.selector, _question(move, onClaim));
        int256 value = int256(_ask(head, 5, evidence));
        emit Computed(move.gameId, msg.sender, value);
        bool right = value == int256(uint256(move.game.content));
        _finish(move, right ? Verdict.ChallengerLoses : Verdict.ClaimLoses);
    }

    /// @inheritdoc IClaims
    function sums(
        bytes32 claimId,
        TraceRoot root,
        bytes32 answered,
        bool onClaim,
        int256[] calldata partials,
        bytes calldata evidence
    ) external {
        uint256 gasBefore = gasleft();
        // No root fixes partial results: what a stranger gave could lose the operator the game.
        if (msg.sender != _claims[claimId].operator) revert NotOperator(msg.sender);
        Move memory move = _begin(claimId, root, answered, gasBefore);
        _requirePhase(move, Phase.Sums);
        Game memory state = move.game;
        if (partials.length != state.segments) revert SumsCount(state.segments, partials.length);
        int256 value = _finished(_question(move, onClaim), partials, evidence);
        if (value != int256(uint256(state.content))) revert SumsMismatch(int256(uint256(state.content)), value);

        state.content = keccak256(abi.encodePacked(partials));
        state.phase = Phase.Refute;
        state.turn = Side.Challenger;
        emit Summed(move.gameId, msg.sender, state.moves, partials);
        _finish(move, Verdict.None);
    }

    /// @inheritdoc IClaims
    function refute(
        bytes32 claimId,
        TraceRoot root,
        bytes32 answered,
        bool onClaim,
        int256[] calldata partials,
        uint256 segment,
        bytes calldata evidence
    ) external {
        uint256 gasBefore = gasleft();
        Move memory move = _begin(claimId, root, answered, gasBefore);
        _requirePhase(move, Phase.Refute);
        if (keccak256(abi.encodePacked(partials)) != move.game.content) revert PartialsMismatch();
        if (segment >= partials.length) revert SegmentMissing(segment);
        bytes memory head = abi.encodePacked(IStepExecutor.segment.selector, _question(move, onClaim), segment);
        int256 value = int256(_ask(head, 6, evidence));
        if (value == partials[segment]) revert NotRefuted();
        emit Computed(move.gameId, msg.sender, value);
        _finish(move, Verdict.ClaimLoses);
    }

    /// @inheritdoc IClaims
    function expire(bytes32 claimId, TraceRoot root, bytes32 answered) external {
        uint256 gasBefore = gasleft();
        _requireCalldata(3, 0);
        Move memory move = _load(claimId, root, answered, gasBefore);
        uint40 deadline = _deadline(move.game);
        if (block.timestamp <= deadline) revert NotExpired(deadline);
        _touch(move.game);
        _finish(move, move.side == Side.Operator ? Verdict.ClaimLoses : Verdict.ChallengerLoses);
    }

    // ---------------------------------------------------------------- the executor

    /// @inheritdoc Games
    function _describe(Record storage record, uint256 slot, bytes calldata definition)
        internal
        view
        override
        returns (IStepExecutor.Description memory)
    {
        bytes memory head = abi.encodePacked(IStepExecutor.describe.selector, record.modelId, slot);
        return abi.decode(_query(address(_executor), _withEvidence(head, 3, definition)), (IStepExecutor.Description));
    }

    // ---------------------------------------------------------------- internals

    /// @dev The arguments that the executor's functions share.
    function _question(Move memory move, bool onClaim) private view returns (bytes memory) {
        Record storage record = _claims[move.claimId];
        TraceRoot root = onClaim ? record.traceRoot : move.root;
        return abi.encode(record.modelId, root, uint256(move.game.slot), uint256(move.game.index));
    }

    function _ask(bytes memory head, uint256 words, bytes calldata evidence) private view returns (uint256) {
        return abi.decode(_query(address(_executor), _withEvidence(head, words, evidence)), (uint256));
    }

    /// @dev The executor folds the partial results: only it knows the step's kind. Arguments are four words, the offsets of
    ///      the list and of the evidence, the list and the evidence.
    function _finished(bytes memory question, int256[] calldata partials, bytes calldata evidence)
        private
        view
        returns (int256)
    {
        bytes memory list = abi.encodePacked(partials.length, partials);
        bytes memory head = abi.encodePacked(IStepExecutor.finish.selector, question, uint256(6 * 32));
        bytes memory request = bytes.concat(head, bytes32(6 * 32 + list.length), list, _struct(evidence));
        return abi.decode(_query(address(_executor), request), (int256));
    }

    /// @dev Appends the last argument, a struct, behind `words` words of arguments, its own offset included.
    function _withEvidence(bytes memory head, uint256 words, bytes calldata evidence) private pure returns (bytes memory) {
        return bytes.concat(head, bytes32(32 * words), _struct(evidence));
    }

    /// @dev The evidence is a struct as abi.encode gives it: an offset of 32, then its fields. Nothing here reads them: an
    ///      offset in them may point before the struct, to other bytes here than where the executor reads it.
    function _struct(bytes calldata evidence) private pure returns (bytes calldata) {
        if (evidence.length < 64 || bytes32(evidence) != bytes32(uint256(32))) revert EvidenceMalformed();
        return evidence[32:];
    }
}
