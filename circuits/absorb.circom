pragma circom 2.1.6;

include "circomlib/circuits/poseidon.circom";

// One step of the tensor commitment: Poseidon over 16 field elements (Grassi et al., USENIX Security 2021; circomlib's
// parameters for BN254).
// Guarantees: out = Poseidon(in[0..15]).
// Assumes: the caller fixes the length and domain in the first block; see src/zk/commitment.ts.
template Absorb() {
    signal input in[16];
    signal output out;
    component hash = Poseidon(16);
    for (var i = 0; i < 16; i++) hash.inputs[i] <== in[i];
    out <== hash.out;
}
