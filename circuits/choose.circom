pragma circom 2.1.6;

// out = bit ? one : zero. With dense = 1 both stand in the C position alone and may be any linear form; that costs a row.
//
// Guarantees: the equation above.
// Assumes: bit is 0 or 1; one and zero lie in [0, 2^w), so that out and difference have the widths that spec.ts states.
template Choose(w, dense) {
    assert(w <= 250);
    assert(dense == 0 || dense == 1);
    signal input bit;
    signal input one;
    signal input zero;
    signal output out;

    if (dense == 1) {
        // Never negative, so that its wire is small.
        signal difference;
        difference <== one - zero + (1 << w);
        out <== bit * (difference - (1 << w)) + zero;
    } else {
        out <== bit * (one - zero) + zero;
    }
}
