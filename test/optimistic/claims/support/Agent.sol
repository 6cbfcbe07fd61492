// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title An account with code: sends what it is told to, and reacts to ether and to a claim's finality
contract Agent {
    enum Mode {
        React,
        Revert,
        BurnGas,
        ReturnMuch
    }

    address private _target;
    bytes private _reaction;
    Mode private _mode;
    /// 0: has not reacted, 1: the reaction failed, 2: it was done.
    uint256 public outcome;
    bytes32 public told;

    function set(address target, bytes calldata reaction, Mode mode) external {
        (_target, _reaction, _mode, outcome) = (target, reaction, mode, 0);
    }

    function forward(address to, bytes calldata data) external payable {
        (bool done, bytes memory reply) = to.call{value: msg.value}(data);
        if (done) return;
        assembly {
            revert(add(reply, 32), mload(reply))
        }
    }

    receive() external payable {
        _react();
    }

    function onClaimFinal(bytes32 claimId) external {
        told = claimId;
        if (_mode == Mode.Revert) revert("no");
        if (_mode == Mode.BurnGas) while (true) {}
        if (_mode == Mode.ReturnMuch) {
            assembly {
                return(0, 100000)
            }
        }
        _react();
    }

    function _react() private {
        if (_target == address(0)) return;
        (bool done,) = _target.call(_reaction);
        outcome = done ? 2 : 1;
    }
}
