"""Usual slips in attention."""

from tests.mutants import Mutant

FILE = "models/attention.py"
SCALE = "scores = queries @ keys.movedim(1, 2) / math.sqrt(self.layer_size)"
MASK = "scores = scores.masked_fill(visible == 0, -math.inf)"

MUTANTS = [
    Mutant(
        "one layer serves as query and key",
        FILE,
        (
            ("        self.k_layer = nn.Linear(layer_size, layer_size)\n", ""),
            ("self.k_layer(x)", "self.q_layer(x)"),
        ),
        fails=("q6.layers",),
    ),
    Mutant(
        "a layer without a bias",
        FILE,
        (
            (
                "self.v_layer = nn.Linear(layer_size, layer_size)",
                "self.v_layer = nn.Linear(layer_size, layer_size, bias=False)",
            ),
        ),
        fails=("q6.layers",),
    ),
    Mutant(
        "a leading axis is kept from the mask",
        FILE,
        (("visible = self.mask[0, 0, :time, :time]", "visible = self.mask[:, :, :time, :time]"),),
        fails=("q6.shapes",),
        mistake="a leading axis is kept from the mask",
    ),
    Mutant(
        "the mask is not cut to the sequence",
        FILE,
        (("visible = self.mask[0, 0, :time, :time]", "visible = self.mask[0, 0]"),),
        fails=("q6.shapes",),
    ),
    Mutant(
        "scaled by C",
        FILE,
        ((SCALE, "scores = queries @ keys.movedim(1, 2) / self.layer_size"),),
        fails=("q6.values",),
        mistake="scaled by C instead of √C",
    ),
    Mutant(
        "not scaled",
        FILE,
        ((SCALE, "scores = queries @ keys.movedim(1, 2)"),),
        fails=("q6.values",),
        mistake="not scaled",
    ),
    Mutant(
        "softmax over the queries",
        FILE,
        (("torch.softmax(scores, dim=-1)", "torch.softmax(scores, dim=-2)"),),
        fails=("q6.values", "q6.causal"),
        mistake="softmax over the wrong axis",
    ),
    Mutant(
        "softmax over the batch",
        FILE,
        (("torch.softmax(scores, dim=-1)", "torch.softmax(scores, dim=0)"),),
        fails=("q6.values", "q6.causal"),
        mistake="softmax over the batch",
    ),
    Mutant(
        "the mask hides what it should show",
        FILE,
        (("visible == 0", "visible == 1"),),
        fails=("q6.values", "q6.causal"),
        mistake="a softmax over nothing but -∞",
    ),
    Mutant(
        "keys ask and queries answer",
        FILE,
        ((SCALE, "scores = keys @ queries.movedim(1, 2) / math.sqrt(self.layer_size)"),),
        fails=("q6.values",),
        mistake="K Qᵀ instead of Q Kᵀ",
    ),
    Mutant(
        "no mask",
        FILE,
        ((MASK, ""),),
        fails=("q6.causal",),
        mistake="the mask is missing",
    ),
    Mutant(
        "the mask after the softmax",
        FILE,
        ((MASK, ""), ("torch.softmax(scores, dim=-1)", "torch.softmax(scores, dim=-1) * visible")),
        fails=("q6.causal",),
        mistake="the mask comes after the softmax",
    ),
    Mutant(
        "a running sum instead of attention",
        FILE,
        (("return self.attention_weights(x) @ self.v_layer(x)", "return x.cumsum(1)"),),
        fails=("q6.values", "q6.causal"),
    ),
    Mutant(
        "the mask on the wrong triangle",
        FILE,
        (("torch.tril(ones)", "torch.triu(ones)"),),
        fails=("q6.values", "q6.causal"),
        mistake="the mask is on the wrong triangle",
    ),
    Mutant(
        "the input comes back as it is",
        FILE,
        (("return self.attention_weights(x) @ self.v_layer(x)", "return x.clone()"),),
        fails=("q6.values", "q6.causal"),
    ),
]
