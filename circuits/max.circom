pragma circom 2.1.6;

// Guarantees: out = max(left, right) as integers, and -2^(k-1) <= left - right < 2^(k-1).
// Assumes: left and right are integers of known range (each constrained elsewhere), so that their difference in the field is
// their difference as integers; k <= 252.
template Max(k) {
    assert(k <= 252);
    signal input left;
    signal input right;
    signal output out;

    // Bits of left - right + 2^(k-1); the top one says that left >= right.
    signal bit[k];
    var sum = 0;
    for (var i = 0; i < k; i++) {
        bit[i] <-- ((left - right + (1 << (k - 1))) >> i) & 1;
        bit[i] * (bit[i] - 1) === 0;
        sum += bit[i] * (1 << i);
    }
    left - right === sum - (1 << (k - 1));

    // With the top bit set the other bits are left - right itself, so both inputs stay in the C position.
    var difference = 0;
    for (var i = 0; i < k - 1; i++) difference += bit[i] * (1 << i);
    out <-- right + bit[k - 1] * difference;
    out - right === bit[k - 1] * difference;
}
