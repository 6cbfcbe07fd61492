#!/usr/bin/env node
// An external prover of rapidsnark's interface, KEY WITNESS PROOF PUBLIC, by snarkjs.
import { readFileSync, writeFileSync } from "node:fs";
import { groth16 } from "snarkjs";

const [key, witness, proofPath, publicPath] = process.argv.slice(2);
const { proof, publicSignals } = await groth16.prove(readFileSync(key), readFileSync(witness));
writeFileSync(proofPath, JSON.stringify(proof));
writeFileSync(publicPath, JSON.stringify(publicSignals));
// snarkjs' threads would go on.
process.exit(0);
