pragma circom 2.1.6;

// gain = max(left, right) - right, from limbs.
//
// Guarantees: gain = max(left - right, 0), if every limb lies in its table.
// Assumes: the caller looks up distance[] in [0, 2^t); left and right are integers of known range; t*g < 250, so nothing wraps.
template MaxLimbs(t, g) {
    assert(t * g < 250);
    signal input left;
    signal input right;
    signal output gain;
    // Limbs of |left - right|.
    signal output distance[g];
    // 1 where left >= right; either where they are equal.
    signal sign;

    var difference = left - right;
    var isNegative = difference < 0 ? 1 : 0;
    var absolute = isNegative == 1 ? -difference : difference;
    var size = 0;
    for (var i = 0; i < g; i++) {
        distance[i] <-- (absolute >> (i * t)) & ((1 << t) - 1);
        size += distance[i] * (1 << (i * t));
    }
    sign <-- 1 - isNegative;
    sign * (sign - 1) === 0;
    (2 * sign - 1) * size === left - right;
    gain <== sign * size;
}
