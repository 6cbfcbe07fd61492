/** Whether a finished proof directory says that it is this batch's: of the same model, destination and input. resume.ts verifies it. */
import { AssayError } from "../../errors.js";
import { encodeElements } from "../../program/constantBytes.js";
import type { TensorData } from "../../program/types.js";
import { quantizeSample } from "../../quantize/sampleValues.js";
import type { Sample } from "../../samples/samples.js";
import { type BundleContext, type BundleTensor, PROOF_FILES, type PrivateTensor, tensorValues, toHex } from "../bundle.js";
import { commitmentOf } from "../commitment.js";
import type { AuditableModel } from "../compiledModel.js";
import { packElements } from "../packing.js";
import { contextFor, type Destination } from "../prove.js";
import { publicLayout, type PublicPort, type Role } from "../visibility.js";
import type { StoredProof } from "./store.js";

/**
 * @param where the directory
 * @returns clamped elements of public inputs, by name
 * @throws AssayError BAD_USAGE; PROOF_INVALID, PROOF_MALFORMED where hidden data are not what the proof commits to
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
    const data = visibility === "public" ? bundle.inputs[i]?.data : hiddenTensor(stored, "input", port.name, where)?.data;
    if (data !== hexOf(inputs[i], type)) refuse("of another input");
  });
  const hashed = [...layout.inputs, ...layout.outputs].filter(({ visibility }) => visibility === "hashed");
  for (const port of hashed) assertOpens(port, bundle[`${port.role}s`][port.index], hiddenTensor(stored, port.role, port.port.name, where));
  const shown = layout.inputs.filter(({ visibility }) => visibility === "public").map(({ port }) => [port.name, saturated[port.name]] as const);
  return Object.fromEntries(shown);
}

function hexOf(values: TensorData, type: Parameters<typeof encodeElements>[1]): string {
  return toHex(encodeElements(values, type));
}

/** Nothing binds data that are neither public nor hashed. */
function assertOpens(port: PublicPort, stated: BundleTensor | undefined, secret: PrivateTensor | undefined): void {
  const { type, elements } = port;
  const values = secret && stated && tensorValues({ ...stated, type, data: secret.data });
  const opens = values?.length === elements && commitmentOf(port, packElements(values, type), BigInt(secret?.salt ?? 0)).toString() === stated?.commitment;
  if (!opens) throw new AssayError("PROOF_INVALID", `the data do not open the commitment to ${port.role} ${port.port.name}`, { where: PROOF_FILES.private });
}

function hiddenTensor({ secrets }: StoredProof, role: Role, name: string, where: string): PrivateTensor | undefined {
  if (secrets === undefined) {
    throw new AssayError("BAD_USAGE", `${PROOF_FILES.private} is gone, so it cannot be told whether this proof is of the same input`, {
      where,
      hint: "put the file back, or choose another directory with -o",
    });
  }
  return secrets.find((tensor) => tensor.role === role && tensor.name === name);
}
