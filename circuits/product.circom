pragma circom 2.1.6;

// Guarantees: out = left * right in the field.
// Assumes: nothing; it is the product of integers where the caller bounds both, so that nothing wraps.
template Product() {
    signal input left;
    signal input right;
    signal output out;
    out <== left * right;
}
