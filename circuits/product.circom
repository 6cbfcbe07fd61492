pragma circom 2.1.6;

// Guarantees: out = left * right in the field; below 2^bits where left and right are integers whose product is.
// Assumes: left and right are integers of known range (each constrained elsewhere).
template Product(bits) {
    assert(bits <= 254);
    signal input left;
    signal input right;
    signal output out;
    out <== left * right;
}
