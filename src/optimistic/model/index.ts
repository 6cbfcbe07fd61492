export { assertAffordable, type GasEstimate, MAX_CALLDATA, type StepCost, stepCosts, type StepCounts } from "./costs.js";
export { commitInMemory, type CommittedModel } from "./model.js";
export { assertModelMayGo, openModel, writeModel } from "./modelStore.js";
