/** Whether a finished proof directory is this batch's: of the same model, destination and input. Its proof is not verified again. */
import { AssayError } from "../../errors.js";
import { encodeElements } from "../../program/constantBytes.js";
import type { TensorData } from "../../program/types.js";
import { quantizeSample } from "../../quantize/sampleValues.js";
import type { Sample } from "../../samples/samples.js";
import { type BundleContext, PROOF_FILES, toHex } from "../bundle.js";
import type { AuditableModel } from "../compiledModel.js";
import { contextFor, type Destination } from "../prove.js";
import { publicLayout } from "../visibility.js";
import type { StoredProof } from "./store.js";

/**
 * @param where the directory
 * @returns clamped elements of public inputs, by name
 * @throws AssayError BAD_USAGE
 */
export function assertBelongs(stored: StoredProof, model: AuditableModel, destination: Destination, sample: Sample, where: string): Record<string, number> {
  const { bundle } = stored.content;
  const refuse = (what: string): never => {
    const hint = "give the same model, --inputs, --for and --registrant as before, or another directory with -o";
    throw new AssayError("BAD_USAGE", `the directory holds proofs of another batch: this one is ${what}`, { where, hint });
  };
  const { manifest, program } = model;
  if (bundle.modelId !== manifest.modelId || bundle.protocol !== manifest.choices.protocol) refuse("of another model");
  if (bundle.weightsCommitment !== manifest.weightsCommitment) refuse("of other weights");
  const context = contextFor(model, destination);
  const same = (field: keyof BundleContext): boolean => bundle.context[field].toLowerCase() === String(context[field]).toLowerCase();
  if (!same("entryId")) refuse("under another key, or another registrant's");
  if (!(["chainId", "verifier", "jobId", "recipient"] as const).every(same)) refuse("for another destination");
  const { inputs, saturated } = quantizeSample(program, sample);
  const layout = publicLayout(program, manifest.choices.visibilities, manifest.choices.protocol);
  layout.inputs.forEach(({ port, type, visibility }, i) => {
    const data = visibility === "public" ? bundle.inputs[i]?.data : hiddenData(stored, port.name, where);
    if (data !== hexOf(inputs[i], type)) refuse("of another input");
  });
  const shown = layout.inputs.filter(({ visibility }) => visibility === "public").map(({ port }) => [port.name, saturated[port.name]] as const);
  return Object.fromEntries(shown);
}

function hexOf(values: TensorData, type: Parameters<typeof encodeElements>[1]): string {
  return toHex(encodeElements(values, type));
}

function hiddenData({ secrets }: StoredProof, name: string, where: string): string | undefined {
  if (secrets === undefined) {
    throw new AssayError("BAD_USAGE", `${PROOF_FILES.private} is gone, so it cannot be told whether this proof is of the same input`, {
      where,
      hint: "put the file back, or choose another directory with -o",
    });
  }
  return secrets.find((tensor) => tensor.role === "input" && tensor.name === name)?.data;
}
