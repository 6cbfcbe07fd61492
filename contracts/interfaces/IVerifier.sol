// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {EntryId} from "../lib/Types.sol";
import {IRegistry} from "./IRegistry.sol";

/// @title What the verifiers of all proof systems share
/// @notice Tensors are passed as raw bytes, inputs first: a public one as its elements, row-major, little-endian two's
///         complement; a hashed one as its 32-byte big-endian commitment; a private one empty. The public signals are the
///         outputs', the context, the inputs', then the proof system's own, if any. The context binds a proof to this chain,
///         this contract, an entry, a job and a recipient, so that a proof seen in a mempool is worthless to anyone else.
interface IVerifier {
    /// @notice A proof was accepted and recorded.
    event Verified(EntryId indexed entryId, uint256 indexed jobId, address indexed recipient, bytes[] outputs);

    /// @notice The pairing equation does not hold.
    error ProofInvalid();
    /// @notice A coordinate of the proof is not less than the base field's modulus.
    error ProofNotCanonical();
    /// @notice The entry's key belongs to another proof system than this verifier's.
    error WrongProtocol(EntryId entryId);
    /// @notice This job already has a result.
    error JobDone(EntryId entryId, uint256 jobId, address recipient);
    /// @notice The entry has another number of tensors.
    error WrongTensorCount(uint256 expected, uint256 actual);
    /// @notice A tensor has another number of bytes. Inputs are counted first, then outputs.
    error WrongTensorLength(uint256 tensor, uint256 expected, uint256 actual);
    /// @notice A commitment is not less than the scalar field's modulus.
    error CommitmentTooLarge(uint256 tensor);

    /// @notice The registry that keys are read from.
    function registry() external view returns (IRegistry);

    /// @notice keccak256(abi.encode(tensors)) of a submitted job; zero when there is none.
    function resultOf(EntryId entryId, uint256 jobId, address recipient) external view returns (bytes32);

    /// @notice The context signal of a job.
    function contextOf(EntryId entryId, uint256 jobId, address recipient) external view returns (uint256);

    /// @notice The public signals that follow from a job and its tensors: all but those that depend on the proof.
    function publicSignals(EntryId entryId, uint256 jobId, address recipient, bytes[] calldata tensors)
        external
        view
        returns (uint256[] memory);
}
