// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {ElementType} from "./Types.sol";

/// @title A game in four words of storage, three of which a move writes
library GamePacking {
    struct Packed {
        bytes32 content;
        /// phase 8, turn 8, moves 8, levels 8, slot 32, index 64, type 8, segments 16, clocks 32 + 32, lastMoveAt 40
        uint256 position;
        /// length 64, credits: operator's side 48, the operator's own 48, challenger's side 48, the challenger's own 48
        uint256 account;
        /// challenger 160, sameOutputs 1
        uint256 opening;
    }

    /// @notice All but what {loadOpening} adds and the deadline, which is no part of the state.
    function load(Packed storage packed) internal view returns (IClaims.Game memory game) {
        uint256 position = packed.position;
        game.phase = IClaims.Phase(uint8(position >> 248));
        game.turn = IClaims.Side(uint8(position >> 240));
        game.moves = uint8(position >> 232);
        game.levels = uint8(position >> 224);
        game.slot = uint32(position >> 192);
        game.index = uint64(position >> 128);
        game.elementType = ElementType(uint8(position >> 120));
        game.segments = uint16(position >> 104);
        game.operatorClock = uint32(position >> 72);
        game.challengerClock = uint32(position >> 40);
        game.lastMoveAt = uint40(position);
        game.content = packed.content;
        uint256 account = packed.account;
        game.length = uint64(account >> 192);
        game.operatorCredits = uint48(account >> 144);
        game.operatorOwnCredits = uint48(account >> 96);
        game.challengerCredits = uint48(account >> 48);
        game.challengerOwnCredits = uint48(account);
    }

    function loadOpening(Packed storage packed, IClaims.Game memory game) internal view {
        uint256 opening = packed.opening;
        game.challenger = address(uint160(opening >> 96));
        game.sameOutputs = opening & 1 != 0;
    }

    function store(Packed storage packed, IClaims.Game memory game) internal {
        packed.content = game.content;
        uint256 high = uint256(uint8(game.phase)) << 248 | uint256(uint8(game.turn)) << 240 | uint256(game.moves) << 232
            | uint256(game.levels) << 224 | uint256(game.slot) << 192 | uint256(game.index) << 128;
        packed.position = high | uint256(uint8(game.elementType)) << 120 | uint256(game.segments) << 104
            | uint256(game.operatorClock) << 72 | uint256(game.challengerClock) << 40 | game.lastMoveAt;
        packed.account = uint256(game.length) << 192 | uint256(game.operatorCredits) << 144
            | uint256(game.operatorOwnCredits) << 96 | uint256(game.challengerCredits) << 48 | game.challengerOwnCredits;
    }

    function storeOpening(Packed storage packed, IClaims.Game memory game) internal {
        packed.opening = uint256(uint160(game.challenger)) << 96 | (game.sameOutputs ? 1 : 0);
    }
}
