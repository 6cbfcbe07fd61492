/**
 * onnxruntime from 1.29 on reports models (names, hashes of graph and weights) to its vendor unless told not to before it
 * starts; it also keeps a device id and logs. Imported before onnxruntime-node wherever that is.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
