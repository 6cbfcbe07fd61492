pragma circom 2.1.6;

// out = min(max(in >> s, 0), 2^m - 1), with >> rounding towards minus infinity.
//
// The caller adds the rounding term 2^(s-1) and moves its lower clamp to 0, so this one template serves ReLU, saturation
// to any type and rescaling at once.
//
// Guarantees: the equation above, and -2^(k-1) <= in < 2^(k-1) if sign = 1, 0 <= in < 2^k if sign = 0: any other value of
// `in` has no witness. Hence 0 <= out < 2^m.
// Assumes: nothing of `in`; k <= 252.
template Requantize(k, s, m, sign) {
    assert(k <= 252);
    assert(sign == 0 || sign == 1);
    signal input in;
    signal output out;

    // Bits of in + 2^(k-1), or of in where no value is negative; the top one then says that in >= 0.
    signal bit[k];
    var offset = sign * (1 << (k - 1));
    var sum = 0;
    for (var i = 0; i < k; i++) {
        bit[i] <-- ((in + offset) >> i) & 1;
        bit[i] * (bit[i] - 1) === 0;
        sum += bit[i] * (1 << i);
    }
    in === sum - offset;

    var magnitudeBits = k - sign;
    var low = 0;
    for (var i = s; i < s + m && i < magnitudeBits; i++) low += bit[i] * (1 << (i - s));
    var high = 0;
    for (var i = s + m; i < magnitudeBits; i++) high += bit[i];

    // high counts set bits, so it is far below the field's order and 0 only if none is set.
    signal saturated;
    signal inverse;
    signal clamped;
    if (s + m < magnitudeBits) {
        inverse <-- high == 0 ? 0 : 1 / high;
        saturated <== high * inverse;
        high * (1 - saturated) === 0;
        clamped <== low + saturated * ((1 << m) - 1 - low);
    } else {
        inverse <== 0;
        saturated <== 0;
        clamped <== low;
    }

    if (sign == 1) {
        out <== bit[k - 1] * clamped;
    } else {
        out <== clamped;
    }
}
