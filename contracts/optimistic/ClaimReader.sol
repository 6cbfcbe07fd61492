// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaimChecks} from "../interfaces/IClaimChecks.sol";
import {IClaims} from "../interfaces/IClaims.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {IStepExecutor} from "../interfaces/IStepExecutor.sol";
import {ITwoRoundVerifier} from "../interfaces/ITwoRoundVerifier.sol";
import {ClaimLayout} from "../lib/ClaimLayout.sol";
import {CodeStore} from "../lib/CodeStore.sol";
import {Elements} from "../lib/Elements.sol";
import {Merkle} from "../lib/Merkle.sol";

/// @title A deployment's parameters, and the outputs of its claims
abstract contract ClaimReader is IClaimChecks {
    // ---------------------------------------------------------------- storage

    uint32 private immutable _window;
    uint32 private immutable _clock;
    uint32 private immutable _grace;
    uint32 private immutable _worstGas;
    uint64 private immutable _statedPrice;
    uint96 private immutable _claimBond;
    uint96 private immutable _challengeBond;
    bool internal immutable _allowDevEntries;
    IStepExecutor internal immutable _executor;
    IRegistry internal immutable _registry;
    IGroth16Verifier internal immutable _groth16;
    ITwoRoundVerifier internal immutable _twoRound;

    // ---------------------------------------------------------------- constructor

    constructor(IClaims.Parameters memory given) {
        _window = given.window;
        _clock = given.clock;
        _grace = given.grace;
        _worstGas = given.worstGas;
        _statedPrice = given.statedPrice;
        _claimBond = given.claimBond;
        _challengeBond = given.challengeBond;
        _allowDevEntries = given.allowDevEntries;
        _executor = given.executor;
        _registry = given.registry;
        _groth16 = given.groth16;
        _twoRound = given.twoRound;
    }

    // ---------------------------------------------------------------- the deployment

    /// @inheritdoc IClaimChecks
    function parameters() external view returns (IClaims.Parameters memory) {
        return IClaims.Parameters({
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

    /// @inheritdoc IClaimChecks
    function worstCaseDelay(uint256 slots, uint256 longestTensor) external view returns (uint256) {
        uint256 levels = Merkle.depthOf(Merkle.chunksOf(longestTensor));
        // Expansions of the trace's tree and of the tensor's, and the chunk below it; then partial results and a refutation.
        uint256 answers = (Merkle.depthOf(Merkle.traceLeaves(slots)) + 3) / 4 + (levels + 3) / 4 + 1;
        return uint256(_window) + 2 * uint256(_clock) + (answers + 2) * _grace;
    }

    // ---------------------------------------------------------------- outputs

    /// @inheritdoc IClaimChecks
    function outputCount(bytes32 claimId) external view returns (uint256) {
        return ClaimLayout.outputCount(_contents(claimId));
    }

    /// @inheritdoc IClaimChecks
    function outputInfo(bytes32 claimId, uint256 output) external view returns (IClaims.Output memory) {
        return ClaimLayout.output(_contents(claimId), output);
    }

    /// @inheritdoc IClaimChecks
    function outputRoot(bytes32 claimId, uint256 output) external view returns (bytes32) {
        return ClaimLayout.output(_final(claimId), output).root;
    }

    /// @inheritdoc IClaimChecks
    function outputOf(bytes32 claimId, uint256 output) external view returns (bytes memory) {
        return ClaimLayout.outputBytes(_final(claimId), output);
    }

    /// @inheritdoc IClaimChecks
    function readOutput(
        bytes32 claimId,
        uint256 output,
        uint256 element,
        bytes calldata chunk,
        bytes32[] calldata siblings
    ) external view returns (int256) {
        IClaims.Output memory found = ClaimLayout.output(_final(claimId), output);
        uint256 elementType = uint256(found.elementType);
        uint256 width = Elements.width(elementType);
        if (element >= found.length / width) revert IClaims.ElementMissing(element);
        uint256 position = element * width;
        bytes32 leaf = Merkle.leafOf(chunk);
        bytes32 top = Merkle.topOf(leaf, position / Merkle.CHUNK, Merkle.chunksOf(found.length), siblings);
        if (Merkle.rootOf(found.length, top) != found.root) revert IClaims.ChunkMismatch();
        uint256 offset = position % Merkle.CHUNK;
        uint256 word;
        assembly ("memory-safe") {
            word := calldataload(add(chunk.offset, offset)) // the element is in its first bytes
        }
        return Elements.decode(word, elementType);
    }

    // ---------------------------------------------------------------- for the checks

    /// @dev What a claim of the caller's keeps.
    function _contents(bytes32 claimId) internal view returns (bytes memory) {
        return CodeStore.read(CodeStore.locate(msg.sender, claimId));
    }

    // ---------------------------------------------------------------- internals

    /// @dev The same, once the claim can be relied on.
    function _final(bytes32 claimId) private view returns (bytes memory) {
        if (!IClaims(msg.sender).isFinal(claimId)) revert IClaims.ClaimNotFinal(claimId);
        return _contents(claimId);
    }
}
