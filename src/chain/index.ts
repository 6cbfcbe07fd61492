export { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID, type EmbeddedNode, startAnvil, type StartAnvilOptions } from "./anvil.js";
export { connect, type Connection, type ConnectOptions } from "./connect.js";
export { deploy, type DeployedAddresses, deployedAddresses, requireDeployed, verifierOf } from "./deploy.js";
export { readEntry, type RegistryEntry } from "./readEntry.js";
export { registerModel, type RegisterResult, type Registration } from "./registerModel.js";
export { submitProof, type SubmitResult } from "./submitProof.js";
export type { ElementTypeName, RegisteredTensor, VisibilityName } from "./tensors.js";
export type { ProofSubmission } from "./verifyCall.js";
export { verifyProof } from "./verifyProof.js";
