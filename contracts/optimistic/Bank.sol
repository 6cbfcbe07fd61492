// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";

/// @title What parties may withdraw, and what they share
/// @notice Nothing is pushed to a party. The contract's ether is always what is locked in bonds and pots and what balances
///         hold; what is burned leaves at once.
abstract contract Bank is IClaims {
    // ---------------------------------------------------------------- constants

    /// @inheritdoc IClaims
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    // ---------------------------------------------------------------- storage

    /// @inheritdoc IClaims
    mapping(address account => uint256) public balanceOf;

    mapping(bytes32 id => Pot) private _pots;

    // ---------------------------------------------------------------- withdrawing

    /// @inheritdoc IClaims
    function withdraw(address to) external {
        uint256 amount = balanceOf[msg.sender];
        if (amount == 0) revert NothingToCollect();
        balanceOf[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        _send(to, amount);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IClaims
    function pot(bytes32 id) external view returns (Pot memory) {
        return _pots[id];
    }

    // ---------------------------------------------------------------- for the claims

    function _pay(address account, uint256 amount) internal {
        if (amount == 0) return;
        balanceOf[account] += amount;
        emit Credited(account, amount);
    }

    function _burn(uint256 amount) internal {
        if (amount == 0) return;
        emit Burned(amount);
        _send(BURN_ADDRESS, amount);
    }

    /// @dev Sets aside what movers with so many credits in all share.
    function _fillPot(bytes32 id, uint256 amount, uint256 credits) internal {
        if (credits != 0) _pots[id] = Pot(uint128(amount), uint64(credits));
    }

    /// @dev Takes the share of some of a pot's credits. The last one takes the rest, so that nothing is left by rounding.
    function _takeShare(bytes32 id, uint256 credits) internal returns (uint256 amount) {
        if (credits == 0) return 0;
        Pot memory left = _pots[id];
        amount = (uint256(left.amount) * credits) / left.credits;
        _pots[id] = Pot(left.amount - uint128(amount), left.credits - uint64(credits));
    }

    // ---------------------------------------------------------------- internals

    function _send(address to, uint256 amount) private {
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert TransferFailed();
    }
}
