// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {ClaimLayout} from "../lib/ClaimLayout.sol";
import {ClaimLimits} from "../lib/ClaimLimits.sol";
import {Elements} from "../lib/Elements.sol";
import {Expansion} from "../lib/Expansion.sol";
import {GamePacking} from "../lib/GamePacking.sol";
import {Merkle} from "../lib/Merkle.sol";
import {TraceRoot} from "../lib/Types.sol";
import {GameBook} from "./GameBook.sol";

/// @title The game on a claim: from two trace roots to the first element that differs
/// @notice Moves of both sides are fixed by the roots, so that anyone may make them. All that lies before the first difference
///         is the same in both traces.
abstract contract Games is GameBook {
    using GamePacking for GamePacking.Packed;

    // ---------------------------------------------------------------- constants

    /// @dev Levels that one expansion goes down: 16 children cost the least calldata a transaction.
    uint256 private constant STRIDE = 4;

    // ---------------------------------------------------------------- opening

    /// @inheritdoc IClaims
    function open(
        bytes32 claimId,
        TraceRoot root,
        bytes calldata expansion,
        bytes32[] calldata outputRoots,
        bytes32[][] calldata outputSiblings
    ) external payable returns (bytes32 gameId) {
        uint256 gasBefore = gasleft();
        _requireCalldata(5, _padded(expansion) + _spread(outputRoots, outputSiblings));
        Record storage record = _posted(claimId);
        if (block.timestamp >= record.deadline) revert WindowClosed(record.deadline);
        if (msg.value != _challengeBond) revert BondMismatch(_challengeBond, msg.value);
        gameId = gameIdOf(claimId, root);
        if (_games[gameId].position != 0) {
            _pay(msg.sender, msg.value);
            emit GameJoined(gameId, claimId, msg.sender);
            return gameId;
        }
        if (TraceRoot.unwrap(root) == TraceRoot.unwrap(record.traceRoot)) revert RootsEqual();

        Move memory move = Move(claimId, gameId, root, gasBefore, Side.Challenger, _newGame(record, root));
        move.game.sameOutputs = _sameOutputs(claimId, record, root, outputRoots, outputSiblings);
        if (_expand(move.game, expansion) != TraceRoot.unwrap(root)) revert ExpansionMismatch();
        _games[gameId].storeOpening(move.game);
        record.openGames += 1;
        emit GameOpened(gameId, claimId, msg.sender, root, move.game.sameOutputs, expansion);
        _finish(move, Verdict.None);
    }

    // ---------------------------------------------------------------- answering

    /// @inheritdoc IClaims
    function answer(
        bytes32 claimId,
        TraceRoot root,
        bytes32 answered,
        bytes calldata theirs,
        bytes calldata mine,
        bytes calldata next,
        bytes calldata definition
    ) external {
        uint256 gasBefore = gasleft();
        _requireCalldata(7, _padded(theirs) + _padded(mine) + _padded(next) + _padded(definition));
        Move memory move = _begin(claimId, root, answered, gasBefore);
        Game memory state = move.game;
        if (state.phase > Phase.Inner) revert WrongPhase(state.phase);
        bool byOperator = move.side == Side.Operator;
        (bytes calldata claimed, bytes calldata challenged) = byOperator ? (mine, theirs) : (theirs, mine);
        if (keccak256(abi.encode(_expand(state, claimed), _expand(state, challenged))) != state.content) {
            revert ExpansionMismatch();
        }
        state.turn = byOperator ? Side.Challenger : Side.Operator;
        if (_isChunk(state)) {
            if (next.length != 0) revert NextMismatch();
            if (definition.length != 0) revert DefinitionNotNeeded();
            _finish(move, _findElement(move, claimed, challenged));
        } else {
            _descend(move, claimed, challenged, mine, next, definition);
        }
    }

    // ---------------------------------------------------------------- descent

    /// @dev Goes down to the first of the children that differ.
    function _descend(
        Move memory move,
        bytes calldata claimed,
        bytes calldata challenged,
        bytes calldata mine,
        bytes calldata next,
        bytes calldata definition
    ) private {
        Game memory state = move.game;
        uint256 offset = Expansion.firstDifference(claimed, challenged) & ~uint256(31);
        bytes32 claimNode = bytes32(claimed[offset:offset + 32]);
        bytes32 challengerNode = bytes32(challenged[offset:offset + 32]);
        uint256 stride = _stride(state);
        state.index = uint64(uint256(state.index) << stride | offset / 32);
        state.levels -= uint8(stride);
        state.content = keccak256(abi.encode(claimNode, challengerNode));

        bool atSlot = state.phase == Phase.Trace && state.levels == 0;
        if (!atSlot && definition.length != 0) revert DefinitionNotNeeded();
        Verdict verdict = Verdict.None;
        if (atSlot) verdict = _enterTensor(move, claimNode, definition);
        else if (state.phase != Phase.Trace) verdict = _enterInner(state, claimNode);

        emit Answered(move.gameId, msg.sender, state.moves, claimNode, challengerNode, mine, next);
        if (verdict != Verdict.None) {
            if (next.length != 0) revert NextMismatch();
        } else if (_expand(state, next) != (move.side == Side.Operator ? claimNode : challengerNode)) {
            revert NextMismatch();
        }
        _finish(move, verdict);
    }

    /// @dev The nodes are a slot's leaves. Where the claim's is known to be right or wrong, the game ends.
    function _enterTensor(Move memory move, bytes32 claimNode, bytes calldata definition) private view returns (Verdict) {
        Game memory state = move.game;
        Record storage record = _claims[move.claimId];
        uint256 slot = state.index;
        state.slot = uint32(slot);
        if (slot >= record.slots || slot < record.inputs) {
            if (definition.length != 0) revert DefinitionNotNeeded();
            // Inputs were checked when the claim was posted; unused slots hold 0.
            return slot >= record.slots && claimNode != 0 ? Verdict.ClaimLoses : Verdict.ChallengerLoses;
        }
        if (definition.length == 0) revert DefinitionMissing();
        IStepExecutor.Description memory description = _describe(record, slot, definition);
        if (ClaimLimits.isRefused(description)) return Verdict.ClaimLoses;
        uint256 length = ClaimLimits.lengthOf(description);
        state.phase = Phase.Tensor;
        state.index = 0;
        state.levels = uint8(Merkle.depthOf(Merkle.chunksOf(length)));
        state.elementType = description.elementType;
        state.length = uint64(length);
        state.segments = uint16((uint256(description.terms) + description.segmentLength - 1) / description.segmentLength);
        return Verdict.None;
    }

    /// @dev The nodes lie in a tensor's tree. Leaves behind its end are those of a chunk of zeros.
    function _enterInner(Game memory state, bytes32 claimNode) private pure returns (Verdict) {
        state.phase = Phase.Inner;
        if (state.levels != 0 || state.index < Merkle.chunksOf(state.length)) return Verdict.None;
        return claimNode != Merkle.ZERO_LEAF ? Verdict.ClaimLoses : Verdict.ChallengerLoses;
    }

    /// @dev Both chunks are known: finds the element. Bytes behind the tensor's end are 0.
    function _findElement(Move memory move, bytes calldata claimed, bytes calldata challenged) private returns (Verdict) {
        Game memory state = move.game;
        uint256 position = Expansion.firstDifference(claimed, challenged);
        uint256 start = uint256(state.index) * Merkle.CHUNK;
        if (start + position >= state.length) {
            return claimed[position] != 0 ? Verdict.ClaimLoses : Verdict.ChallengerLoses;
        }
        uint256 elementType = uint256(state.elementType);
        uint256 width = Elements.width(elementType);
        uint256 element = (start + position) / width;
        uint256 offset = element * width - start;
        int256 value = _element(claimed, offset, elementType);
        state.index = uint64(element);
        state.content = bytes32(uint256(value));
        bool segmented = state.segments > 1;
        state.phase = segmented ? Phase.Sums : Phase.Execute;
        state.turn = segmented ? Side.Operator : Side.Challenger;
        int256 other = _element(challenged, offset, elementType);
        emit ElementFound(move.gameId, msg.sender, state.moves, uint64(element), value, other);
        return Verdict.None;
    }

    // ---------------------------------------------------------------- internals

    function _newGame(Record storage record, TraceRoot root) private view returns (Game memory state) {
        state.phase = Phase.Trace;
        state.turn = Side.Operator;
        state.levels = uint8(Merkle.depthOf(Merkle.traceLeaves(record.slots)));
        state.operatorClock = _clock;
        state.challengerClock = _clock;
        state.content = keccak256(abi.encode(record.traceRoot, root));
        state.challenger = msg.sender;
        _touch(state);
    }

    /// @dev Whether the challenger's trace ends in the claim's outputs, if that can ever matter.
    function _sameOutputs(
        bytes32 claimId,
        Record storage record,
        TraceRoot root,
        bytes32[] calldata roots,
        bytes32[][] calldata siblings
    ) private view returns (bool same) {
        if (!record.settleable) {
            if (roots.length + siblings.length != 0) revert OutputCount(0, roots.length);
            return false;
        }
        bytes memory blob = ClaimLayout.read(claimId);
        uint256 count = ClaimLayout.outputCount(blob);
        if (roots.length != count) revert OutputCount(count, roots.length);
        if (siblings.length != count) revert OutputCount(count, siblings.length);
        uint256 depth = Merkle.depthOf(Merkle.traceLeaves(record.slots));
        same = true;
        for (uint256 i = 0; i < count; ++i) {
            Output memory output = ClaimLayout.output(blob, i);
            if (siblings[i].length != depth) revert PortMismatch(i);
            if (Merkle.climb(roots[i], output.slot, siblings[i]) != TraceRoot.unwrap(root)) revert PortMismatch(i);
            if (roots[i] != output.root) same = false;
        }
    }

    function _stride(Game memory state) private pure returns (uint256) {
        return state.levels < STRIDE ? state.levels : STRIDE;
    }

    /// @dev Whether the nodes commit to chunks directly.
    function _isChunk(Game memory state) private pure returns (bool) {
        return state.levels == 0;
    }

    /// @dev The node of this state that an expansion belongs to.
    function _expand(Game memory state, bytes calldata expansion) private pure returns (bytes32 node) {
        bool chunk = _isChunk(state);
        uint256 expected = chunk ? Merkle.CHUNK : 32 << _stride(state);
        if (expansion.length != expected) revert ExpansionLength(expected, expansion.length);
        node = chunk ? Expansion.leaf(expansion) : Expansion.fold(expansion);
        if (state.phase == Phase.Tensor) node = Merkle.rootOf(state.length, node);
    }

    /// @dev The element at a byte offset of a chunk.
    function _element(bytes calldata chunk, uint256 offset, uint256 elementType) internal pure returns (int256) {
        // A word may go beyond the chunk: only the element's bytes count.
        uint256 word;
        assembly ("memory-safe") {
            word := calldataload(add(chunk.offset, offset))
        }
        return Elements.decode(word, elementType);
    }

    function _describe(Record storage record, uint256 slot, bytes calldata definition)
        internal
        view
        virtual
        returns (IStepExecutor.Description memory);

    /// @dev What an argument of type bytes takes.
    function _padded(bytes calldata data) private pure returns (uint256) {
        return 32 + (data.length + 31) / 32 * 32;
    }

    /// @dev What the outputs' roots and their siblings take.
    function _spread(bytes32[] calldata roots, bytes32[][] calldata siblings) private pure returns (uint256 size) {
        size = 64 + 32 * roots.length;
        for (uint256 i = 0; i < siblings.length; ++i) {
            size += 64 + 32 * siblings[i].length;
        }
    }
}
