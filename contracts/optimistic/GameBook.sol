// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {GamePacking} from "../lib/GamePacking.sol";
import {Gas} from "../lib/Gas.sol";
import {TraceRoot} from "../lib/Types.sol";
import {ClaimBook} from "./ClaimBook.sol";

/// @title The games' records: clocks, credits, and how games end
abstract contract GameBook is ClaimBook {
    using GamePacking for GamePacking.Packed;

    // ---------------------------------------------------------------- constants

    /// @dev Gas of what the measurement of a move's gas does not see: finding the function, and storing the game afterwards.
    uint256 private constant TAIL = 18_000;
    /// @dev More of it for a game that is new.
    uint256 private constant TAIL_OF_OPENING = 56_000;
    /// @dev More of it for the credit of a mover other than the operator or the challenger.
    uint256 private constant TAIL_OF_OTHERS = 22_000;
    /// @dev More of it at the end of a game or a claim: balances, pots, the burning of ether.
    uint256 private constant TAIL_OF_END = 75_000;

    /// @dev A move on the way to the element counts for one part in so many of the cap at most. It takes about 150,000 gas;
    ///      who makes one dearer, by evidence that nobody reads, must leave the others' moves their credits.
    uint256 private constant PARTS_OF_CAP = 6;

    // ---------------------------------------------------------------- storage

    /// @dev A move in the making.
    struct Move {
        bytes32 claimId;
        bytes32 gameId;
        TraceRoot root;
        /// gasleft() when the function began.
        uint256 gas;
        /// Whose clock ran.
        Side side;
        Game game;
    }

    enum Verdict {
        None,
        ClaimLoses,
        ChallengerLoses
    }

    mapping(bytes32 gameId => GamePacking.Packed) internal _games;

    /// @dev Gwei of movers other than the operator on the operator's side << 128, and other than the challenger on the
    ///      challenger's side.
    mapping(bytes32 gameId => mapping(address mover => uint256)) private _credits;

    // ---------------------------------------------------------------- collecting

    /// @inheritdoc IClaims
    function collect(bytes32 claimId, TraceRoot root, address mover) external {
        bytes32 gameId = gameIdOf(claimId, root);
        Game memory state = _existing(gameId);
        Phase phase = _phase(claimId, gameId, state);
        bool ends = phase != state.phase;
        if (ends) _release(claimId, gameId, state, phase);
        else if (!_isOver(phase)) revert WrongPhase(phase);

        uint256 credits = _credits[gameId][mover];
        (uint256 operatorSide, uint256 challengerSide) = (credits >> 128, uint128(credits));
        uint256 amount = 0;
        if (phase == Phase.ChallengerLost) amount = _takeShare(gameId, operatorSide);
        else if (phase == Phase.ClaimLost) amount = _takeShare(gameId, challengerSide);
        else if (_claims[claimId].status == Status.Defeated) amount = _takeShare(claimId, challengerSide);
        if (credits != 0) _credits[gameId][mover] = 0;
        if (amount == 0 && !ends) revert NothingToCollect();
        _pay(mover, amount);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IClaims
    function game(bytes32 claimId, TraceRoot root) external view returns (Game memory state) {
        bytes32 gameId = gameIdOf(claimId, root);
        state = _games[gameId].load();
        _games[gameId].loadOpening(state);
        if (state.phase != Phase.None && !_isOver(state.phase)) state.bond = _challengeBond;
        state.phase = _phase(claimId, gameId, state);
        state.deadline = _deadline(state);
    }

    /// @inheritdoc IClaims
    function stateHash(bytes32 claimId, TraceRoot root) external view returns (bytes32) {
        bytes32 gameId = gameIdOf(claimId, root);
        return _stateHash(gameId, _games[gameId].load());
    }

    /// @inheritdoc IClaims
    function creditsOf(bytes32 claimId, TraceRoot root, address mover)
        external
        view
        returns (uint256 operatorSide, uint256 challengerSide)
    {
        bytes32 gameId = gameIdOf(claimId, root);
        uint256 credits = _credits[gameId][mover];
        (operatorSide, challengerSide) = (credits >> 128, uint128(credits));
        Game memory state = _games[gameId].load();
        _games[gameId].loadOpening(state);
        if (mover == _claims[claimId].operator) operatorSide += state.operatorOwnCredits;
        if (mover == state.challenger) challengerSide += state.challengerOwnCredits;
    }

    /// @inheritdoc IClaims
    function gameIdOf(bytes32 claimId, TraceRoot root) public pure returns (bytes32) {
        return keccak256(abi.encode(claimId, root));
    }

    // ---------------------------------------------------------------- moves

    /// @dev Loads a game that is on, checks what the move answers, and stops the clock. The caller sets the turn.
    function _begin(bytes32 claimId, TraceRoot root, bytes32 answered, uint256 gasBefore)
        internal
        view
        returns (Move memory move)
    {
        move = _load(claimId, root, answered, gasBefore);
        Game memory state = move.game;
        uint40 deadline = _deadline(state);
        if (block.timestamp > deadline) revert TooLate(deadline);
        uint256 grace = uint256(state.lastMoveAt) + _grace;
        if (block.timestamp > grace) {
            uint32 used = uint32(block.timestamp - grace);
            if (move.side == Side.Operator) state.operatorClock -= used;
            else state.challengerClock -= used;
        }
        _touch(state);
    }

    /// @dev Loads a game that is on and checks what the move answers.
    function _load(bytes32 claimId, TraceRoot root, bytes32 answered, uint256 gasBefore)
        internal
        view
        returns (Move memory move)
    {
        move.claimId = claimId;
        move.gameId = gameIdOf(claimId, root);
        move.root = root;
        move.gas = gasBefore;
        move.game = _existing(move.gameId);
        if (_isOver(move.game.phase) || _claims[claimId].status != Status.Posted) revert GameOver(move.gameId);
        bytes32 expected = _stateHash(move.gameId, move.game);
        if (answered != expected) revert StateMismatch(expected);
        move.side = move.game.turn;
    }

    function _touch(Game memory state) internal view {
        state.lastMoveAt = uint40(block.timestamp);
        ++state.moves;
    }

    function _requirePhase(Move memory move, Phase phase) internal pure {
        if (move.game.phase != phase) revert WrongPhase(move.game.phase);
    }

    /// @dev The side to move may do so until then, included.
    function _deadline(Game memory state) internal view returns (uint40) {
        if (state.phase == Phase.None || _isOver(state.phase)) return 0;
        uint32 left = state.turn == Side.Operator ? state.operatorClock : state.challengerClock;
        return uint40(uint256(state.lastMoveAt) + _grace + left);
    }

    /// @dev Counts the move for the side that it serves: the winner's, if it ends the game. Then ends the game or goes on.
    function _finish(Move memory move, Verdict verdict) internal {
        if (verdict == Verdict.None) {
            _count(move, move.side, false);
        } else if (verdict == Verdict.ClaimLoses) {
            _count(move, Side.Challenger, true);
            _endByClaim(move);
        } else {
            _count(move, Side.Operator, true);
            Record storage record = _claims[move.claimId];
            record.openGames -= 1;
            record.credits -= move.game.challengerCredits;
            _endByChallenger(move.claimId, move.gameId, move.game);
        }
        _games[move.gameId].store(move.game);
    }

    // ---------------------------------------------------------------- internals

    /// @dev Calldata with more than a function's arguments take would swell the mover's credits.
    /// @param words Of the arguments' heads.
    /// @param dynamic Bytes behind them.
    function _requireCalldata(uint256 words, uint256 dynamic) internal pure {
        uint256 expected = 4 + 32 * words + dynamic;
        if (msg.data.length != expected) revert CalldataPadded(expected, msg.data.length);
    }

    /// @dev Adds the move's gas to the credits of its sender, up to what such a move counts, and up to the cap.
    function _count(Move memory move, Side side, bool ends) private {
        Game memory state = move.game;
        bool operatorSide = side == Side.Operator;
        Record storage record = _claims[move.claimId];
        if (state.challenger == address(0)) _games[move.gameId].loadOpening(state);
        bool own = msg.sender == (operatorSide ? record.operator : state.challenger);
        uint256 all = operatorSide ? state.operatorCredits : state.challengerCredits;
        bool others = all != (operatorSide ? state.operatorOwnCredits : state.challengerOwnCredits);

        uint256 tail = TAIL;
        if (ends) tail += others || !own ? TAIL_OF_END + TAIL_OF_OTHERS : TAIL_OF_END;
        else if (state.moves == 1) tail += TAIL_OF_OPENING;
        if (!own) tail += TAIL_OF_OTHERS;
        uint256 spent = Gas.ofTransaction(move.gas, tail) * Gas.price(_statedPrice);
        uint256 earned = (spent + 1 gwei - 1) / 1 gwei;
        // Partial results are the operator's own affair.
        uint256 most = ends || state.phase == Phase.Refute ? _maxCredits : _maxCredits / PARTS_OF_CAP;
        if (most > _maxCredits - all) most = _maxCredits - all;
        if (earned > most) earned = most;
        uint48 credits = uint48(earned);

        if (operatorSide) {
            state.operatorCredits += credits;
            if (own) state.operatorOwnCredits += credits;
            else _credits[move.gameId][msg.sender] += earned << 128;
        } else {
            state.challengerCredits += credits;
            record.credits += credits;
            if (own) state.challengerOwnCredits += credits;
            else _credits[move.gameId][msg.sender] += earned;
        }
    }

    /// @dev The claim lost this game: its bond, and the challenger's back.
    function _endByClaim(Move memory move) private {
        Game memory state = move.game;
        uint256 all = state.challengerCredits;
        uint256 amount = _defeat(move.claimId, move.gameId, all, Cause.Game, msg.sender);
        uint256 share = all == 0 ? amount : (amount * state.challengerOwnCredits) / all;
        _fillPot(move.gameId, amount - share, all - state.challengerOwnCredits);
        _pay(state.challenger, _challengeBond + share);
        _markEnd(move.claimId, move.gameId, state, Phase.ClaimLost);
    }

    /// @dev The challenger lost: its bond pays the operator's side, and of the rest half is burned.
    function _endByChallenger(bytes32 claimId, bytes32 gameId, Game memory state) private {
        uint256 others = state.operatorCredits - state.operatorOwnCredits;
        uint256 rest = _challengeBond - uint256(state.operatorCredits) * 1 gwei;
        uint256 part = rest / 2;
        _fillPot(gameId, others * 1 gwei, others);
        _pay(_claims[claimId].operator, uint256(state.operatorOwnCredits) * 1 gwei + part);
        _burn(rest - part);
        _markEnd(claimId, gameId, state, Phase.ChallengerLost);
    }

    /// @dev Ends a game whose claim ended elsewhere.
    function _release(bytes32 claimId, bytes32 gameId, Game memory state, Phase phase) private {
        _games[gameId].loadOpening(state);
        if (phase == Phase.ChallengerLost) {
            _endByChallenger(claimId, gameId, state);
        } else {
            // When the claim was settled as right, there is no pot.
            bool shares = _claims[claimId].status == Status.Defeated;
            uint256 share = shares ? _takeShare(claimId, state.challengerOwnCredits) : 0;
            _pay(state.challenger, _challengeBond + share);
            _markEnd(claimId, gameId, state, phase);
        }
        _games[gameId].store(state);
    }

    function _markEnd(bytes32 claimId, bytes32 gameId, Game memory state, Phase phase) private {
        state.phase = phase;
        emit GameEnded(gameId, claimId, phase);
    }

    /// @dev The phase, which for a game that was on when its claim ended follows from that end. A final claim with such a
    ///      game was settled: the proof says nothing about the trace of a challenger that had the same outputs.
    function _phase(bytes32 claimId, bytes32 gameId, Game memory state) private view returns (Phase) {
        if (state.phase == Phase.None || _isOver(state.phase)) return state.phase;
        Status status = _claims[claimId].status;
        if (status == Status.Posted) return state.phase;
        if (status == Status.Defeated) return Phase.Released;
        _games[gameId].loadOpening(state);
        return state.sameOutputs ? Phase.Released : Phase.ChallengerLost;
    }

    function _existing(bytes32 gameId) private view returns (Game memory state) {
        state = _games[gameId].load();
        if (state.phase == Phase.None) revert GameMissing(gameId);
    }

    function _isOver(Phase phase) private pure returns (bool) {
        return phase >= Phase.ClaimLost;
    }

    function _stateHash(bytes32 gameId, Game memory state) private pure returns (bytes32) {
        return keccak256(abi.encode(gameId, uint256(state.moves), state.content));
    }
}
