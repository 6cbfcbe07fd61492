// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {ClaimLayout} from "../lib/ClaimLayout.sol";
import {Elements} from "../lib/Elements.sol";
import {Merkle} from "../lib/Merkle.sol";
import {TraceRoot} from "../lib/Types.sol";
import {FraudProofs} from "./FraudProofs.sol";
import {Postings} from "./Postings.sol";
import {Uploads} from "./Uploads.sol";

/// @title Claims
/// @notice No owner, proxy or pause: another version is another address. All that is read from it is here.
contract Claims is Postings, Uploads, FraudProofs {
    // ---------------------------------------------------------------- constructor

    constructor(Parameters memory given) Postings(given) {}

    // ---------------------------------------------------------------- the deployment

    /// @inheritdoc IClaims
    function parameters() external view returns (Parameters memory) {
        return Parameters({
            window: _window,
            clock: _clock,
            grace: _grace,
            worstGas: _worstGas,
            statedPrice: _statedPrice,
            claimBond: _claimBond,
            challengeBond: _challengeBond,
            allowDevEntries: _allowDevEntries,
            executor: _executor,
            registry: _registry,
            groth16: _groth16,
            twoRound: _twoRound
        });
    }

    /// @inheritdoc IClaims
    function worstCaseDelay(uint256 slots, uint256 longestTensor) external view returns (uint256) {
        uint256 levels = Merkle.depthOf(Merkle.chunksOf(longestTensor));
        // Expansions of the trace's tree and of the tensor's, and the chunk below it; then partial results and a refutation.
        uint256 answers = (Merkle.depthOf(slots) + 3) / 4 + (levels + 3) / 4 + 1;
        return uint256(_window) + 2 * uint256(_clock) + (answers + 2) * _grace;
    }

    // ---------------------------------------------------------------- claims

    /// @inheritdoc IClaims
    function claim(bytes32 claimId) external view returns (Claim memory found) {
        Record storage record = _claims[claimId];
        bytes memory blob = ClaimLayout.read(claimId);
        found.status = record.status;
        if (found.status == Status.None) return found;
        found.operator = record.operator;
        found.modelId = record.modelId;
        found.traceRoot = record.traceRoot;
        found.slots = record.slots;
        found.inputs = record.inputs;
        found.inputsHash = ClaimLayout.inputsHash(blob);
        found.bond = record.bond;
        found.deadline = record.deadline;
        found.openGames = record.openGames;
        found.credits = record.credits;
        found.entry = ClaimLayout.entry(blob);
        found.consumer = ClaimLayout.consumer(blob);
    }

    // ---------------------------------------------------------------- outputs

    /// @inheritdoc IClaims
    function outputCount(bytes32 claimId) external view returns (uint256) {
        return ClaimLayout.outputCount(ClaimLayout.read(claimId));
    }

    /// @inheritdoc IClaims
    function outputInfo(bytes32 claimId, uint256 output) external view returns (Output memory) {
        return ClaimLayout.output(ClaimLayout.read(claimId), output);
    }

    /// @inheritdoc IClaims
    function outputRoot(bytes32 claimId, uint256 output) external view returns (bytes32) {
        return ClaimLayout.output(_finalBlob(claimId), output).root;
    }

    /// @inheritdoc IClaims
    function outputOf(bytes32 claimId, uint256 output) external view returns (bytes memory) {
        return ClaimLayout.outputBytes(_finalBlob(claimId), output);
    }

    /// @inheritdoc IClaims
    function readOutput(
        bytes32 claimId,
        uint256 output,
        uint256 element,
        bytes calldata chunk,
        bytes32[] calldata siblings
    ) external view returns (int256) {
        Output memory found = ClaimLayout.output(_finalBlob(claimId), output);
        uint256 elementType = uint256(found.elementType);
        uint256 width = Elements.width(elementType);
        if (element >= found.length / width) revert ElementMissing(element);
        uint256 position = element * width;
        bytes32 top = Merkle.topOf(
            Merkle.leafOf(chunk), position / Merkle.CHUNK, Merkle.chunksOf(found.length), siblings
        );
        if (Merkle.rootOf(found.length, top) != found.root) revert ChunkMismatch();
        return _element(chunk, position % Merkle.CHUNK, elementType);
    }

    // ---------------------------------------------------------------- internals

    /// @dev What a claim keeps, once it can be relied on.
    function _finalBlob(bytes32 claimId) private view returns (bytes memory) {
        if (!isFinal(claimId)) revert ClaimNotFinal(claimId);
        return ClaimLayout.read(claimId);
    }
}
