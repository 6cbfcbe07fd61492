// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Bytes kept as contract code, at addresses that follow from a salt
/// @notice A leading STOP byte makes the code inert. Reading costs one EXTCODECOPY, where storage would cost 2,100 gas a
///         word; and who knows deployer and salt needs no call to learn the address.
/// @dev The ideas are SSTORE2's and CREATE3's (0xsequence): a proxy with constant creation code is created by CREATE2, and
///      creates the store, by CREATE, as its first contract.
library CodeStore {
    /// @dev EIP-170's 24,576 bytes less the STOP byte.
    uint256 internal constant MAX_BYTES = 24_575;

    /// @dev Returns the 8-byte proxy that creates a contract of its calldata:
    ///      CALLDATASIZE RETURNDATASIZE RETURNDATASIZE CALLDATACOPY CALLDATASIZE RETURNDATASIZE CALLVALUE CREATE.
    bytes private constant PROXY = hex"67363d3d37363d34f03d5260086018f3";
    bytes32 private constant PROXY_HASH = keccak256(hex"67363d3d37363d34f03d5260086018f3");

    /// @notice The bytes do not fit into one contract's code.
    error BlobTooLarge(uint256 size, uint256 limit);

    /// @notice The store could not be created: the salt was used before, or the gas did not suffice.
    error StoreFailed();

    /// @notice Stores bytes under a salt of this contract's.
    function write(bytes32 salt, bytes memory data) internal {
        if (data.length > MAX_BYTES) revert BlobTooLarge(data.length, MAX_BYTES);
        bytes memory proxyCode = PROXY;
        address proxy;
        assembly ("memory-safe") {
            proxy := create2(0, add(proxyCode, 32), mload(proxyCode), salt)
        }
        if (proxy == address(0)) revert StoreFailed();
        // PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN: returns all that follows these ten
        // bytes.
        (bool ok,) = proxy.call(abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df300", data));
        if (!ok || locate(address(this), salt).code.length != data.length + 1) revert StoreFailed();
    }

    /// @notice Where a contract's store lies, or would lie.
    function locate(address deployer, bytes32 salt) internal pure returns (address) {
        bytes32 proxy = keccak256(abi.encodePacked(hex"ff", deployer, salt, PROXY_HASH));
        // RLP of (proxy, nonce 1).
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(uint160(uint256(proxy))), hex"01")))));
    }

    /// @notice Reads back all bytes of a store; none when there is no store.
    function read(address store) internal view returns (bytes memory data) {
        uint256 size = store.code.length;
        if (size == 0) return data;
        data = new bytes(size - 1);
        assembly ("memory-safe") {
            extcodecopy(store, add(data, 32), 1, sub(size, 1))
        }
    }
}
