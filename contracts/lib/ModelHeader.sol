// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {Merkle} from "./Merkle.sol";
import {ModelId} from "./Types.sol";

/// @title What a model id commits to
/// @dev src/program/steps/modelId.ts makes them.
library ModelHeader {
    /// @dev Version of the integer semantics that the executor has; src/program/types.ts.
    uint256 internal constant SEMANTICS = 1;

    uint256 private constant DESCRIPTOR = 4;
    uint256 private constant PROGRAM = 5;

    /// @notice Reverts unless the model id commits to the header.
    function authenticate(ModelId modelId, IStepExecutor.Header calldata header) internal pure {
        bytes memory outputs;
        for (uint256 i = 0; i < header.outputs.length; ++i) {
            outputs = bytes.concat(outputs, bytes4(header.outputs[i]));
        }
        bytes32 program = keccak256(
            abi.encodePacked(
                uint8(PROGRAM),
                header.structureRoot,
                header.stepsTop,
                header.parametersRoot,
                header.slots,
                header.inputs,
                uint32(header.outputs.length),
                outputs
            )
        );
        bytes32 id = keccak256(abi.encode(SEMANTICS, program, header.weightsRoot, header.tablesRoot));
        if (id != ModelId.unwrap(modelId)) revert IStepExecutor.HeaderMismatch();
    }

    /// @notice A slot's descriptor in memory; reverts unless the model id commits to it.
    function descriptorOf(ModelId modelId, uint256 slot, IStepExecutor.DescriptorProof calldata proof)
        internal
        pure
        returns (bytes memory descriptor)
    {
        authenticate(modelId, proof.header);
        if (slot >= proof.header.slots) revert IStepExecutor.SlotOutOfRange(slot);
        descriptor = proof.descriptor;
        bytes32 leaf = keccak256(abi.encodePacked(uint8(DESCRIPTOR), descriptor));
        if (Merkle.topOf(leaf, slot, proof.header.slots, proof.siblings) != proof.header.stepsTop) {
            revert IStepExecutor.DescriptorMismatch(slot);
        }
    }
}
