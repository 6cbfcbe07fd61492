/** Operators of the domain ai.onnx.ml. https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md */
import type { Operator } from "../operator.js";
import { arrayFeatureExtractor, featureVectorizer, labelEncoder, oneHotEncoder } from "./encoding.js";
import { linearClassifier, linearRegressor } from "./linear.js";
import { binarizer, imputer, normalizer, scaler } from "./scaling.js";
import { svmClassifier, svmRegressor } from "./svm.js";
import { treeEnsembleClassifier } from "./treeClassifier.js";
import { treeEnsemble, treeEnsembleRegressor } from "./treeRegressor.js";
import { zipMap } from "./zipMap.js";

export const ML_OPERATORS = {
  ArrayFeatureExtractor: arrayFeatureExtractor,
  Binarizer: binarizer,
  FeatureVectorizer: featureVectorizer,
  Imputer: imputer,
  LabelEncoder: labelEncoder,
  LinearClassifier: linearClassifier,
  LinearRegressor: linearRegressor,
  Normalizer: normalizer,
  OneHotEncoder: oneHotEncoder,
  SVMClassifier: svmClassifier,
  SVMRegressor: svmRegressor,
  Scaler: scaler,
  TreeEnsemble: treeEnsemble,
  TreeEnsembleClassifier: treeEnsembleClassifier,
  TreeEnsembleRegressor: treeEnsembleRegressor,
  ZipMap: zipMap,
} satisfies Readonly<Record<string, Operator>>;
