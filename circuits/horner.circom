pragma circom 2.1.6;

// One step of Horner's rule: a polynomial's value at `point`, from the highest coefficient down.
//
// Guarantees: out = sum * point + next in the field.
// Assumes: nothing. `next` stands in the C position alone and may be any linear form.
template Horner() {
    signal input sum;
    signal input next;
    signal input point;
    signal output out;
    out <== sum * point + next;
}
