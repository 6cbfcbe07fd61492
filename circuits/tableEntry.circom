pragma circom 2.1.6;

// One table entry's term of the LogUp sum: quotient = multiplicity / (challenge - entry).
//
// Guarantees: quotient * (challenge - entry) = multiplicity.
// Assumes: `entry` is a constant of the circuit; `challenge` was drawn after `multiplicity` was committed.
template TableEntry() {
    signal input entry;
    signal input multiplicity;
    signal input challenge;
    signal output quotient;
    quotient <-- multiplicity / (challenge - entry);
    quotient * (challenge - entry) === multiplicity;
}
