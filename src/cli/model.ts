export * from "../api/model.js";
