// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {Descriptor} from "../lib/Descriptor.sol";
import {Elements} from "../lib/Elements.sol";
import {Evidence} from "../lib/Evidence.sol";
import {Merkle} from "../lib/Merkle.sol";
import {ModelHeader} from "../lib/ModelHeader.sol";
import {StepValue} from "../lib/StepValue.sol";
import {ElementType, ModelId, TraceRoot} from "../lib/Types.sol";

/// @title StepExecutor
/// @notice Authenticates what a step reads, and computes it. No state and no owner: anyone may ask.
contract StepExecutor is IStepExecutor {
    // ---------------------------------------------------------------- the model

    /// @inheritdoc IStepExecutor
    function authenticate(ModelId modelId, Header calldata header) external pure {
        ModelHeader.authenticate(modelId, header);
    }

    /// @inheritdoc IStepExecutor
    function describe(ModelId modelId, uint256 slot, DescriptorProof calldata proof)
        external
        pure
        returns (Description memory description)
    {
        (Descriptor.Step memory step, bool ok) = _parse(modelId, slot, proof);
        if (!ok) {
            description.malformed = true;
            return description;
        }
        description.elementType = ElementType(step.elementType);
        description.count = uint64(step.count);
        description.terms = uint32(step.terms);
        description.segmentLength = uint32(Descriptor.segmentOf(step.kind));
    }

    /// @inheritdoc IStepExecutor
    function isOperandMismatch(
        ModelId modelId,
        uint256 slot,
        uint256 operand,
        DescriptorProof calldata proof,
        DescriptorProof calldata declared
    ) external pure returns (bool) {
        Descriptor.Step memory step = _wellFormed(modelId, slot, proof);
        if (operand >= step.operands.length) revert OperandCount(step.operands.length, operand + 1);
        Descriptor.Operand memory used = step.operands[operand];
        Descriptor.Step memory own = _wellFormed(modelId, used.slot, declared);
        return used.elementType != own.elementType || used.count != own.count;
    }

    // ---------------------------------------------------------------- execution

    /// @inheritdoc IStepExecutor
    function execute(ModelId modelId, TraceRoot root, uint256 slot, uint256 element, StepProof calldata proof)
        external
        pure
        returns (int256)
    {
        return _value(_open(modelId, root, slot, element, proof));
    }

    /// @inheritdoc IStepExecutor
    function segment(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        uint256 index,
        StepProof calldata proof
    ) external pure returns (int256) {
        StepValue.Frame memory frame = _open(modelId, root, slot, element, proof);
        (uint256 count, uint256 length) = _segments(frame);
        if (index >= count) revert SegmentOutOfRange(index);
        (uint256 terms, uint256 end) = (frame.step.terms, (index + 1) * length);
        return StepValue.fold(frame, index * length, end < terms ? end : terms);
    }

    /// @inheritdoc IStepExecutor
    function finish(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        int256[] calldata partials,
        StepProof calldata proof
    ) external pure returns (int256) {
        StepValue.Frame memory frame = _open(modelId, root, slot, element, proof);
        (uint256 count,) = _segments(frame);
        if (partials.length != count) revert PartialsCount(count, partials.length);
        return StepValue.finish(frame, StepValue.join(frame, partials));
    }

    // ---------------------------------------------------------------- one-shot proofs

    /// @inheritdoc IStepExecutor
    function isWrong(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        StepProof calldata proof,
        TensorProof calldata item
    ) external pure returns (bool) {
        StepValue.Frame memory frame = _open(modelId, root, slot, element, proof);
        uint256 size = Elements.width(frame.step.elementType);
        Evidence.Source memory own;
        uint256 slots = proof.definition.header.slots;
        _openTensor(own, root, slot, slots, frame.step.count * size, item);
        uint256 name = frame.sources.length;
        return _value(frame) != Evidence.element(own, name, element * size, frame.step.elementType);
    }

    /// @inheritdoc IStepExecutor
    function isPaddingDirty(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        DescriptorProof calldata proof,
        TensorProof calldata item
    ) external pure returns (bool) {
        uint256 length = _lengthOf(_wellFormed(modelId, slot, proof));
        Evidence.Source memory own;
        _openTensor(own, root, slot, proof.header.slots, length, item);
        uint256 chunks = own.positions.length;
        if (chunks == 0 || own.positions[chunks - 1] != (length - 1) / Merkle.CHUNK) {
            revert ChunkMissing(Descriptor.REGIONS, (length - 1) / Merkle.CHUNK);
        }
        uint256 end = chunks * Merkle.CHUNK;
        for (uint256 i = end - (Merkle.CHUNK - 1 - (length - 1) % Merkle.CHUNK); i < end; ++i) {
            if (own.chunks[i] != 0) return true;
        }
        return false;
    }

    /// @inheritdoc IStepExecutor
    function isTailDirty(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        DescriptorProof calldata proof,
        uint256 chunk,
        bytes32 leaf,
        bytes32[] calldata siblings
    ) external pure returns (bool) {
        uint256 length = _lengthOf(_wellFormed(modelId, slot, proof));
        uint256 chunks = Merkle.chunksOf(length);
        uint256 depth = Merkle.depthOf(chunks);
        if (chunk < chunks) revert Merkle.IndexOutOfRange(chunk);
        if (siblings.length < depth) revert Merkle.ProofLength(depth, siblings.length);
        bytes32 tensor = Merkle.rootOf(length, Merkle.topOf(leaf, chunk, chunks, siblings[:depth]));
        bytes32 top = Merkle.topOf(tensor, slot, Merkle.traceLeaves(proof.header.slots), siblings[depth:]);
        if (top != TraceRoot.unwrap(root)) revert TensorMismatch(slot);
        return leaf != Merkle.ZERO_LEAF;
    }

    /// @inheritdoc IStepExecutor
    function isSlotDirty(
        ModelId modelId,
        TraceRoot root,
        Header calldata header,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata siblings
    ) external pure returns (bool) {
        ModelHeader.authenticate(modelId, header);
        if (index < header.slots) revert Merkle.IndexOutOfRange(index);
        bytes32 top = Merkle.topOf(leaf, index, Merkle.traceLeaves(header.slots), siblings);
        if (top != TraceRoot.unwrap(root)) revert TensorMismatch(index);
        return leaf != 0;
    }

    // ---------------------------------------------------------------- internals

    function _parse(ModelId modelId, uint256 slot, DescriptorProof calldata proof)
        private
        pure
        returns (Descriptor.Step memory, bool)
    {
        return Descriptor.parse(ModelHeader.descriptorOf(modelId, slot, proof), slot, proof.header.inputs);
    }

    function _wellFormed(ModelId modelId, uint256 slot, DescriptorProof calldata proof)
        private
        pure
        returns (Descriptor.Step memory step)
    {
        bool ok;
        (step, ok) = _parse(modelId, slot, proof);
        if (!ok) revert DescriptorMalformed(slot);
    }

    /// @dev An executable step with its element and all the evidence, proven.
    function _open(ModelId modelId, TraceRoot root, uint256 slot, uint256 element, StepProof calldata proof)
        private
        pure
        returns (StepValue.Frame memory frame)
    {
        frame.step = _wellFormed(modelId, slot, proof.definition);
        if (frame.step.kind == Descriptor.INPUT) revert SlotIsInput(slot);
        if (element >= frame.step.count) revert ElementOutOfRange(element);
        frame.element = element;
        uint256 count = frame.step.operands.length;
        if (proof.operands.length != count) revert OperandCount(count, proof.operands.length);
        frame.sources = new Evidence.Source[](Descriptor.REGIONS + count);
        Header calldata header = proof.definition.header;
        _openRegion(frame, 0, header.weightsRoot, header.weightsLength, proof.weights);
        _openRegion(frame, 1, header.tablesRoot, header.tablesLength, proof.tables);
        _openRegion(frame, 2, header.parametersRoot, header.parametersLength, proof.parameters);
        for (uint256 i = 0; i < count; ++i) {
            Descriptor.Operand memory operand = frame.step.operands[i];
            uint256 length = operand.count * Elements.width(operand.elementType);
            Evidence.Source memory source = frame.sources[Descriptor.REGIONS + i];
            _openTensor(source, root, operand.slot, header.slots, length, proof.operands[i]);
        }
    }

    function _openRegion(
        StepValue.Frame memory frame,
        uint256 region,
        bytes32 root,
        uint256 length,
        ChunkProof calldata proof
    ) private pure {
        bytes32 proven = Evidence.open(frame.sources[region], length, proof);
        if (frame.sources[region].proven && proven != root) revert RegionMismatch(region);
    }

    function _openTensor(
        Evidence.Source memory source,
        TraceRoot root,
        uint256 slot,
        uint256 slots,
        uint256 length,
        TensorProof calldata proof
    ) private pure {
        bytes32 tensor = Evidence.open(source, length, proof.chunks);
        if (!source.proven) return;
        bytes32 top = Merkle.topOf(tensor, slot, Merkle.traceLeaves(slots), proof.siblings);
        if (top != TraceRoot.unwrap(root)) revert TensorMismatch(slot);
    }

    function _value(StepValue.Frame memory frame) private pure returns (int256) {
        return StepValue.finish(frame, StepValue.fold(frame, 0, frame.step.terms));
    }

    /// @dev How many segments the terms have, and how long they are.
    function _segments(StepValue.Frame memory frame) private pure returns (uint256 count, uint256 length) {
        if (frame.step.kind > Descriptor.MAX_POOL) revert StepNotSegmented();
        length = Descriptor.segmentOf(frame.step.kind);
        count = (frame.step.terms + length - 1) / length;
    }

    function _lengthOf(Descriptor.Step memory step) private pure returns (uint256) {
        return step.count * Elements.width(step.elementType);
    }
}
