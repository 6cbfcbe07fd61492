// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {ElementType, EntryId, ModelId, TraceRoot} from "../lib/Types.sol";
import {IGroth16Verifier} from "./IGroth16Verifier.sol";
import {IRegistry} from "./IRegistry.sol";
import {IStepExecutor} from "./IStepExecutor.sol";
import {ITwoRoundVerifier} from "./ITwoRoundVerifier.sol";

/// @title Bonded claims of a model's output, and the disputes that defeat wrong ones
/// @notice A claim commits to all tensors of an execution. Whoever has another result opens a game with the root of its own
///         trace; both sides reveal what their roots commit to, level by level, and the contract finds the first mismatch:
///         one element, all of whose operands both agree on. That element is computed on chain. Only the claim is judged: if
///         its element is right, the challenger loses the game; otherwise the claim loses, whatever the challenger said.
/// @dev Hashes: leaf(512 bytes) = keccak(0x00, chunk); node = keccak(0x01, left, right); root of a byte string =
///      keccak(0x02, uint64 length, top). A trace's leaves are its tensors' roots, 0 where unused.
///      claimId = keccak(abi.encode(operator, modelId, traceRoot, nonce)); gameId = keccak(abi.encode(claimId, root)).
///      An expansion is what a node commits to: the 2**k hashes k = min(4, levels left) levels below it, or below the bottom
///      level of a tensor's tree the chunk of 512 bytes. Credits are counted in gwei, rounded up; all other amounts in wei.
interface IClaims {
    // ---------------------------------------------------------------- types

    enum Status {
        None,
        Posted,
        Final,
        Defeated
    }

    /// @notice Whom a move belongs to, whoever sends it.
    enum Side {
        Operator,
        Challenger
    }

    /// @notice Where a game stands. The last three are ends.
    enum Phase {
        None,
        /// The nodes belong to the trace's tree.
        Trace,
        /// The nodes are a tensor's roots.
        Tensor,
        /// The nodes lie in a tensor's tree, below its root.
        Inner,
        /// Anyone executes the element; the challenger's clock runs.
        Execute,
        /// The operator gives partial results, as the element has many terms.
        Sums,
        /// Anyone refutes one of them; the challenger's clock runs.
        Refute,
        /// The challenger won: the claim is defeated.
        ClaimLost,
        /// The claim won this game.
        ChallengerLost,
        /// The claim ended elsewhere: the challenger has its bond back.
        Released
    }

    /// @notice How a claim lost.
    enum Cause {
        Game,
        Fraud,
        Settlement
    }

    /// @notice Of a deployment, for good.
    struct Parameters {
        /// Seconds to open games in.
        uint32 window;
        /// Seconds of a side's clock in a game.
        uint32 clock;
        /// Seconds of each move that no clock counts.
        uint32 grace;
        /// Gas that a side's moves of one game cost at most: the cap of its credits. An opening or an answer that does not end
        /// the game counts for a sixth of it at most, so that nobody can use up the others' by dear evidence.
        uint32 worstGas;
        /// Wei a gas that credits are counted with at most.
        uint64 statedPrice;
        /// Wei, at least.
        uint96 claimBond;
        /// Wei, exactly.
        uint96 challengeBond;
        /// Whether dev keys may settle.
        bool allowDevEntries;
        IStepExecutor executor;
        IRegistry registry;
        IGroth16Verifier groth16;
        ITwoRoundVerifier twoRound;
    }

    /// @notice Names an upload session.
    struct UploadRef {
        address uploader;
        uint64 nonce;
    }

    /// @notice What fixes an input's or an output's tensor: its descriptor in the model, its root in the trace.
    struct Port {
        bytes descriptor;
        /// From the descriptor's leaf to stepsTop.
        bytes32[] descriptorSiblings;
        /// From the tensor's root to the trace root.
        bytes32[] traceSiblings;
    }

    struct Posting {
        ModelId modelId;
        TraceRoot traceRoot;
        /// Tells apart an operator's claims of one trace.
        uint64 nonce;
        IStepExecutor.Header header;
        /// A complete upload for each input.
        UploadRef[] inputs;
        /// Inputs, then outputs, as the model orders them.
        Port[] ports;
        /// Bytes of all outputs, if they take {STORED_BYTES} at most together; else empty.
        bytes[] outputs;
        /// Roots of all outputs if `outputs` is empty; else empty.
        bytes32[] outputRoots;
        /// The only registry entry whose proofs settle this claim; 0: none.
        EntryId entry;
        /// {IClaimConsumer} to be told of finality; 0: none.
        address consumer;
    }

    struct Output {
        uint32 slot;
        ElementType elementType;
        /// Bytes.
        uint64 length;
        bytes32 root;
    }

    struct Claim {
        Status status;
        address operator;
        ModelId modelId;
        TraceRoot traceRoot;
        uint32 slots;
        uint32 inputs;
        /// keccak(abi.encodePacked(roots of the inputs)).
        bytes32 inputsHash;
        /// Wei; 0 when the claim has ended.
        uint96 bond;
        /// Seconds since 1970: no game opens from then on.
        uint40 deadline;
        uint32 openGames;
        /// Gwei: challenger-side credits of all games that are not over.
        uint64 credits;
        EntryId entry;
        address consumer;
    }

    /// @notice State of a game. Which fields mean something depends on the phase; what was before stays.
    struct Game {
        Phase phase;
        /// Whose clock runs.
        Side turn;
        /// Accepted moves, opening included.
        uint8 moves;
        /// Levels below the nodes in the tree that they belong to.
        uint8 levels;
        /// Trace, Tensor, Inner: the nodes' position in their level. From Execute on: the element's index.
        uint64 index;
        /// From Tensor on.
        uint32 slot;
        ElementType elementType;
        /// Bytes of the tensor.
        uint64 length;
        /// Partial results that the element needs; 1: it is executed at once.
        uint16 segments;
        /// Seconds left.
        uint32 operatorClock;
        uint32 challengerClock;
        uint40 lastMoveAt;
        /// The side to move may do so until then, included.
        uint40 deadline;
        /// Trace, Tensor, Inner: keccak(claim's node, challenger's node). Execute, Sums: the claimed value, as an int256.
        /// Refute: keccak(abi.encodePacked(partials)).
        bytes32 content;
        /// Paid the bond.
        address challenger;
        /// Wei of it that are still locked: {collect} is due if the game is over.
        uint96 bond;
        /// The challenger's trace has the claim's outputs. Only looked at when an entry may settle the claim.
        bool sameOutputs;
        /// Gwei, of a side's moves, whoever made them; and those by the operator and by the challenger themselves.
        uint48 operatorCredits;
        uint48 operatorOwnCredits;
        uint48 challengerCredits;
        uint48 challengerOwnCredits;
    }

    /// @notice Wei that movers share in proportion to their credits, in gwei, what is left of both.
    struct Pot {
        uint128 amount;
        uint64 credits;
    }

    struct Upload {
        /// Bytes so far.
        uint64 length;
        bool complete;
        /// Of a complete upload.
        bytes32 root;
    }

    // ---------------------------------------------------------------- events: uploads and claims

    /// @notice Bytes of an input from `offset` on.
    event PieceUploaded(address indexed uploader, uint64 indexed nonce, uint64 offset, bytes piece);
    event UploadCompleted(address indexed uploader, uint64 indexed nonce, uint64 length, bytes32 root);
    event UploadAbandoned(address indexed uploader, uint64 indexed nonce);

    /// @notice A claim. {ClaimContents} follows in the same transaction.
    event ClaimPosted(
        bytes32 indexed claimId,
        address indexed operator,
        ModelId indexed modelId,
        TraceRoot traceRoot,
        uint64 nonce,
        uint96 bond,
        uint40 deadline,
        EntryId entry,
        address consumer
    );
    /// @param outputs Bytes of the outputs if they are stored; else empty.
    event ClaimContents(
        bytes32 indexed claimId,
        IStepExecutor.Header header,
        UploadRef[] uploads,
        bytes32[] inputRoots,
        bytes32[] outputRoots,
        bytes[] outputs
    );
    event ClaimFinal(bytes32 indexed claimId, bool settled);
    /// @param gameId 0 unless a game did it.
    /// @param reward Wei, on top of credits: of the game's movers, else of `by`.
    event ClaimDefeated(bytes32 indexed claimId, Cause indexed cause, bytes32 gameId, address by, uint256 reward);
    /// @notice The consumer reverted, or took more than its gas.
    event CallbackFailed(bytes32 indexed claimId, address indexed consumer);

    // ---------------------------------------------------------------- events: games

    /// @param expansion Of the challenger's root.
    event GameOpened(
        bytes32 indexed gameId,
        bytes32 indexed claimId,
        address indexed challenger,
        TraceRoot root,
        bool sameOutputs,
        bytes expansion
    );
    /// @notice Somebody opened a game that exists; its bond is in its balance.
    event GameJoined(bytes32 indexed gameId, bytes32 indexed claimId, address indexed sender);
    /// @notice Both nodes were expanded. The game goes on at these nodes; the state is in {game}.
    /// @param mine The mover's side's expansion of its former node.
    /// @param next The mover's side's expansion of its new node.
    event Answered(
        bytes32 indexed gameId,
        address indexed mover,
        uint8 moves,
        bytes32 claimNode,
        bytes32 challengerNode,
        bytes mine,
        bytes next
    );
    /// @notice Both chunks are known and the first differing element with them.
    event ElementFound(
        bytes32 indexed gameId, address indexed mover, uint8 moves, uint64 element, int256 claimed, int256 challenged
    );
    event Summed(bytes32 indexed gameId, address indexed mover, uint8 moves, int256[] partials);
    /// @notice What the contract computed: the element, or one partial result of it.
    event Computed(bytes32 indexed gameId, address indexed mover, int256 value);
    /// @notice A game is over: ClaimLost, ChallengerLost or Released.
    event GameEnded(bytes32 indexed gameId, bytes32 indexed claimId, Phase phase);

    // ---------------------------------------------------------------- events: money

    /// @notice A balance grew by so many wei.
    event Credited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    event Burned(uint256 amount);

    // ---------------------------------------------------------------- errors: deployment and money

    /// @notice A parameter is below its least sensible value.
    error ParameterTooSmall(bytes32 name, uint256 least);
    error BondTooSmall(uint256 least, uint256 paid);
    error BondMismatch(uint256 expected, uint256 paid);
    error NothingToCollect();
    error TransferFailed();

    // ---------------------------------------------------------------- errors: uploads and claims

    error UploadOffset(uint64 expected, uint64 offset);
    /// @notice Only the last piece may have a length that is no multiple of 512, or none.
    error PieceLength(uint256 length);
    error UploadComplete();
    error UploadMissing(uint256 input);
    error UploadLength(uint256 input, uint256 expected, uint256 actual);
    error ClaimExists(bytes32 claimId);
    error ClaimNotPosted(bytes32 claimId);
    error ClaimNotFinal(bytes32 claimId);
    /// @notice A model has two slots at least and {MAX_SLOTS} at most.
    error SlotCount(uint256 slots);
    error PortCount(uint256 expected, uint256 actual);
    /// @notice The descriptor is malformed, or the tensor has more than {MAX_TENSOR_BYTES}; inputs are counted first.
    error PortMalformed(uint256 port);
    /// @notice The tensor is not in the trace at its slot; inputs are counted first.
    error PortMismatch(uint256 port);
    error OutputCount(uint256 expected, uint256 actual);
    error OutputLength(uint256 output, uint256 expected, uint256 actual);
    /// @notice Outputs of so many bytes in all are given in full up to {STORED_BYTES}, and by their roots above it.
    error OutputsStored(uint256 total);
    error WindowOpen(uint40 deadline);
    error WindowClosed(uint40 deadline);
    error GamesOpen(uint256 games);
    /// @notice The caller must leave more gas for the consumer.
    error CallbackGas();
    error OutputMissing(uint256 output);
    error ElementMissing(uint256 element);
    error ChunkMismatch();
    /// @notice The outputs are not kept on chain: {readOutput} needs a chunk with its proof.
    error OutputNotStored();

    // ---------------------------------------------------------------- errors: settlement and fraud proofs

    error EntryOfOtherModel(EntryId entry);
    error EntryIsDev(EntryId entry);
    /// @notice The entry shows another number of inputs or outputs, or one of them not in public.
    error EntryNotPublic(EntryId entry);
    error NoEntry(bytes32 claimId);
    error InputsMismatch();
    error SettlementInvalid();
    /// @notice Not one of the executor's questions about this claim.
    error QuestionUnknown();
    error NotFraud();

    // ---------------------------------------------------------------- errors: games

    error RootsEqual();
    error GameMissing(bytes32 gameId);
    /// @notice The game is over, or its claim is.
    error GameOver(bytes32 gameId);
    /// @notice The game's state is another than the one that the move answers.
    error StateMismatch(bytes32 expected);
    error WrongPhase(Phase phase);
    error NotOperator(address sender);
    error TooLate(uint40 deadline);
    error NotExpired(uint40 deadline);
    /// @notice The calldata have bytes that the move does not need.
    error CalldataPadded(uint256 expected, uint256 actual);
    error ExpansionLength(uint256 expected, uint256 actual);
    /// @notice The expansions do not hash to the game's nodes.
    error ExpansionMismatch();
    /// @notice The expansion of the next node is missing, is not needed, or does not hash to the node.
    error NextMismatch();
    /// @notice A descriptor is needed where the nodes become tensors' roots, and only there.
    error DefinitionMissing();
    error DefinitionNotNeeded();
    error SumsCount(uint256 expected, uint256 actual);
    /// @notice The partial results do not end in the claimed value.
    error SumsMismatch(int256 expected, int256 actual);
    error SegmentMissing(uint256 segment);
    /// @notice Not as abi.encode writes a struct.
    error EvidenceMalformed();
    /// @notice These are not the partial results that the operator gave.
    error PartialsMismatch();
    /// @notice The segment's partial result is right.
    error NotRefuted();

    // ---------------------------------------------------------------- uploads

    /// @notice Adds a piece to an input of the sender's. A piece other than the last takes a multiple of 512 bytes.
    /// @param offset Bytes uploaded before: the same piece sent twice is refused.
    /// @param last Completes the upload; the contract computes its root.
    function upload(uint64 nonce, uint64 offset, bytes calldata piece, bool last) external;

    /// @notice Forgets an upload of the sender's that is not complete. The nonce can be used again.
    function abandonUpload(uint64 nonce) external;

    // ---------------------------------------------------------------- claims

    /// @notice Posts a claim of the sender's with msg.value as its bond.
    function post(Posting calldata posting) external payable returns (bytes32 claimId);

    /// @notice Makes a claim final after its window, when all its games were won.
    function finalize(bytes32 claimId) external;

    /// @notice Decides a claim by a zero-knowledge proof under the entry that it names: final if the outputs are the claim's,
    ///         else defeated, with the reward to the beneficiary.
    /// @dev The proof's job is {settlementJob}, its recipient the beneficiary, who need not be the sender.
    /// @param inputs Bytes of each input; their roots must be the claim's.
    /// @param proof abi.encode of the proof system's Proof struct.
    function settle(
        bytes32 claimId,
        address beneficiary,
        bytes[] calldata inputs,
        bytes[] calldata outputs,
        bytes calldata proof
    ) external;

    /// @notice Defeats a claim that is not final by one inconsistency of its trace, or one defect of its model.
    /// @param question Calldata of one of {IStepExecutor}'s isWrong, isPaddingDirty, isTailDirty, isSlotDirty (about the claim's
    ///        model and trace root), isOperandMismatch, describe (about its model), whose answer is yes.
    function proveFraud(bytes32 claimId, bytes calldata question) external;

    // ---------------------------------------------------------------- games

    /// @notice Opens a game with msg.value = challengeBond. If there is a game of this root, the bond goes to the sender's
    ///         balance and nothing else happens.
    /// @param expansion Of the root.
    /// @param outputRoots Of the challenger's trace. Empty, as their siblings, if the claim names no entry.
    /// @param outputSiblings From each output's root to the challenger's root.
    function open(
        bytes32 claimId,
        TraceRoot root,
        bytes calldata expansion,
        bytes32[] calldata outputRoots,
        bytes32[][] calldata outputSiblings
    ) external payable returns (bytes32 gameId);

    /// @notice The move of the side whose turn it is, by anyone: its root fixes it.
    /// @param answered {stateHash}, as the sender saw it.
    /// @param theirs The other side's expansion of its node, which it published in its last move.
    /// @param mine The mover's side's expansion of its own node.
    /// @param next The mover's side's expansion of the node at the first difference. Empty if the game ends there, and if
    ///        `theirs` and `mine` are chunks.
    /// @param definition abi.encode(IStepExecutor.DescriptorProof) of the slot if that node is a used slot of a step's; else empty.
    function answer(
        bytes32 claimId,
        TraceRoot root,
        bytes32 answered,
        bytes calldata theirs,
        bytes calldata mine,
        bytes calldata next,
        bytes calldata definition
    ) external;

    /// @notice Computes the element: the claim is defeated if it has another value, else the challenger loses.
    /// @param onClaim Whether the operands are proven against the claim's trace or against the challenger's.
    /// @param evidence abi.encode(IStepExecutor.StepProof).
    function execute(bytes32 claimId, TraceRoot root, bytes32 answered, bool onClaim, bytes calldata evidence) external;

    /// @notice The operator's partial results of the element's segments.
    /// @param evidence abi.encode(IStepExecutor.StepProof), for what {IStepExecutor.finish} reads.
    function sums(
        bytes32 claimId,
        TraceRoot root,
        bytes32 answered,
        bool onClaim,
        int256[] calldata partials,
        bytes calldata evidence
    ) external;

    /// @notice Shows that one of the partial results is wrong.
    /// @param evidence abi.encode(IStepExecutor.StepProof), for what {IStepExecutor.segment} reads.
    function refute(
        bytes32 claimId,
        TraceRoot root,
        bytes32 answered,
        bool onClaim,
        int256[] calldata partials,
        uint256 segment,
        bytes calldata evidence
    ) external;

    /// @notice Ends a game whose side to move let its clock run out.
    function expire(bytes32 claimId, TraceRoot root, bytes32 answered) external;

    // ---------------------------------------------------------------- money

    /// @notice Moves to balances what a game that is over owes: the bond, and the mover's part of its pot.
    function collect(bytes32 claimId, TraceRoot root, address mover) external;

    /// @notice Pays out the sender's whole balance.
    function withdraw(address to) external;

    // ---------------------------------------------------------------- reading

    function parameters() external view returns (Parameters memory);

    /// @notice Seconds from a claim's posting to the end of its last game, whatever happens.
    /// @param longestTensor Bytes of the model's longest tensor.
    function worstCaseDelay(uint256 slots, uint256 longestTensor) external view returns (uint256);

    function claimIdOf(address operator, ModelId modelId, TraceRoot traceRoot, uint64 nonce)
        external
        pure
        returns (bytes32);

    function gameIdOf(bytes32 claimId, TraceRoot root) external pure returns (bytes32);

    function claim(bytes32 claimId) external view returns (Claim memory);

    /// @notice A game. When its claim ended elsewhere, the phase is the one that follows from it.
    function game(bytes32 claimId, TraceRoot root) external view returns (Game memory);

    /// @notice keccak(abi.encode(gameId, uint256 moves, content)).
    function stateHash(bytes32 claimId, TraceRoot root) external view returns (bytes32);

    /// @notice Gwei that a mover's moves of a game count, on either side.
    function creditsOf(bytes32 claimId, TraceRoot root, address mover)
        external
        view
        returns (uint256 operatorSide, uint256 challengerSide);

    /// @param id A game's: of its winning side. A claim's: of the challengers of its other games.
    function pot(bytes32 id) external view returns (Pot memory);

    function balanceOf(address account) external view returns (uint256);

    function uploadOf(address uploader, uint64 nonce) external view returns (Upload memory);

    /// @notice Whether the claim can be relied on, as far as its model and its entry can: pin the model id, and the entry if the
    ///         claim names one, since whoever knows its key's secrets settles at once. No other status is one to act on.
    function isFinal(bytes32 claimId) external view returns (bool);

    function outputCount(bytes32 claimId) external view returns (uint256);

    /// @notice Of a claim of any status: check {isFinal}.
    function outputInfo(bytes32 claimId, uint256 output) external view returns (Output memory);

    /// @notice Root of a final claim's output.
    function outputRoot(bytes32 claimId, uint256 output) external view returns (bytes32);

    /// @notice All bytes of a final claim's output, if the outputs are stored.
    function outputOf(bytes32 claimId, uint256 output) external view returns (bytes memory);

    /// @notice One element of a final claim's output, from the chunk that holds it.
    /// @param chunk 512 bytes.
    /// @param siblings From the chunk to the tensor's top.
    function readOutput(
        bytes32 claimId,
        uint256 output,
        uint256 element,
        bytes calldata chunk,
        bytes32[] calldata siblings
    ) external view returns (int256);

    /// @notice The job of the proofs that settle a claim.
    function settlementJob(bytes32 claimId) external view returns (uint256);

    // ---------------------------------------------------------------- constants

    /// @notice Bytes of outputs that are kept on chain.
    function STORED_BYTES() external view returns (uint256);
    function MAX_SLOTS() external view returns (uint256);
    function MAX_TENSOR_BYTES() external view returns (uint256);
    function CALLBACK_GAS() external view returns (uint256);
    /// @notice Where burned ether goes.
    function BURN_ADDRESS() external view returns (address);
}
