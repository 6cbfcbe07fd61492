/** A Solidity verifier of one two-round key with the key inside, as snarkjs exports one for plain Groth16. */
import { encodeKey, keyHash, pointG1, pointG2, type SetupKind, type TwoRoundVerificationKey } from "./keyEncoding.js";
import { R, P } from "../math/field.js";

/** Checks the proof and computes its challenges; no context, no packing, no registry. */
export function solidityTwoRoundVerifier(key: TwoRoundVerificationKey, setup: SetupKind): string {
  const bound = key.nPublic - key.challenges;
  // Solidity takes an array literal's type from its first element.
  const array = (...words: readonly bigint[]): string => `[uint256(${words[0]}), ${words.slice(1).join(", ")}]`;
  const g2 = (point: readonly (readonly string[])[]): string => array(...pointG2(point, "key"));
  const alphaBeta = array(...pointG1(key.vk_alpha_1, "key"), ...pointG2(key.vk_beta_2, "key"));
  const ic = key.IC.map((point) => `            ${array(...pointG1(point, "key"))}`).join(",\n");
  return `// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.20;

/*
    Exported by Assay: the verifier of one ${setup} key of the two-round proof system. It checks one proof against public signals
    that the caller chose and computes the challenges itself. It does not compute the context signal, does not pack tensors and
    knows no registry: a proof seen in a mempool can be replayed by anyone unless the calling contract compares the context
    signal itself. Assay's own TwoRoundVerifier does all of that.
*/
contract TwoRoundVerifierOfOneKey {
    uint256 private constant R = ${R};
    uint256 private constant P = ${P};
    bytes32 private constant DOMAIN = keccak256("assay.two-round.1");
    bytes32 private constant KEY_HASH = ${keyHash(encodeKey(key, setup))};
    uint256 private constant BOUND = ${bound};
    uint256 private constant CHALLENGES = ${key.challenges};

    /// @notice Whether the proof holds for the public signals before the challenges.
    /// @param b The point of G2 as EIP-197 writes it: imaginary parts first.
    function verifyProof(
        uint256[2] calldata a,
        uint256[4] calldata b,
        uint256[2] calldata c0,
        uint256[2] calldata c1,
        uint256[${bound}] calldata signals
    ) external view returns (bool) {
        for (uint256 i = 0; i < BOUND; i++) if (signals[i] >= R) return false;
        if (a[0] >= P || a[1] >= P || c0[0] >= P || c0[1] >= P || c1[0] >= P || c1[1] >= P) return false;
        if (b[0] >= P || b[1] >= P || b[2] >= P || b[3] >= P) return false;
        bytes32 seed = keccak256(abi.encodePacked(DOMAIN, KEY_HASH, c0, signals));
        (bool ok, uint256[2] memory sum) = _combine(signals, seed);
        return ok && _pairing(a, b, c0, c1, sum);
    }

    /// @dev IC[0] + sum of signal times IC.
    function _combine(uint256[${bound}] calldata signals, bytes32 seed) private view returns (bool ok, uint256[2] memory sum) {
        uint256[2][${key.IC.length}] memory ic = [
${ic}
        ];
        sum = ic[0];
        for (uint256 i = 0; i < BOUND + CHALLENGES; i++) {
            uint256 scalar = i < BOUND ? signals[i] : uint256(keccak256(abi.encodePacked(seed, uint8(i - BOUND)))) % R;
            uint256[2] memory term;
            (ok, term) = _call(7, abi.encode(ic[i + 1], scalar));
            if (!ok) return (false, sum);
            (ok, sum) = _call(6, abi.encode(sum, term));
            if (!ok) return (false, sum);
        }
    }

    /// @dev e(-A, B) e(alpha, beta) e(sum, gamma) e(C0, delta0) e(C1, delta1) = 1.
    function _pairing(
        uint256[2] calldata a,
        uint256[4] calldata b,
        uint256[2] calldata c0,
        uint256[2] calldata c1,
        uint256[2] memory sum
    ) private view returns (bool) {
        bytes memory first = abi.encodePacked(a[0], (P - a[1]) % P, b, _alphaBeta());
        bytes memory rest = abi.encodePacked(sum, _gamma(), c0, _delta0(), c1, _delta1());
        (bool ok, bytes memory result) = address(8).staticcall(bytes.concat(first, rest));
        return ok && result.length == 32 && abi.decode(result, (uint256)) == 1;
    }

    function _alphaBeta() private pure returns (uint256[6] memory) {
        return ${alphaBeta};
    }

    function _gamma() private pure returns (uint256[4] memory) {
        return ${g2(key.vk_gamma_2)};
    }

    function _delta0() private pure returns (uint256[4] memory) {
        return ${g2(key.vk_delta0_2)};
    }

    function _delta1() private pure returns (uint256[4] memory) {
        return ${g2(key.vk_delta1_2)};
    }

    function _call(uint160 precompile, bytes memory input) private view returns (bool ok, uint256[2] memory point) {
        bytes memory result;
        (ok, result) = address(precompile).staticcall(input);
        if (!ok || result.length != 64) return (false, point);
        point = abi.decode(result, (uint256[2]));
    }
}
`;
}
