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
    /// @notice Reverts unless the bytes are a well-formed Groth16 key; returns its number of public signals.
    function check(bytes memory key) internal view returns (uint256 signals) {
        if (key.length < KeyLayout.IC) revert IRegistry.KeyLength(KeyLayout.IC, key.length);
        uint8 protocol = KeyLayout.protocol(key);
        if (protocol > uint8(type(Protocol).max)) revert IRegistry.UnknownProtocol(protocol);
        uint8 setup = KeyLayout.setupKind(key);
        if (setup > uint8(type(SetupKind).max)) revert IRegistry.UnknownSetup(setup);
        signals = KeyLayout.signals(key);
        uint256 expected = KeyLayout.keyLength(signals);
        if (key.length != expected) revert IRegistry.KeyLength(expected, key.length);

        _g1(key, KeyLayout.ALPHA);
        _g2(key, KeyLayout.BETA);
        _g2(key, KeyLayout.GAMMA);
        _g2(key, KeyLayout.DELTA);
        uint256[24] memory pairs;
        KeyLayout.copy(key, KeyLayout.BETA, pairs, 2, 128);
        KeyLayout.copy(key, KeyLayout.GAMMA, pairs, 8, 128);
        KeyLayout.copy(key, KeyLayout.DELTA, pairs, 14, 128);
        Bn254.requireG2(pairs);
        if (_equal(key, KeyLayout.GAMMA, KeyLayout.DELTA)) revert IRegistry.KeyForgeable();
        for (uint256 offset = KeyLayout.IC; offset < expected; offset += 64) {
            _g1(key, offset);
        }
    }

    function _g1(bytes memory key, uint256 offset) private pure {
        _canonical(key, offset, 64);
        if (!Bn254.isOnG1(KeyLayout.word(key, offset), KeyLayout.word(key, offset + 32))) {
            revert IRegistry.PointOffCurve(offset);
        }
    }

    /// @dev The group itself is checked for all G2 points at once.
    function _g2(bytes memory key, uint256 offset) private pure {
        _canonical(key, offset, 128);
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

    function _equal(bytes memory key, uint256 first, uint256 second) private pure returns (bool) {
        for (uint256 i = 0; i < 128; i += 32) {
            if (KeyLayout.word(key, first + i) != KeyLayout.word(key, second + i)) return false;
        }
        return true;
    }
}
