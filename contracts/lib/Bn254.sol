// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title The curve BN254 (alt_bn128) through the precompiles of EIP-196 and EIP-197
/// @dev A failed precompile call reverts instead of counting as "not equal": it can also mean too little gas, and a caller
///      must not be able to make a good proof look bad.
library Bn254 {
    /// @dev Base field (EIP-196).
    uint256 internal constant P = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    /// @dev Order of the group, the field of circuit values (EIP-196).
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    uint256 private constant ECADD = 6;
    uint256 private constant ECMUL = 7;
    uint256 private constant PAIRING = 8;

    /// @notice A point is not on its curve or not in its group, or the call ran out of gas.
    error PointInvalid();

    /// @notice Whether an affine point lies on G1; false for the point at infinity. G1 has no cofactor.
    function isOnG1(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= P || y >= P) return false;
        return mulmod(y, y, P) == addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
    }

    /// @notice The point's negative's y.
    function negate(uint256 y) internal pure returns (uint256) {
        return y == 0 ? 0 : P - y;
    }

    /// @notice base[0] + sum of scalars[i] * base[i + 1].
    /// @param blob Bytes that hold the base points, 64 bytes each, from `offset` on.
    function linearCombination(bytes memory blob, uint256 offset, uint256[] memory scalars)
        internal
        view
        returns (uint256 x, uint256 y)
    {
        bool ok = true;
        assembly ("memory-safe") {
            // Scratch: the sum (64 bytes), then a base point and its scalar (96 bytes), replaced by their product.
            let sum := mload(0x40)
            let term := add(sum, 64)
            let base := add(add(blob, 32), offset)
            mcopy(sum, base, 64)
            let end := add(base, shl(6, mload(scalars)))
            for { let scalar := add(scalars, 32) } lt(base, end) { scalar := add(scalar, 32) } {
                base := add(base, 64)
                mcopy(term, base, 64)
                mstore(add(term, 64), mload(scalar))
                ok := and(ok, staticcall(gas(), ECMUL, term, 96, term, 64))
                ok := and(ok, staticcall(gas(), ECADD, sum, 128, sum, 64))
            }
            x := mload(sum)
            y := mload(add(sum, 32))
        }
        if (!ok) revert PointInvalid();
    }

    /// @notice Whether the product of the pairings is one; reverts unless every point is in its group.
    /// @param pairs G1 point (x, y), then G2 point (x imaginary, x real, y imaginary, y real), for each pair.
    function pairing(uint256[] memory pairs) internal view returns (bool) {
        return _pairing(pairs);
    }

    /// @notice Reverts unless the G2 points among the pairs are in the group of order R; infinity passes.
    /// @dev With G1's point at infinity in each pair: the precompile decodes and checks G2 points all the same.
    function requireG2(uint256[] memory pairs) internal view {
        _pairing(pairs);
    }

    function _pairing(uint256[] memory pairs) private view returns (bool one) {
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), PAIRING, add(pairs, 32), shl(5, mload(pairs)), 0, 32)
            ok := and(ok, eq(returndatasize(), 32))
            one := eq(mload(0), 1)
        }
        if (!ok) revert PointInvalid();
    }
}
