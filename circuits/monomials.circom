pragma circom 2.1.6;

// The bits of an index: its low l bits as all products of them, its high h bits as they are. A function of the low bits is then
// a linear form of the products, whatever the function.
//
// Guarantees: 0 <= in < 2^(l+h); monomial[s - 1] is the product of the low bits whose positions are set in s; high[i] is bit l + i.
// Assumes: nothing of `in`; l + h <= 252.
template Monomials(l, h) {
    assert(l >= 1 && l + h <= 252);
    signal input in;
    signal output monomial[(1 << l) - 1];
    signal output high[h];

    var sum = 0;
    for (var i = 0; i < l; i++) {
        monomial[(1 << i) - 1] <-- (in >> i) & 1;
        monomial[(1 << i) - 1] * (monomial[(1 << i) - 1] - 1) === 0;
        sum += monomial[(1 << i) - 1] * (1 << i);
    }
    for (var i = 0; i < h; i++) {
        high[i] <-- (in >> (l + i)) & 1;
        high[i] * (high[i] - 1) === 0;
        sum += high[i] * (1 << (l + i));
    }
    // Linear, so `in` stands in the C position alone and may be any linear form.
    in === sum;

    // Each product of two or more bits is its highest bit times the rest.
    for (var top = 1; top < l; top++) {
        for (var rest = 1; rest < (1 << top); rest++) {
            monomial[(1 << top) + rest - 1] <== monomial[(1 << top) - 1] * monomial[rest - 1];
        }
    }
}
