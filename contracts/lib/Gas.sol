// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title What the present transaction costs its sender, as far as the contract can know
library Gas {
    uint256 private constant TRANSACTION = 21_000;
    /// @dev Above the base fee: a usual tip. A higher one is the mover's own affair.
    uint256 private constant TIP = 2 gwei;

    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;

    /// @notice Gas of a transaction that does nothing but this call (EIP-2028, EIP-7623).
    /// @dev A contract can make up its calldata and call several times in one transaction, and so can an account with
    ///      delegated code (EIP-7702): theirs is the execution alone.
    /// @param before gasleft() when the function began.
    /// @param tail Gas of what is still to be done.
    function ofTransaction(uint256 before, uint256 tail) internal view returns (uint256) {
        bool plain = msg.sender == tx.origin && msg.sender.code.length == 0;
        uint256 tokens = plain ? calldataTokens() : 0;
        uint256 executed = before - gasleft() + tail;
        if (!plain) return executed;
        unchecked {
            uint256 standard = 4 * tokens + executed;
            uint256 floor = 10 * tokens;
            return TRANSACTION + (standard > floor ? standard : floor);
        }
    }

    /// @notice Wei a gas: what the sender pays, at most the base fee with a usual tip, at most the limit.
    function price(uint256 limit) internal view returns (uint256 wei_) {
        wei_ = block.basefee + TIP;
        if (tx.gasprice < wei_) wei_ = tx.gasprice;
        if (limit < wei_) wei_ = limit;
    }

    /// @notice One for each zero byte of the calldata, four for each other one.
    function calldataTokens() internal pure returns (uint256) {
        unchecked {
            uint256 nonzero = 0;
            for (uint256 offset = 0; offset < msg.data.length; offset += 32) {
                uint256 word;
                assembly ("memory-safe") {
                    word := calldataload(offset) // zeros behind the end
                }
                // The lowest bit of each byte becomes the byte's OR.
                word |= word >> 4;
                word |= word >> 2;
                word |= word >> 1;
                nonzero += ((word & ONES) * ONES) >> 248;
            }
            return msg.data.length + 3 * nonzero;
        }
    }
}
