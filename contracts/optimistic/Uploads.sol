// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IClaims} from "../interfaces/IClaims.sol";
import {Expansion} from "../lib/Expansion.sol";
import {Merkle} from "../lib/Merkle.sol";

/// @title Inputs of claims, uploaded in pieces
/// @notice The bytes are in calldata and events, for everyone to recompute a claim; the contract keeps the frontier of the
///         tree over them: the tops of its complete subtrees, one for each bit of the number of chunks.
abstract contract Uploads is IClaims {
    // ---------------------------------------------------------------- storage

    struct Session {
        uint64 length;
        bool complete;
        bytes32 root;
        /// By level; of use where the number of chunks has a bit.
        mapping(uint256 level => bytes32) frontier;
    }

    mapping(address uploader => mapping(uint64 nonce => Session)) private _sessions;

    // ---------------------------------------------------------------- uploading

    /// @inheritdoc IClaims
    function upload(uint64 nonce, uint64 offset, bytes calldata piece, bool last) external {
        Session storage session = _sessions[msg.sender][nonce];
        if (session.complete) revert UploadComplete();
        uint64 start = session.length;
        if (offset != start) revert UploadOffset(start, offset);
        uint64 length = start + uint64(piece.length);
        bool whole = piece.length % Merkle.CHUNK == 0;
        if (last ? length == 0 : piece.length == 0 || !whole) revert PieceLength(piece.length);

        session.length = length;
        (bytes32[64] memory frontier, uint256 highest) = _absorb(session, start / Merkle.CHUNK, piece);
        emit PieceUploaded(msg.sender, nonce, offset, piece);
        uint256 chunks = Merkle.chunksOf(length);
        if (last) {
            session.complete = true;
            session.root = Merkle.rootOf(length, _top(frontier, chunks));
            emit UploadCompleted(msg.sender, nonce, length, session.root);
            return;
        }
        for (uint256 level = 0; level <= highest; ++level) {
            if ((chunks >> level) & 1 == 1) session.frontier[level] = frontier[level];
        }
    }

    /// @inheritdoc IClaims
    function abandonUpload(uint64 nonce) external {
        Session storage session = _sessions[msg.sender][nonce];
        if (session.complete) revert UploadComplete();
        session.length = 0;
        emit UploadAbandoned(msg.sender, nonce);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IClaims
    function uploadOf(address uploader, uint64 nonce) public view returns (Upload memory) {
        Session storage session = _sessions[uploader][nonce];
        return Upload(session.length, session.complete, session.root);
    }

    // ---------------------------------------------------------------- internals

    /// @dev The frontier after a piece, and the highest level of it that has changed.
    function _absorb(Session storage session, uint256 chunks, bytes calldata piece)
        private
        view
        returns (bytes32[64] memory frontier, uint256 highest)
    {
        for (uint256 level = 0; chunks >> level != 0; ++level) {
            if ((chunks >> level) & 1 == 1) frontier[level] = session.frontier[level];
        }
        for (uint256 offset = 0; offset < piece.length; offset += Merkle.CHUNK) {
            bytes32 hash = Expansion.leafAt(piece, offset);
            uint256 level = 0;
            for (; (chunks >> level) & 1 == 1; ++level) {
                hash = Merkle.node(frontier[level], hash);
            }
            frontier[level] = hash;
            if (level > highest) highest = level;
            ++chunks;
        }
    }

    /// @dev Completes the tree with leaves of zeros.
    function _top(bytes32[64] memory frontier, uint256 chunks) private pure returns (bytes32 open) {
        uint256 depth = Merkle.depthOf(chunks);
        if (chunks == 1 << depth) return frontier[depth];
        bytes32 empty = Merkle.ZERO_LEAF;
        bool any = false; // whether `open` is the last node of its level, some of whose leaves are missing
        for (uint256 level = 0; level < depth; ++level) {
            if ((chunks >> level) & 1 == 1) {
                open = Merkle.node(frontier[level], any ? open : empty);
                any = true;
            } else if (any) {
                open = Merkle.node(open, empty);
            }
            empty = Merkle.node(empty, empty);
        }
    }
}
