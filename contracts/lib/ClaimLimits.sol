// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {Elements} from "./Elements.sol";

/// @title What a claim's model and outputs may measure
library ClaimLimits {
    /// @dev Of all outputs: as much as is kept on chain.
    uint256 internal constant STORED_BYTES = 4096;
    /// @dev With the longest tensor, this bounds the moves of a game: 5 + 7 + 1 expansions.
    uint256 internal constant MAX_SLOTS = 2 ** 20;
    uint256 internal constant MAX_TENSOR_BYTES = 2 ** 36;

    /// @notice Bytes of a well-formed tensor.
    function lengthOf(IStepExecutor.Description memory description) internal pure returns (uint256) {
        return description.count * Elements.width(uint256(description.elementType));
    }

    /// @notice Whether a claim on a model with this descriptor is wrong: malformed, or longer than any tensor.
    function isRefused(IStepExecutor.Description memory description) internal pure returns (bool) {
        return description.malformed || lengthOf(description) > MAX_TENSOR_BYTES;
    }
}
