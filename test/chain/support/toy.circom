pragma circom 2.1.0;

// Has the layout of a model's public signals (output, context, inputs) and next to no constraints.
template Toy(n) {
    signal input context;
    signal input in[n];
    signal input y;
    signal output out;
    signal square[n + 1];
    out <== y;
    square[n] <== context * context;
    for (var i = 0; i < n; i++) {
        square[i] <== in[i] * in[i];
    }
}

component main {public [context, in]} = Toy(N);
