// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Descriptor} from "./Descriptor.sol";

/// @title Which cells of a tensor a sliding window covers
library Window {
    /// @dev A cell in the padding.
    uint256 internal constant OUTSIDE = type(uint256).max;

    /// @notice The cells `from` to `to` (excluded) of the window at an output position, row-major in the kernel.
    /// @return cells Row-major index within the input's spatial axes, or OUTSIDE.
    function cellsOf(Descriptor.Window memory window, uint256 position, uint256 from, uint256 to)
        internal
        pure
        returns (uint256[] memory cells)
    {
        cells = new uint256[](to - from);
        if (window.axes == 0) return cells;
        uint256 axis = window.axes - 1;
        (uint256 input, uint256 output, uint256 kernel, uint256 stride, uint256 dilation, uint256 padBegin) =
            Descriptor.axisOf(window, axis);
        unchecked {
            // Negative ones wrap, and are not less than the input then. All have less than 2**66 in magnitude.
            uint256 start = (position % output) * stride - padBegin;
            for (uint256 cell = from; cell < to;) {
                uint256 row = _rowOf(window, axis, position / output, cell / kernel);
                for (uint256 k = cell % kernel; k < kernel && cell < to; ++k) {
                    uint256 coordinate = start + k * dilation;
                    cells[cell - from] = row == OUTSIDE || coordinate >= input ? OUTSIDE : row * input + coordinate;
                    ++cell;
                }
            }
        }
    }

    /// @dev The index over the axes before `axes`, or OUTSIDE.
    function _rowOf(Descriptor.Window memory window, uint256 axes, uint256 position, uint256 cell)
        private
        pure
        returns (uint256 row)
    {
        uint256 scale = 1;
        unchecked {
            for (uint256 axis = axes; axis > 0; --axis) {
                (uint256 input, uint256 output, uint256 kernel, uint256 stride, uint256 dilation, uint256 padBegin) =
                    Descriptor.axisOf(window, axis - 1);
                uint256 coordinate = (position % output) * stride + (cell % kernel) * dilation - padBegin;
                if (coordinate >= input) return OUTSIDE;
                row += coordinate * scale;
                scale *= input;
                (position, cell) = (position / output, cell / kernel);
            }
        }
    }
}
