// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @dev Commitment to a program: semantics version, program, weights and tables.
type ModelId is bytes32;

/// @dev One registrant's statement that one key proves one model.
type EntryId is bytes32;

/// @dev Root of the tree over the roots of all tensors of an execution, by slot.
type TraceRoot is bytes32;

/// @dev keccak256 of the canonical key bytes (see {KeyLayout}).
type KeyHash is bytes32;

/// @notice The proof system of a key.
/// @dev The order matters: the value is the first byte of a key.
enum Protocol {
    Groth16,
    TwoRound
}

/// @notice How a key was made. Whoever ran a dev setup can forge proofs under it.
enum SetupKind {
    Dev,
    Ceremony
}

/// @notice Integer types of tensor elements.
/// @dev The order matters: Packing.width reads it.
enum ElementType {
    U8,
    I8,
    U16,
    I16,
    I32,
    I64
}

/// @notice What a proof shows of a tensor: nothing, its elements, or a salted commitment.
enum Visibility {
    Private,
    Public,
    Hashed
}

/// @notice A tensor as the registrant declares it.
/// @dev The enums travel as uint8 so that an unknown value gets an error of its own.
struct Tensor {
    string name;
    uint32[] shape;
    uint8 elementType;
    uint8 visibility;
    /// Real value of an element = integer * scaleMantissa * 2**scaleExponent, exactly.
    uint64 scaleMantissa;
    int16 scaleExponent;
}
