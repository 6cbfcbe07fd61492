// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "contracts/interfaces/IClaims.sol";
import {IGroth16Verifier} from "contracts/interfaces/IGroth16Verifier.sol";
import {IRegistry} from "contracts/interfaces/IRegistry.sol";
import {IStepExecutor} from "contracts/interfaces/IStepExecutor.sol";
import {ElementType, EntryId, ModelId, Protocol, SetupKind, Tensor, TraceRoot, Visibility} from "contracts/lib/Types.sol";

/// @title An executor that believes the evidence
/// @notice A descriptor is slot 32, malformed 8, element type 8, count 64, terms 32, segment length 32, packed. The evidence of
///         a step is, as its descriptor: kind 8 (4: maximum), trace root 256, slot 32, element 64, segment 32, value 256.
contract BelievingExecutor {
    function authenticate(ModelId, IStepExecutor.Header calldata) external pure {}

    function describe(ModelId, uint256 slot, IStepExecutor.DescriptorProof calldata proof)
        external
        pure
        returns (IStepExecutor.Description memory description)
    {
        bytes calldata data = proof.descriptor;
        if (data.length != 22 || uint32(bytes4(data[0:4])) != slot) revert IStepExecutor.DescriptorMismatch(slot);
        description.malformed = data[4] != 0;
        description.elementType = ElementType(uint8(data[5]));
        description.count = uint64(bytes8(data[6:14]));
        description.terms = uint32(bytes4(data[14:18]));
        description.segmentLength = uint32(bytes4(data[18:22]));
    }

    function execute(ModelId, TraceRoot root, uint256 slot, uint256 element, IStepExecutor.StepProof calldata proof)
        external
        pure
        returns (int256)
    {
        return _value(root, slot, element, proof);
    }

    function segment(
        ModelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        uint256 index,
        IStepExecutor.StepProof calldata proof
    ) external pure returns (int256) {
        if (uint32(bytes4(proof.definition.descriptor[45:49])) != index) revert IStepExecutor.SegmentOutOfRange(index);
        return _value(root, slot, element, proof);
    }

    /// @dev What the evidence says, added to the partial results' sum or maximum.
    function finish(
        ModelId,
        TraceRoot root,
        uint256 slot,
        uint256 element,
        int256[] calldata partials,
        IStepExecutor.StepProof calldata proof
    ) external pure returns (int256 value) {
        value = _value(root, slot, element, proof);
        bool maximum = proof.definition.descriptor[0] == 0x04;
        int256 folded = maximum ? type(int256).min : int256(0);
        unchecked {
            for (uint256 i = 0; i < partials.length; ++i) {
                if (!maximum) folded += partials[i];
                else if (partials[i] > folded) folded = partials[i];
            }
            value += folded;
        }
    }

    /// @dev The one-shot proof that is asked: yes for element 1.
    function isWrong(
        ModelId,
        TraceRoot,
        uint256,
        uint256 element,
        IStepExecutor.StepProof calldata,
        IStepExecutor.TensorProof calldata
    ) external pure returns (bool) {
        return element == 1;
    }

    function _value(TraceRoot root, uint256 slot, uint256 element, IStepExecutor.StepProof calldata proof)
        private
        pure
        returns (int256)
    {
        bytes calldata data = proof.definition.descriptor;
        bool right = bytes32(data[1:33]) == TraceRoot.unwrap(root) && uint32(bytes4(data[33:37])) == slot
            && uint64(bytes8(data[37:45])) == element;
        if (!right) revert IStepExecutor.TensorMismatch(slot);
        return int256(uint256(bytes32(data[49:81])));
    }
}

/// @title A registry with one entry for every model, and a verifier that believes
contract BelievingRegistry {
    function entry(EntryId entryId) external pure returns (IRegistry.Entry memory found) {
        found.modelId = ModelId.wrap(EntryId.unwrap(entryId));
        found.setup = SetupKind.Ceremony;
        found.inputs = _tensors();
        found.outputs = _tensors();
    }

    function verify(EntryId, uint256, address, bytes[] calldata, IGroth16Verifier.Proof calldata proof)
        external
        pure
        returns (bool)
    {
        return proof.a[0] == 1;
    }

    function _tensors() private pure returns (Tensor[] memory tensors) {
        tensors = new Tensor[](1);
        tensors[0].visibility = uint8(Visibility.Public);
    }
}

/// @title Whoever moves
contract Actor {
    receive() external payable {}

    function forward(address to, bytes calldata data) external payable returns (bool done, bytes memory result) {
        (done, result) = to.call{value: msg.value}(data);
        if (!done) payable(msg.sender).transfer(msg.value);
    }
}

/// @title Plays many moves in one transaction, and tells what each did
contract Harness {
    struct Step {
        uint32 actor;
        uint96 value;
        bytes32 claimId;
        TraceRoot root;
        bytes data;
    }

    /// @notice What a move did, and all that the contract says of its claim and its game afterwards, word by word.
    event Played(bool done, bytes4 error, bytes state);

    uint256 private constant ACTORS_A_LANE = 4;

    Actor[] public actors;

    receive() external payable {}

    function hire(uint256 count) external {
        for (uint256 i = 0; i < count; ++i) {
            actors.push(new Actor());
        }
    }

    function play(IClaims claims, Step[] calldata steps) external payable {
        for (uint256 i = 0; i < steps.length; ++i) {
            Step calldata step = steps[i];
            (bool done, bytes memory result) =
                actors[step.actor].forward{value: step.value}(address(claims), step.data);
            bytes4 error = done ? bytes4(0) : bytes4(result);
            emit Played(done, error, stateOf(claims, step.claimId, step.root, step.actor / ACTORS_A_LANE));
        }
    }

    function stateOf(IClaims claims, bytes32 claimId, TraceRoot root, uint256 lane)
        public
        view
        returns (bytes memory state)
    {
        bytes32 gameId = claims.gameIdOf(claimId, root);
        state = bytes.concat(
            bytes32(address(claims).balance),
            bytes32(claims.BURN_ADDRESS().balance),
            abi.encode(claims.claim(claimId)),
            abi.encode(claims.game(claimId, root)),
            claims.stateHash(claimId, root),
            abi.encode(claims.pot(claimId)),
            abi.encode(claims.pot(gameId))
        );
        for (uint256 i = 0; i < ACTORS_A_LANE; ++i) {
            address actor = address(actors[lane * ACTORS_A_LANE + i]);
            (uint256 operatorSide, uint256 challengerSide) = claims.creditsOf(claimId, root, actor);
            state = bytes.concat(state, abi.encode(claims.balanceOf(actor), operatorSide, challengerSide));
        }
    }
}
