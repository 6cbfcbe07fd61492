// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRegistry} from "../interfaces/IRegistry.sol";
import {Bn254} from "./Bn254.sol";
import {KeyLayout} from "./KeyLayout.sol";
import {Protocol, SetupKind} from "./Types.sol";

/// @title Checks of a key at registration
/// @notice Every point must be canonical, in its group and not infinity, so that a verifier can trust a stored key's form.
///         Whether the key belongs to the model, no contract can tell.
library KeyCheck {
    uint256 private constant MAX_CHALLENGES = 2;

    /// @notice Reverts unless the bytes are a well-formed key of a known proof system.
    function check(bytes memory key) internal view {
        if (key.length < KeyLayout.MIN_BYTES) revert IRegistry.KeyLength(KeyLayout.MIN_BYTES, key.length);
        uint8 protocol = KeyLayout.protocolByte(key);
        if (protocol > uint8(type(Protocol).max)) revert IRegistry.UnknownProtocol(protocol);
        uint8 setup = KeyLayout.setupKind(key);
        if (setup > uint8(type(SetupKind).max)) revert IRegistry.UnknownSetup(setup);
        Protocol system = Protocol(protocol);
        uint256 challenges = KeyLayout.challenges(key);
        if (system == Protocol.TwoRound && (challenges == 0 || challenges > MAX_CHALLENGES)) {
            revert IRegistry.ChallengeCount(challenges);
        }
        uint256 expected = KeyLayout.keyLength(key);
        if (key.length != expected) revert IRegistry.KeyLength(expected, key.length);

        uint256 ic = KeyLayout.ic(system);
        _g1(key, KeyLayout.alpha(system));
        _g2(key, KeyLayout.beta(system), ic);
        _distinct(key, KeyLayout.gamma(system), ic);
        for (uint256 offset = ic; offset < expected; offset += 64) {
            _g1(key, offset);
        }
    }

    function _g1(bytes memory key, uint256 offset) private pure {
        _canonical(key, offset, 64);
        if (!Bn254.isOnG1(KeyLayout.word(key, offset), KeyLayout.word(key, offset + 32))) {
            revert IRegistry.PointOffCurve(offset);
        }
    }

    /// @dev All G2 points from one offset to another; the group itself is checked for all of them at once.
    function _g2(bytes memory key, uint256 from, uint256 to) private view {
        uint256[] memory pairs = new uint256[](6 * ((to - from) / 128));
        uint256 index = 2;
        for (uint256 offset = from; offset < to; offset += 128) {
            _canonical(key, offset, 128);
            KeyLayout.copy(key, offset, pairs, index, 128);
            index += 6;
        }
        Bn254.requireG2(pairs);
    }

    /// @dev gamma and the deltas, from one offset to another, differ from each other: with gamma = delta a public signal's
    ///      term can be moved into C; with delta0 = delta1 a wire of the first round can be chosen in the second.
    function _distinct(bytes memory key, uint256 from, uint256 to) private pure {
        for (uint256 first = from; first < to; first += 128) {
            for (uint256 second = first + 128; second < to; second += 128) {
                if (_sameX(key, first, second)) revert IRegistry.KeyForgeable();
            }
        }
    }

    function _canonical(bytes memory key, uint256 offset, uint256 size) private pure {
        uint256 any = 0;
        for (uint256 i = offset; i < offset + size; i += 32) {
            uint256 coordinate = KeyLayout.word(key, i);
            if (coordinate >= Bn254.P) revert IRegistry.CoordinateTooLarge(i);
            any |= coordinate;
        }
        // EIP-196 and EIP-197 write infinity as all zeros.
        if (any == 0) revert IRegistry.PointAtInfinity(offset);
    }

    /// @dev Equal or opposite: with delta0 = -delta1 anyone can forge as with delta0 = delta1.
    function _sameX(bytes memory key, uint256 first, uint256 second) private pure returns (bool) {
        for (uint256 i = 0; i < 64; i += 32) {
            if (KeyLayout.word(key, first + i) != KeyLayout.word(key, second + i)) return false;
        }
        return true;
    }
}
