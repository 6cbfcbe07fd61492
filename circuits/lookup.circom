pragma circom 2.1.6;

// One lookup's term of the LogUp sum (Haboeck, ePrint 2022/1530): inverse = 1 / (challenge - value).
//
// Guarantees: inverse * (challenge - value) = 1.
// Assumes: `challenge` was drawn after `value` was committed; the caller compares the sum of all inverses with the table's.
template Lookup() {
    signal input value;
    signal input challenge;
    signal output inverse;
    inverse <-- 1 / (challenge - value);
    inverse * (challenge - value) === 1;
}
