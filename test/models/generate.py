"""Writes the models beside this file, as exporters write them, and models.json, which says what to feed them.

Made with PyTorch 1.13, scikit-learn 1.2 and onnx 1.12 (Debian 12: python3-torch python3-sklearn python3-onnx):

    python3 generate.py [name ...]

Weights are seeded. A model comes with the range that each of its inputs is drawn from, uniformly: reals, integers, or truth
values. Classical models are written node by node the way skl2onnx and the compilers of trees to tensors do.
"""
import io
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from torch import nn

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
ONLY = set(sys.argv[1:])
LISTED = {}


def listed(name, ranges, content):
    """content() gives the bytes of the file."""
    LISTED[name] = ranges
    if ONLY and name not in ONLY:
        return
    torch.manual_seed(7)
    np.random.seed(7)
    (HERE / f"{name}.onnx").write_bytes(content())


# ---- PyTorch

class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


DTYPES = {"float": torch.float32, "int64": torch.int64, "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool}


def drawn(shape, low, high, dtype):
    if dtype == "float":
        return torch.empty(shape).uniform_(low, high)
    return torch.randint(low, high + 1, shape).to(DTYPES[dtype])


def exported(name, make, *inputs, opset=13, fold=True, axes=None):
    """inputs: (shape, low, high[, dtype]). make: a module or its class, or a function of tensors."""
    inputs = [(*given, "float")[:4] for given in inputs]
    names = [f"input{i or ''}" for i in range(len(inputs))]

    def content():
        module = make() if isinstance(make, type) else make
        module = module if isinstance(module, nn.Module) else Function(module)
        module.eval()
        given = tuple(drawn(*each) for each in inputs)
        results = module(*given)
        outputs = ["output"] if torch.is_tensor(results) else [f"output{i}" for i in range(len(results))]
        dynamic = {each: {0: "batch_size"} for each in names + outputs} if axes is None else axes
        file = io.BytesIO()
        torch.onnx.export(module, given, file, opset_version=opset, do_constant_folding=fold, input_names=names,
                          output_names=outputs, dynamic_axes=dynamic)
        return file.getvalue()

    listed(name, {n: [low, high] for n, (_, low, high, _) in zip(names, inputs)}, content)


class Reshaped(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(x.size(0), *self.shape)


class Mobile(nn.Module):
    """Depthwise convolutions, batch norms, clipped activations."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8))
        self.depthwise = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.BatchNorm2d(8))
        self.pointwise = nn.Sequential(nn.Conv2d(8, 8, 1, bias=False), nn.BatchNorm2d(8))
        self.last = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu6(self.first(x))
        x = x + self.pointwise(F.hardswish(self.depthwise(x)))
        return F.log_softmax(self.last(F.adaptive_avg_pool2d(x, 1).flatten(1)), 1)


class SqueezeExcite(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.down, self.up, self.last = nn.Conv2d(3, 6, 3, 1, 1), nn.Conv2d(6, 2, 1), nn.Conv2d(2, 6, 1), nn.Linear(6, 4)

    def forward(self, x):
        x = F.silu(self.conv(x))
        gates = torch.sigmoid(self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))))
        return self.last((x * gates).mean((2, 3)))


class Segmenter(nn.Module):
    """Down, up and a skip connection."""

    def __init__(self):
        super().__init__()
        self.down, self.deep, self.up, self.out = nn.Conv2d(1, 3, 3, 1, 1), nn.Conv2d(3, 6, 3, 1, 1), nn.ConvTranspose2d(6, 3, 2, 2), nn.Conv2d(6, 1, 1)

    def forward(self, x):
        skip = F.relu(self.down(x))
        deep = F.relu(self.deep(F.max_pool2d(skip, 2)))
        return torch.sigmoid(self.out(torch.cat([self.up(deep), skip], 1)))


class Variational(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode, self.mean, self.log_variance = nn.Linear(32, 12), nn.Linear(12, 3), nn.Linear(12, 3)
        self.decode = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 32), nn.Sigmoid())

    def forward(self, x):
        hidden = F.relu(self.encode(x))
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        return self.decode(mean + 0.3 * torch.exp(0.5 * log_variance)), mean, log_variance


class Recurrent(nn.Module):
    """The last output of a recurrent layer, over an embedding if there is a vocabulary."""

    def __init__(self, layer, features, classes=2, vocabulary=0):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, layer.input_size) if vocabulary else nn.Identity()
        self.layer, self.last = layer, nn.Linear(features, classes)

    def forward(self, x):
        return self.last(self.layer(self.embedding(x))[0][:, -1])


class Attention(nn.Module):
    def __init__(self, width, heads, length, fill):
        super().__init__()
        self.project, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.width, self.heads, self.fill = width, heads, fill
        self.register_buffer("hidden", torch.triu(torch.ones(length, length), 1).bool())

    def forward(self, x):
        batch, length, _ = x.size()
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in self.project(x).split(self.width, dim=2))
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(self.width // self.heads)
        weights = scores.masked_fill(self.hidden, self.fill).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(batch, length, self.width))


class Decoder(nn.Module):
    """A language model of one block; the mask holds -inf."""

    def __init__(self, vocabulary=17, length=6, width=12):
        super().__init__()
        self.token, self.place = nn.Embedding(vocabulary, width), nn.Parameter(0.1 * torch.randn(length, width))
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(3)])
        self.attention = Attention(width, 2, length, float("-inf"))
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens):
        x = self.token(tokens) + self.place
        x = x + self.attention(self.norms[0](x))
        x = x + self.mlp(self.norms[1](x))
        return self.head(self.norms[2](x))


class Decomposed(nn.Module):
    """Trend and season of a series, written into slices."""

    def __init__(self):
        super().__init__()
        self.average, self.season, self.trend = nn.AvgPool1d(5, 1), nn.Linear(24, 2), nn.Linear(24, 2)

    def forward(self, x):
        padded = torch.cat([x[:, :1].repeat(1, 2, 1), x, x[:, -1:].repeat(1, 2, 1)], 1)
        trend = self.average(padded.permute(0, 2, 1))
        season = x.permute(0, 2, 1) - trend
        out = torch.zeros(x.size(0), 1, 2)
        out[:, 0, :] = self.season(season[:, 0]) + self.trend(trend[:, 0])
        return out.permute(0, 2, 1)


class ManualNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.rand(width) + 0.5), nn.Parameter(torch.randn(width))

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        layer = centred / torch.sqrt((centred ** 2).mean(-1, keepdim=True) + 1e-6) * self.scale + self.shift
        return layer, x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale


def made(build):
    """A class in the place of one: the weights are drawn when the model is written, after the seed is set."""
    return type("Made", (), {"__new__": lambda cls: build()})


def models_of_torch():
    def lenet():
        convs = [nn.Conv2d(1, 2, 5, 2), nn.ReLU(), nn.Conv2d(2, 3, 5, 2), nn.ReLU(), nn.Flatten()]
        return nn.Sequential(*convs, nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 10))

    def generator():
        up = [nn.Linear(6, 32), Reshaped(8, 2, 2), nn.ConvTranspose2d(8, 4, 4, 2, 1), nn.BatchNorm2d(4), nn.LeakyReLU(0.2)]
        return nn.Sequential(*up, nn.Upsample(scale_factor=2), nn.Conv2d(4, 1, 3, 1, 1), nn.Tanh())

    square = ((1, 1, 28, 28), 0, 1)
    exported("lenet", made(lenet), square, opset=10)
    exported("generator", made(generator), ((1, 6), -2, 2), opset=11)
    exported("mobile", Mobile, ((1, 3, 12, 12), 0, 1), opset=13)
    exported("squeeze_excite", SqueezeExcite, ((1, 3, 6, 6), 0, 1), opset=11)
    exported("segmenter", Segmenter, ((1, 1, 8, 8), 0, 1), opset=11)
    exported("variational", Variational, ((1, 32), 0, 1), opset=9)
    exported("lstm_text", made(lambda: Recurrent(nn.LSTM(6, 8, batch_first=True), 8, vocabulary=20)), ((1, 5), 0, 19, "int64"))
    exported("lstm_both_ways", made(lambda: Recurrent(nn.LSTM(4, 5, bidirectional=True, batch_first=True), 10)), ((1, 4, 4), -1, 1), opset=14)
    exported("gru_unfolded", made(lambda: Recurrent(nn.GRU(4, 6, batch_first=True), 6)), ((1, 5, 4), -1, 1), opset=14, fold=False)
    exported("rnn_relu", made(lambda: Recurrent(nn.RNN(4, 6, nonlinearity="relu", batch_first=True), 6)), ((1, 5, 4), -1, 1), opset=12)
    exported("encoder", made(lambda: nn.TransformerEncoderLayer(12, 2, 24, batch_first=True)), ((1, 5, 12), -2, 2), opset=14)
    exported("decoder", Decoder, ((1, 6), 0, 16, "int64"), opset=13)
    exported("attention_1e9", made(lambda: Attention(8, 2, 5, -1e9)), ((1, 5, 8), -2, 2), opset=10)
    exported("decomposed", Decomposed, ((1, 24, 1), 0, 1), opset=15)
    exported("norms_by_hand", made(lambda: ManualNorm(10)), ((1, 3, 10), -2, 2), opset=11)
    exported("group_norm", made(lambda: nn.GroupNorm(2, 4)), ((1, 4, 3, 3), -1, 1), opset=14)
    exported("instance_norm", made(lambda: nn.InstanceNorm2d(3, affine=True)), ((1, 3, 4, 4), -1, 1), opset=10)
    exported("layer_norm_17", made(lambda: nn.LayerNorm(16)), ((1, 4, 16), -2, 2), opset=17)
    exported("rounding", lambda a, b, c: (torch.round(a), torch.floor(b), torch.ceil(c)), *[((1, 2, 4), -3, 3)] * 3, opset=16)
    exported("logic", lambda a, b, c, d: ((a & b) & (b & (c ^ d)), ~a | d), *[((1, 6), 0, 1, "bool")] * 4, opset=15)
    exported("shifts", lambda a, b: (a << 2, b >> 3, (a - b) % 7, a // 3), *[((1, 5), 0, 100, "int32")] * 2, opset=16)
    exported("both_ends", lambda x: x.topk(4).values + x.topk(4, largest=False).values, ((1, 6), 0, 9, "int64"), opset=14)
    exported("hard_max", lambda x: F.one_hot(torch.argmax(x, -1), 8), ((1, 8), -1, 1), opset=17)
    exported("gather_elements", lambda x, i: torch.gather(x, 1, i), ((1, 7, 5), -1, 1), ((1, 7, 2), 0, 6, "int64"), opset=15)
    exported("scatter_elements", lambda x, i, u: torch.scatter(x, 1, i, u), ((1, 7, 5), -1, 1), ((1, 3, 2), 0, 6, "int64"), ((1, 3, 2), -1, 1), opset=16)
    exported("word_mean", made(lambda: nn.Sequential(nn.Embedding(20, 6), Function(lambda x: x.mean(1)), nn.Linear(6, 3), nn.Softmax(1))), ((1, 7), 0, 19, "int64"), opset=11)
    exported("einsum", lambda x, y: torch.einsum("bhid,bhjd->bhij", x, y), ((1, 2, 4, 3), -1, 1), ((1, 2, 5, 3), -1, 1), opset=12)
    exported("remainders", lambda x: (x % 0.5, torch.fmod(x, 0.3)), ((1, 8), -1, 1), opset=17)
    exported("resized", lambda x: (F.interpolate(x, scale_factor=2), F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)), ((1, 2, 3, 3), -1, 1), opset=11)
    exported("norm_pool", made(lambda: nn.LPPool2d(2, 2)), ((1, 2, 6, 6), 0, 1), opset=10)
    exported("curves", lambda x: (F.gelu(x), F.elu(x), F.selu(x), F.mish(x), F.softplus(x), F.softsign(x), F.hardswish(x), F.hardsigmoid(x), F.celu(x, 0.4)), ((1, 8), -3, 3), opset=14)
    exported("waves", lambda x: (torch.sin(x), torch.cos(x), torch.atan(x), torch.asin(x), torch.tan(x)), ((1, 8), -0.9, 0.9), opset=9)
    exported("spread", lambda x: (torch.var(x, dim=1), torch.std(x, dim=1), torch.logsumexp(x, 1), torch.norm(x, p=1, dim=1)), ((1, 8, 3), -1, 1), opset=13)
    exported("chosen", lambda x, y: torch.where((x > y) | (x <= -0.5), x * 2, torch.minimum(-x, y)), *[((1, 12), -1, 1)] * 2, opset=12)
    exported("shuffled", lambda x: F.pixel_shuffle(x, 2).flip([2]).roll(1, 3), ((1, 8, 3, 3), -1, 1), opset=11)
    exported("image_bytes", made(lambda: nn.Sequential(Function(lambda x: x.permute(0, 3, 1, 2).float() / 255 - 0.5), nn.Conv2d(3, 4, 3), nn.PReLU(4), nn.Flatten(), nn.Linear(64, 3))), ((1, 6, 6, 3), 0, 255, "uint8"), opset=13)
    exported("temporal", made(lambda: nn.Sequential(nn.Conv1d(2, 4, 3, padding=2, dilation=2), nn.Tanh(), nn.Conv1d(4, 3, 3), Function(lambda x: x.max(2)[0]))), ((1, 2, 12), -1, 1), opset=12)


# ---- Classical models

def graph(name, nodes, inputs, outputs, constants, ranges, opset=15, classical=None):
    """inputs and outputs: name -> (type, shape); an output without a type makes maps."""
    def content():
        declared = [helper.make_tensor_value_info(key, *value) for key, value in inputs.items()]
        results = [map_output(key) if value is None else helper.make_tensor_value_info(key, *value) for key, value in outputs.items()]
        weights = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
        opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid("ai.onnx.ml", classical)] if classical else [])
        made = helper.make_model(helper.make_graph(nodes, name, declared, results, weights), opset_imports=opsets, ir_version=8)
        return made.SerializeToString()

    listed(name, ranges, content)


def map_output(name):
    output = helper.make_empty_tensor_value_info(name)
    maps = output.type.sequence_type.elem_type.map_type
    maps.key_type, maps.value_type.tensor_type.elem_type = TensorProto.INT64, TensorProto.FLOAT
    return output


def ml(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, domain="ai.onnx.ml", **attributes)


node = helper.make_node


def tree_attributes(trees, prefix, weights):
    """trees: sklearn's tree_ objects; weights(tree index, tree, leaf) gives pairs of target and weight."""
    columns = {f"nodes_{key}": [] for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    columns.update({f"{prefix}_{key}": [] for key in ("treeids", "nodeids", "ids", "weights")})
    for index, tree in enumerate(trees):
        for at in range(tree.node_count):
            leaf = tree.children_left[at] < 0
            row = [index, at, 0, 0.0, "LEAF", 0, 0] if leaf else [
                index, at, int(tree.feature[at]), float(np.float32(tree.threshold[at])), "BRANCH_LEQ", int(tree.children_left[at]), int(tree.children_right[at])]
            for column, value in zip(("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids"), row):
                columns[f"nodes_{column}"].append(value)
            for target, weight in weights(index, tree, at) if leaf else ():
                for column, value in zip(("treeids", "nodeids", "ids", "weights"), (index, at, target, float(weight))):
                    columns[f"{prefix}_{column}"].append(value)
    return columns


def shares(tree, leaf):
    return tree.value[leaf][0] / tree.value[leaf][0].sum()


class ByMatrices(nn.Module):
    """One tree as three products of matrices, as compilers of trees to tensors write small ones."""

    def __init__(self, tree, features):
        super().__init__()
        inner = [at for at in range(tree.node_count) if tree.children_left[at] >= 0]
        leaves = [at for at in range(tree.node_count) if tree.children_left[at] < 0]
        select, paths, lefts = np.zeros((len(inner), features), "f"), np.zeros((len(leaves), len(inner)), "f"), np.zeros((len(leaves), 1), "f")
        for row, at in enumerate(inner):
            select[row, tree.feature[at]] = 1
            for side, child in ((1, tree.children_left[at]), (-1, tree.children_right[at])):
                for leaf in below(tree, child):
                    paths[leaves.index(leaf), row] = side
                    lefts[leaves.index(leaf)] += side == 1
        for name, value in (("select", select), ("thresholds", tree.threshold[inner].astype("f")[:, None]), ("paths", paths), ("lefts", lefts),
                            ("values", np.array([shares(tree, leaf) for leaf in leaves], "f").T.copy())):
            self.register_buffer(name, torch.tensor(value))

    def forward(self, x):
        holds = (torch.mm(self.select, x.t()) <= self.thresholds).float()
        reached = (torch.mm(self.paths, holds) == self.lefts).float()
        scores = torch.mm(self.values, reached).t()
        return scores.argmax(1), scores


def below(tree, at):
    if tree.children_left[at] < 0:
        return [at]
    return below(tree, tree.children_left[at]) + below(tree, tree.children_right[at])


class ByTraversal(nn.Module):
    """Several trees, level by level, with indices that the model computes."""

    def __init__(self, trees):
        super().__init__()
        size = max(tree.node_count for tree in trees)
        self.count, self.depth = len(trees), max(tree.max_depth for tree in trees)
        left, right, feature = (np.zeros((len(trees), size), np.int64) for _ in range(3))
        threshold, value = np.zeros((len(trees), size), "f"), np.zeros((len(trees), size, 3), "f")
        for t, tree in enumerate(trees):
            for at in range(tree.node_count):
                leaf = tree.children_left[at] < 0
                left[t, at], right[t, at] = (at, at) if leaf else (tree.children_left[at], tree.children_right[at])
                feature[t, at], threshold[t, at] = (0, 0) if leaf else (tree.feature[at], tree.threshold[at])
                value[t, at] = shares(tree, at) / len(trees) if leaf else 0
        for name, array in (("left", left), ("right", right), ("feature", feature), ("threshold", threshold)):
            self.register_buffer(name, torch.tensor(array.reshape(-1)))
        self.register_buffer("value", torch.tensor(value.reshape(-1, 3)))
        self.register_buffer("start", torch.arange(len(trees))[None] * size)

    def forward(self, x):
        at = self.start.expand(x.shape[0], self.count).reshape(-1)
        take = lambda table: torch.index_select(table, 0, at).view(-1, self.count)
        for _ in range(self.depth):
            goes_left = torch.gather(x, 1, take(self.feature)) <= take(self.threshold)
            at = (torch.where(goes_left, take(self.left), take(self.right)) + self.start).view(-1)
        scores = torch.index_select(self.value, 0, at).view(-1, self.count, 3).sum(1)
        return scores.argmax(1), scores


def classical_models():
    x, y = load_iris(return_X_y=True)
    dx, dy = load_diabetes(return_X_y=True)
    iris = {"X": [0.1, 7.9]}
    floats, label = (TensorProto.FLOAT, [None, 4]), (TensorProto.INT64, [None])
    scores = (TensorProto.FLOAT, [None, 3])
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, y).tree_
    forest = [each.tree_ for each in RandomForestClassifier(6, max_depth=4, random_state=0).fit(x, y).estimators_]
    boosted = [each.tree_ for row in GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=0).fit(x, y).estimators_ for each in row]
    regressor = [row[0].tree_ for row in GradientBoostingRegressor(n_estimators=8, max_depth=3, random_state=0).fit(dx, dy).estimators_]

    def classifier(name, trees, weights, zipped=False, **attributes):
        columns = {**tree_attributes(trees, "class", weights), "classlabels_int64s": [0, 1, 2], **attributes}
        nodes = [ml("TreeEnsembleClassifier", ["X"], ["label", "probabilities"], **columns), node("Cast", ["label"], ["output_label"], to=TensorProto.INT64)]
        if zipped:
            nodes.append(ml("ZipMap", ["probabilities"], ["output_probability"], classlabels_int64s=[0, 1, 2]))
        outputs = {"output_label": label, **({"output_probability": None} if zipped else {"probabilities": scores})}
        graph(name, nodes, {"X": floats}, outputs, {}, iris, classical=1)

    classifier("decision_tree_zipmap", [tree], lambda _, t, leaf: enumerate(shares(t, leaf)), zipped=True, post_transform="NONE")
    classifier("random_forest", forest, lambda _, t, leaf: enumerate(shares(t, leaf) / len(forest)), post_transform="NONE")
    classifier("gradient_boosting", boosted, lambda i, t, leaf: [(i % 3, 0.1 * t.value[leaf][0][0])], post_transform="SOFTMAX", base_values=[-1.1] * 3)
    columns = tree_attributes(regressor, "target", lambda _, t, leaf: [(0, 0.1 * t.value[leaf][0][0])])
    graph("tree_regressor", [ml("TreeEnsembleRegressor", ["X"], ["variable"], n_targets=1, base_values=[float(dy.mean())], **columns)],
          {"X": (TensorProto.FLOAT, [None, 10])}, {"variable": (TensorProto.FLOAT, [None, 1])}, {}, {"X": [-0.1, 0.1]}, classical=3)

    logistic = LogisticRegression(max_iter=500).fit(x, y)
    linear = ml("LinearClassifier", ["X"], ["label", "raw"], classlabels_ints=[0, 1, 2], coefficients=logistic.coef_.reshape(-1).tolist(),
                intercepts=logistic.intercept_.tolist(), multi_class=1, post_transform="SOFTMAX")
    graph("logistic", [linear, ml("Normalizer", ["raw"], ["probabilities"], norm="L1")], {"X": floats}, {"label": label, "probabilities": scores}, {}, iris, classical=1)

    centre, spread = x.mean(0), x.std(0)
    mlp = MLPClassifier((8,), max_iter=800, random_state=0).fit((x - centre) / spread, y)
    layers = {"w0": mlp.coefs_[0].astype("f"), "b0": mlp.intercepts_[0].astype("f"), "w1": mlp.coefs_[1].astype("f"), "b1": mlp.intercepts_[1].astype("f")}
    nodes = [
        ml("Scaler", ["X"], ["scaled"], offset=centre.tolist(), scale=(1 / spread).tolist()),
        node("MatMul", ["scaled", "w0"], ["m0"]), node("Add", ["m0", "b0"], ["a0"]), node("Relu", ["a0"], ["h"]),
        node("MatMul", ["h", "w1"], ["m1"]), node("Add", ["m1", "b1"], ["a1"]), node("Softmax", ["a1"], ["probabilities"], axis=1),
        node("ArgMax", ["probabilities"], ["class"], axis=1), ml("ArrayFeatureExtractor", ["classes", "class"], ["found"]),
        node("Reshape", ["found", "flat"], ["row"]), node("Cast", ["row"], ["label"], to=TensorProto.INT64),
    ]
    constants = {**layers, "classes": np.array([3, 5, 9], np.int32), "flat": np.array([-1])}
    graph("scaled_mlp", nodes, {"X": floats}, {"label": label, "probabilities": scores}, constants, iris, classical=1)

    svc = SVC(random_state=0).fit(x[:100], y[:100])
    vectors = ml("SVMRegressor", ["X"], ["margin"], coefficients=svc.dual_coef_[0].tolist(), support_vectors=svc.support_vectors_.reshape(-1).tolist(),
                 n_supports=len(svc.support_vectors_), kernel_type="RBF", kernel_params=[float(svc._gamma), 0.0, 3.0], rho=[float(svc.intercept_[0])])
    graph("support_vectors", [vectors], {"X": floats}, {"margin": (TensorProto.FLOAT, [None, 1])}, {}, iris, classical=1)

    exported("tree_by_matrices", ByMatrices(tree, 4), ((1, 4), 0.1, 7.9), opset=11)
    exported("trees_by_traversal", ByTraversal(forest[:3]), ((1, 4), 0.1, 7.9), opset=11)


# ---- Other exporters

def other_models():
    random = np.random.RandomState(3)
    normal = lambda *shape: random.randn(*shape).astype("f")
    image = (TensorProto.FLOAT, ["unk__1", 8, 8, 1])
    keras = [
        node("Transpose", ["in"], ["nchw"], perm=[0, 3, 1, 2]), node("Conv", ["nchw", "w"], ["c"], kernel_shape=[3, 3], auto_pad="SAME_UPPER", strides=[2, 2]),
        node("Add", ["c", "cb"], ["biased"]), node("Relu", ["biased"], ["r"]), node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Transpose", ["p"], ["nhwc"], perm=[0, 2, 3, 1]), node("Reshape", ["nhwc", "flat"], ["f"]), node("MatMul", ["f", "d"], ["m"]),
        node("Add", ["m", "db"], ["a"]), node("Softmax", ["a"], ["out"], axis=-1),
    ]
    graph("keras_cnn", keras, {"in": image}, {"out": (TensorProto.FLOAT, ["unk__2", 10])},
          {"w": normal(4, 1, 3, 3), "cb": normal(1, 4, 1, 1), "flat": np.array([-1, 16]), "d": normal(16, 10), "db": normal(10)}, {"in": [0, 1]}, opset=13)

    step, zero = np.array(0.01, "f"), np.array(100, np.uint8)
    quantized = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "z"], ["d"]), node("DequantizeLinear", ["w", "ws", "wz"], ["dw"], axis=0),
        node("Gemm", ["d", "dw", "b"], ["g"], transB=1), node("Relu", ["g"], ["r"]), node("QuantizeLinear", ["r", "os", "z"], ["oq"]),
        node("DequantizeLinear", ["oq", "os", "z"], ["y"]),
    ]
    graph("quantize_dequantize", quantized, {"x": (TensorProto.FLOAT, ["N", 6])}, {"y": (TensorProto.FLOAT, ["N", 4])},
          {"s": step, "z": zero, "w": random.randint(-127, 128, (4, 6)).astype(np.int8), "ws": (0.02 * random.rand(4)).astype("f"), "wz": np.zeros(4, np.int8),
           "b": normal(4), "os": np.array(0.02, "f")}, {"x": [-1, 1]}, opset=13)
    integers = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("QLinearConv", ["q", "s", "z", "w", "ws", "wz", "os", "oz", "b"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("DequantizeLinear", ["c", "os", "oz"], ["y"]),
    ]
    graph("integer_conv", integers, {"x": (TensorProto.FLOAT, ["N", 2, 5, 5])}, {"y": (TensorProto.FLOAT, ["N", 3, 5, 5])},
          {"s": np.array(1 / 255, "f"), "z": np.array(0, np.uint8), "w": random.randint(-127, 128, (3, 2, 3, 3)).astype(np.int8), "ws": np.array([0.01, 0.02, 0.015], "f"),
           "wz": np.zeros(3, np.int8), "os": np.array(0.05, "f"), "oz": np.array(128, np.uint8), "b": random.randint(-100, 100, 3).astype(np.int32)}, {"x": [0, 1]}, opset=13)

    for name, code, kind in (("half_mlp", TensorProto.FLOAT16, np.float16), ("double_mlp", TensorProto.DOUBLE, np.float64)):
        nodes = [node("Gemm", ["x", "w", "b"], ["m"]), node("Tanh", ["m"], ["t"]), node("MatMul", ["t", "v"], ["y"])]
        graph(name, nodes, {"x": (code, ["N", 5])}, {"y": (code, ["N", 2])},
              {"w": random.randn(5, 6).astype(kind), "b": random.randn(6).astype(kind), "v": random.randn(6, 2).astype(kind)}, {"x": [-1, 1]}, opset=13)


models_of_torch()
classical_models()
other_models()
lines = [f"  {json.dumps(name)}: {json.dumps(ranges)}" for name, ranges in LISTED.items()]
(HERE / "models.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
