pragma circom 2.1.6;

// Guarantees: 0 <= in < 2^n.
// Assumes: nothing of `in`; n <= 252, so that no two bit strings stand for the same field element.
template Range(n) {
    assert(n <= 252);
    signal input in;
    signal bit[n];

    var sum = 0;
    for (var i = 0; i < n; i++) {
        bit[i] <-- (in >> i) & 1;
        bit[i] * (bit[i] - 1) === 0;
        sum += bit[i] * (1 << i);
    }
    // Linear, so `in` stands in the C position alone and may be any linear form.
    in === sum;
}
