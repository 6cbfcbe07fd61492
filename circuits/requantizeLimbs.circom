pragma circom 2.1.6;

// Rescaling with saturation from limbs: out = min(max(in >> S, 0), 2^m - 1), with >> rounding towards minus infinity.
// out has limbs of 8 bits, the remainder r of rt bits (S = r*rt), the excess e of et bits.
//
//   in = 2^S * (out + excess) + remainder,   excess = 0 unless out is at the end of its range on the excess' side.
//
// The caller multiplies its form by 2^(S - s) for a shift of s, adds the rounding term and moves its lower clamp to 0.
// below = 1 where in >> S can be negative, above = 1 where it can exceed 2^m - 1.
//
// Guarantees: the equation above, if every limb lies in its table.
// Assumes: the caller looks up remainder[] in [0, 2^rt), excess[] in [0, 2^et) and outLimb[] so that 0 <= out < 2^m (this
// template cannot: lookups live outside it); `in` is an integer of known range; S + e*et and S + m stay below 250 bits, so
// nothing wraps.
template RequantizeLimbs(rt, r, et, e, m, below, above) {
    assert(r * rt + e * et < 250 && r * rt + m < 250);
    var outLimbs = (m + 7) \ 8;
    signal input in;
    signal output outLimb[outLimbs];
    signal output remainder[r];
    signal output excess[e];
    // 1 where the excess is above, 0 where it is below; either where it is 0.
    signal sign;

    var S = r * rt;
    var max = (1 << m) - 1;
    var top = 1 << 252;
    // in + 2^252 is positive, and 2^252 a multiple of every unit, so integer division rounds towards minus infinity.
    var high = ((in + top) >> S) - (top >> S);
    // circom compares field elements as integers in (-r/2, r/2].
    var isNegative = in < 0 ? 1 : 0;
    var clamped = isNegative == 1 ? 0 : (high > max ? max : high);
    var distance = isNegative == 1 ? -high : high - clamped;

    var out = 0;
    for (var i = 0; i < outLimbs; i++) {
        outLimb[i] <-- (clamped >> (8 * i)) & 255;
        out += outLimb[i] * (1 << (8 * i));
    }
    var rest = 0;
    for (var i = 0; i < r; i++) {
        remainder[i] <-- ((in + top) >> (i * rt)) & ((1 << rt) - 1);
        rest += remainder[i] * (1 << (i * rt));
    }
    var size = 0;
    for (var i = 0; i < e; i++) {
        excess[i] <-- (distance >> (i * et)) & ((1 << et) - 1);
        size += excess[i] * (1 << (i * et));
    }

    if (below == 1 && above == 1) {
        sign <-- 1 - isNegative;
        sign * (sign - 1) === 0;
        (2 * sign - 1) * (size * (1 << S)) === in - out * (1 << S) - rest;
        (out - max * sign) * size === 0;
    } else if (below == 1) {
        sign <== 0;
        in === (out - size) * (1 << S) + rest;
        out * size === 0;
    } else if (above == 1) {
        sign <== 1;
        in === (out + size) * (1 << S) + rest;
        (max - out) * size === 0;
    } else {
        sign <== 0;
        in === out * (1 << S) + rest;
    }
}
