// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {ElementType, ModelId, TraceRoot} from "../lib/Types.sol";

/// @title One step of an execution: the value of one element of one tensor
/// @notice Every committed tensor has a slot, inputs first, and a descriptor that defines it. From a descriptor that the model
///         id fixes, and operands that a trace root fixes, the executor computes an element; what it reads follows from the
///         descriptor, the element and values read before, never from a party.
/// @dev Total: whatever bytes a model and a trace commit to, a well-formed descriptor has a value and another one is reported
///      as malformed. All reverts are faults of the proof handed in. Arithmetic is that of int256 and wraps. A read beyond an
///      operand's or a constant's elements gives 0.
interface IStepExecutor {
    // ---------------------------------------------------------------- what a proof is made of

    /// @notice What a model id commits to.
    struct Header {
        bytes32 structureRoot;
        /// Top of the tree over the descriptors' hashes, by slot.
        bytes32 stepsTop;
        bytes32 parametersRoot;
        bytes32 weightsRoot;
        bytes32 tablesRoot;
        /// Bytes. Not in the model id by themselves: the roots bind them, and whatever reads a region proves its root.
        uint64 parametersLength;
        uint64 weightsLength;
        uint64 tablesLength;
        /// Inputs and steps.
        uint32 slots;
        uint32 inputs;
        /// The slot of each output.
        uint32[] outputs;
    }

    /// @notice A slot's descriptor, authenticated by the model id.
    struct DescriptorProof {
        Header header;
        bytes descriptor;
        /// From the leaf up, one a level.
        bytes32[] siblings;
    }

    /// @notice Chunks of a byte string, with the one multiproof of them all.
    struct ChunkProof {
        /// uint32 big-endian each, strictly ascending.
        bytes indices;
        /// 512 bytes each; the last chunk of a string is padded with zeros.
        bytes chunks;
        /// Hashes that the chunks do not give, level by level from the leaves up, left to right. With no chunks at all: the
        /// top alone, which proves the length.
        bytes32[] siblings;
    }

    /// @notice Chunks of a tensor of a trace.
    struct TensorProof {
        ChunkProof chunks;
        /// From the tensor's root to the trace root, one hash a level.
        bytes32[] siblings;
    }

    /// @notice Evidence for all that one execution reads. What is not read at all may be left empty.
    struct StepProof {
        DescriptorProof definition;
        /// One for each operand of the descriptor, in its order.
        TensorProof[] operands;
        ChunkProof weights;
        ChunkProof tables;
        ChunkProof parameters;
    }

    /// @notice What a descriptor says of its tensor.
    struct Description {
        /// The other fields are 0 then. A claim on a model with such a descriptor is wrong.
        bool malformed;
        ElementType elementType;
        /// Elements of the tensor, 1 at least; they take count * width bytes, little-endian.
        uint64 count;
        /// Terms of one element; 0 for an input.
        uint32 terms;
        /// Terms that one transaction of a dispute executes; more of them go through {segment} and {finish}.
        uint32 segmentLength;
    }

    // ---------------------------------------------------------------- errors: the proof's faults

    /// @notice The header is not the one that the model id commits to.
    error HeaderMismatch();
    /// @notice There is no such slot in the model.
    error SlotOutOfRange(uint256 slot);
    /// @notice The descriptor is not the slot's.
    error DescriptorMismatch(uint256 slot);
    /// @notice The descriptor has no value to compute: see {describe}.
    error DescriptorMalformed(uint256 slot);
    /// @notice Inputs are given, not computed.
    error SlotIsInput(uint256 slot);
    /// @notice The tensor has fewer elements.
    error ElementOutOfRange(uint256 element);
    /// @notice The step has fewer segments.
    error SegmentOutOfRange(uint256 index);
    /// @notice The step has no partial results: only sums and maxima have.
    error StepNotSegmented();
    /// @notice One partial result for each segment is needed.
    error PartialsCount(uint256 expected, uint256 actual);
    /// @notice One proof for each operand is needed.
    error OperandCount(uint256 expected, uint256 actual);
    /// @notice The proven tensor is not the one at this slot of the trace.
    error TensorMismatch(uint256 slot);
    /// @notice The proven chunks are not of this region of the model: 0 weights, 1 tables, 2 parameters.
    error RegionMismatch(uint256 region);
    /// @notice The evidence lacks a chunk that is read. Regions are counted first, then operands.
    error ChunkMissing(uint256 source, uint256 chunk);

    // ---------------------------------------------------------------- the model

    /// @notice Reverts with {HeaderMismatch} unless the model id commits to this header (its three lengths apart).
    function authenticate(ModelId modelId, Header calldata header) external pure;

    /// @notice What a slot's descriptor says, or that it is malformed.
    function describe(ModelId modelId, uint256 slot, DescriptorProof calldata proof)
        external
        pure
        returns (Description memory);

    /// @notice Whether an operand is declared with another type or count than its own descriptor has: such a model is malformed.
    /// @param operand Position in the descriptor's list.
    /// @param declared The operand's own definition.
    function isOperandMismatch(
        ModelId modelId,
        uint256 slot,
        uint256 operand,
        DescriptorProof calldata proof,
        DescriptorProof calldata declared
    ) external pure returns (bool);

    // ---------------------------------------------------------------- execution

    /// @notice The value of an element, all its terms at once.
    /// @param root Trace root that the operands are proven against.
    function execute(ModelId modelId, TraceRoot root, uint256 slot, uint256 element, StepProof calldata proof)
        external
        pure
        returns (int256);

    /// @notice The sum (or the maximum) of one segment of an element's terms, without bias and tail.
    /// @return The maximum of no terms is the least int256.
    function segment(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        uint256 index,
        StepProof calldata proof
    ) external pure returns (int256);

    /// @notice The value of an element from its segments: their sum (or their maximum), bias and tail.
    /// @param partials What {segment} gives, or is said to give, for each segment in order.
    function finish(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        int256[] calldata partials,
        StepProof calldata proof
    ) external pure returns (int256);

    // ---------------------------------------------------------------- one-shot proofs

    /// @notice Whether the trace's element differs from the value that the trace's own operands give.
    /// @param item The chunks of the slot's tensor that hold the element.
    function isWrong(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        StepProof calldata proof,
        TensorProof calldata item
    ) external pure returns (bool);

    /// @notice Whether the last chunk of a slot's tensor has a byte other than 0 after the tensor's end.
    /// @param item The tensor's last chunk.
    function isPaddingDirty(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        DescriptorProof calldata proof,
        TensorProof calldata item
    ) external pure returns (bool);

    /// @notice Whether a leaf of a slot's tensor after its last chunk is another than that of a chunk of zeros.
    /// @param chunk Its index, within the tree and not within the tensor.
    /// @param leaf The hash at that index.
    /// @param siblings From the leaf to the tensor's top, then from the tensor's root to the trace root.
    function isTailDirty(
        ModelId modelId,
        TraceRoot root,
        uint256 slot,
        DescriptorProof calldata proof,
        uint256 chunk,
        bytes32 leaf,
        bytes32[] calldata siblings
    ) external pure returns (bool);

    /// @notice Whether a leaf of the trace after its last slot is not 0.
    /// @param leaf The hash at that index.
    /// @param siblings From the leaf to the trace root.
    function isSlotDirty(
        ModelId modelId,
        TraceRoot root,
        Header calldata header,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata siblings
    ) external pure returns (bool);
}
