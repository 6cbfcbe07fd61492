// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaimChecks} from "../interfaces/IClaimChecks.sol";
import {IClaims} from "../interfaces/IClaims.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {ITwoRoundVerifier} from "../interfaces/ITwoRoundVerifier.sol";
import {ClaimLayout} from "../lib/ClaimLayout.sol";
import {ClaimLimits} from "../lib/ClaimLimits.sol";
import {Merkle} from "../lib/Merkle.sol";
import {EntryId, ModelId, Protocol, SetupKind, Tensor, TraceRoot, Visibility} from "../lib/Types.sol";
import {ClaimReader} from "./ClaimReader.sol";

/// @title ClaimChecks
/// @notice The part of a claims contract that only looks; each deployment makes its own.
contract ClaimChecks is ClaimReader {
    // ---------------------------------------------------------------- constructor

    constructor(IClaims.Parameters memory given) ClaimReader(given) {}

    // ---------------------------------------------------------------- postings

    /// @inheritdoc IClaimChecks
    function checkPosting(IClaims.Posting calldata posting)
        external
        view
        returns (bytes memory contents, bytes memory data)
    {
        IStepExecutor.Header calldata header = posting.header;
        _executor.authenticate(posting.modelId, header);
        if (header.slots < 2 || header.slots > ClaimLimits.MAX_SLOTS) revert IClaims.SlotCount(header.slots);
        if (posting.inputs.length != header.inputs) revert IClaims.PortCount(header.inputs, posting.inputs.length);
        uint256 ports = posting.inputs.length + header.outputs.length;
        if (posting.ports.length != ports) revert IClaims.PortCount(ports, posting.ports.length);

        bytes32[] memory inputRoots = _checkInputs(posting);
        IClaims.Output[] memory outputs = _checkOutputs(posting);
        if (EntryId.unwrap(posting.entry) != 0) _checkEntry(posting, inputRoots.length, outputs.length);
        contents = ClaimLayout.encode(
            keccak256(abi.encodePacked(inputRoots)), posting.entry, posting.consumer, outputs, posting.outputs
        );
        bytes32[] memory outputRoots = new bytes32[](outputs.length);
        for (uint256 i = 0; i < outputs.length; ++i) {
            outputRoots[i] = outputs[i].root;
        }
        data = abi.encode(header, posting.inputs, inputRoots, outputRoots, posting.outputs);
    }

    // ---------------------------------------------------------------- settlement

    /// @inheritdoc IClaimChecks
    function checkSettlement(
        bytes32 claimId,
        address beneficiary,
        bytes[] calldata inputs,
        bytes[] calldata outputs,
        bytes calldata proof
    ) external view returns (bool same) {
        bytes memory contents = _contents(claimId);
        EntryId entryId = ClaimLayout.entry(contents);
        if (EntryId.unwrap(entryId) == 0) revert IClaims.NoEntry(claimId);
        if (_rootsHash(inputs) != ClaimLayout.inputsHash(contents)) revert IClaims.InputsMismatch();
        uint256 count = ClaimLayout.outputCount(contents);
        if (outputs.length != count) revert IClaims.OutputCount(count, outputs.length);
        uint256 job = IClaims(msg.sender).settlementJob(claimId);
        if (!_verify(entryId, job, beneficiary, _concat(inputs, outputs), proof)) revert IClaims.SettlementInvalid();

        same = true;
        for (uint256 i = 0; i < count; ++i) {
            if (Merkle.rootOf(outputs[i]) != ClaimLayout.output(contents, i).root) same = false;
        }
    }

    // ---------------------------------------------------------------- internals: postings

    /// @dev Each input is an upload, complete and as long as the model says, and in the trace.
    function _checkInputs(IClaims.Posting calldata posting) private view returns (bytes32[] memory roots) {
        roots = new bytes32[](posting.inputs.length);
        for (uint256 i = 0; i < roots.length; ++i) {
            IClaims.UploadRef calldata named = posting.inputs[i];
            IClaims.Upload memory found = IClaims(msg.sender).uploadOf(named.uploader, named.nonce);
            if (!found.complete) revert IClaims.UploadMissing(i);
            uint256 length = ClaimLimits.lengthOf(_checkPort(posting, i, i, found.root));
            if (found.length != length) revert IClaims.UploadLength(i, length, found.length);
            roots[i] = found.root;
        }
    }

    /// @dev Each output is in the trace at the slot that the model says, and has the bytes that were given.
    function _checkOutputs(IClaims.Posting calldata posting) private view returns (IClaims.Output[] memory outputs) {
        uint32[] calldata slots = posting.header.outputs;
        bool stored = posting.outputRoots.length == 0;
        (uint256 given, uint256 none) = stored
            ? (posting.outputs.length, posting.outputRoots.length)
            : (posting.outputRoots.length, posting.outputs.length);
        if (given != slots.length || none != 0) revert IClaims.OutputCount(slots.length, given + none);

        outputs = new IClaims.Output[](slots.length);
        uint256 total = 0;
        for (uint256 i = 0; i < slots.length; ++i) {
            bytes32 root = stored ? Merkle.rootOf(posting.outputs[i]) : posting.outputRoots[i];
            IStepExecutor.Description memory description =
                _checkPort(posting, posting.inputs.length + i, slots[i], root);
            uint256 length = ClaimLimits.lengthOf(description);
            if (stored && posting.outputs[i].length != length) {
                revert IClaims.OutputLength(i, length, posting.outputs[i].length);
            }
            total += length;
            outputs[i] = IClaims.Output(slots[i], description.elementType, uint64(length), root);
        }
        if (stored != (total <= ClaimLimits.STORED_BYTES)) revert IClaims.OutputsStored(total);
    }

    /// @dev An input's or output's descriptor and its place in the trace.
    function _checkPort(IClaims.Posting calldata posting, uint256 port, uint256 slot, bytes32 root)
        private
        view
        returns (IStepExecutor.Description memory description)
    {
        IClaims.Port calldata given = posting.ports[port];
        description = _executor.describe(
            posting.modelId,
            slot,
            IStepExecutor.DescriptorProof(posting.header, given.descriptor, given.descriptorSiblings)
        );
        if (ClaimLimits.isRefused(description)) revert IClaims.PortMalformed(port);
        bytes32 top = Merkle.topOf(root, slot, Merkle.traceLeaves(posting.header.slots), given.traceSiblings);
        if (top != TraceRoot.unwrap(posting.traceRoot)) revert IClaims.PortMismatch(port);
    }

    /// @dev Refuses entries that could not settle a claim on this model, or that must not.
    function _checkEntry(IClaims.Posting calldata posting, uint256 inputs, uint256 outputs) private view {
        EntryId entryId = posting.entry;
        IRegistry.Entry memory entry = _registry.entry(entryId);
        if (ModelId.unwrap(entry.modelId) != ModelId.unwrap(posting.modelId)) revert IClaims.EntryOfOtherModel(entryId);
        if (entry.setup == SetupKind.Dev && !_allowDevEntries) revert IClaims.EntryIsDev(entryId);
        if (entry.inputs.length != inputs || entry.outputs.length != outputs) revert IClaims.EntryNotPublic(entryId);
        if (!_arePublic(entry.inputs) || !_arePublic(entry.outputs)) revert IClaims.EntryNotPublic(entryId);
    }

    function _arePublic(Tensor[] memory tensors) private pure returns (bool) {
        for (uint256 i = 0; i < tensors.length; ++i) {
            if (tensors[i].visibility != uint8(Visibility.Public)) return false;
        }
        return true;
    }

    // ---------------------------------------------------------------- internals: settlement

    function _rootsHash(bytes[] calldata tensors) private pure returns (bytes32) {
        bytes32[] memory roots = new bytes32[](tensors.length);
        for (uint256 i = 0; i < tensors.length; ++i) {
            roots[i] = Merkle.rootOf(tensors[i]);
        }
        return keccak256(abi.encodePacked(roots));
    }

    function _concat(bytes[] calldata inputs, bytes[] calldata outputs) private pure returns (bytes[] memory tensors) {
        tensors = new bytes[](inputs.length + outputs.length);
        for (uint256 i = 0; i < tensors.length; ++i) {
            tensors[i] = i < inputs.length ? inputs[i] : outputs[i - inputs.length];
        }
    }

    /// @dev By the verifier of the entry's proof system. The context binds claims contract, claim and beneficiary.
    function _verify(EntryId entryId, uint256 job, address beneficiary, bytes[] memory tensors, bytes calldata proof)
        private
        view
        returns (bool)
    {
        if (_registry.entry(entryId).protocol == Protocol.Groth16) {
            IGroth16Verifier.Proof memory groth16 = abi.decode(proof, (IGroth16Verifier.Proof));
            return _groth16.verify(entryId, job, beneficiary, tensors, groth16);
        }
        ITwoRoundVerifier.Proof memory twoRound = abi.decode(proof, (ITwoRoundVerifier.Proof));
        return _twoRound.verify(entryId, job, beneficiary, tensors, twoRound);
    }
}
