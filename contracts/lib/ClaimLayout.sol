// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {CodeStore} from "./CodeStore.sol";
import {ElementType, EntryId} from "./Types.sol";

/// @title What a claim keeps as code
/// @notice Hash of the inputs' roots (32), entry (32), consumer (20), whether outputs are stored (1), number of outputs (2);
///         then for each output slot (4), element type (1), bytes (8), root (32); then the outputs' bytes, if stored.
library ClaimLayout {
    uint256 private constant HEAD = 87;
    uint256 private constant OUTPUT = 45;

    /// @notice A claim's contents; `data` are empty when outputs are not stored.
    function encode(
        bytes32 inputs,
        EntryId entryId,
        address told,
        IClaims.Output[] memory outputs,
        bytes[] calldata data
    ) internal pure returns (bytes memory blob) {
        blob = abi.encodePacked(inputs, EntryId.unwrap(entryId), told, data.length > 0, uint16(outputs.length));
        for (uint256 i = 0; i < outputs.length; ++i) {
            IClaims.Output memory item = outputs[i];
            blob = abi.encodePacked(blob, item.slot, uint8(item.elementType), item.length, item.root);
        }
        for (uint256 i = 0; i < data.length; ++i) {
            blob = bytes.concat(blob, data[i]);
        }
    }

    /// @notice All of it, or nothing when this contract has no such claim.
    function read(bytes32 claimId) internal view returns (bytes memory) {
        return CodeStore.read(CodeStore.locate(address(this), claimId));
    }

    function inputsHash(bytes memory blob) internal pure returns (bytes32) {
        return bytes32(_word(blob, 0));
    }

    function entry(bytes memory blob) internal pure returns (EntryId) {
        return EntryId.wrap(bytes32(_word(blob, 32)));
    }

    function consumer(bytes memory blob) internal pure returns (address) {
        return address(uint160(_word(blob, 64) >> 96));
    }

    function isStored(bytes memory blob) internal pure returns (bool) {
        return _word(blob, 84) >> 248 != 0;
    }

    function outputCount(bytes memory blob) internal pure returns (uint256) {
        return blob.length == 0 ? 0 : _word(blob, 85) >> 240;
    }

    function output(bytes memory blob, uint256 index) internal pure returns (IClaims.Output memory found) {
        if (index >= outputCount(blob)) revert IClaims.OutputMissing(index);
        uint256 offset = HEAD + OUTPUT * index;
        uint256 head = _word(blob, offset);
        found.slot = uint32(head >> 224);
        found.elementType = ElementType(uint8(head >> 216));
        found.length = uint64(head >> 152);
        found.root = bytes32(_word(blob, offset + 13));
    }

    /// @notice A stored output's bytes.
    function outputBytes(bytes memory blob, uint256 index) internal pure returns (bytes memory data) {
        uint256 length = output(blob, index).length;
        if (!isStored(blob)) revert IClaims.OutputNotStored();
        uint256 offset = HEAD + OUTPUT * outputCount(blob);
        for (uint256 i = 0; i < index; ++i) {
            offset += output(blob, i).length;
        }
        data = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(data, 32), add(add(blob, 32), offset), length)
        }
    }

    /// @dev The 32 bytes from an offset on. The callers keep to the blob's length.
    function _word(bytes memory blob, uint256 offset) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(blob, 32), offset))
        }
    }
}
