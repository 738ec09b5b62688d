"""Usual slips in the perceptron."""

from tests.mutants import Mutant

MODEL, TRAIN = "models/perceptron.py", "train.py"
WEIGHTS = "self.w = nn.Parameter(torch.randn(1, dimensions))"
PREDICTION = "return 1 if self(x).item() >= 0 else -1"
SCORE = "return x @ self.w.T"
UPDATE = "model.w += label * x"
WRONG = "if model.get_prediction(x) != label.item():"

MUTANTS = [
    Mutant(
        "the weights are a plain tensor",
        MODEL,
        (
            (
                "self.w = nn.Parameter(torch.randn(1, dimensions))",
                "self.w = torch.randn(1, dimensions)",
            ),
        ),
        fails=("q1.weights",),
        mistake="the weights are not a Parameter",
    ),
    Mutant(
        "the weights stand in a column",
        MODEL,
        (
            ("torch.randn(1, dimensions)", "torch.randn(dimensions, 1)"),
            (SCORE, "return x @ self.w"),
        ),
        fails=("q1.weights",),
    ),
    Mutant(
        "get_weights returns a copy",
        MODEL,
        (("return self.w\n", "return self.w.clone()\n"),),
        fails=("q1.parameter",),
        mistake="get_weights returns a copy or another tensor",
    ),
    Mutant(
        "a bias beside the weights",
        MODEL,
        ((WEIGHTS, f"{WEIGHTS}\n        self.b = nn.Parameter(torch.zeros(1))"),),
        fails=("q1.parameter",),
        mistake="a parameter beside w",
    ),
    Mutant(
        "the score is a mean",
        MODEL,
        ((SCORE, "return (x * self.w).mean()"),),
        fails=("q1.score",),
        mistake="the mean of the products",
    ),
    Mutant(
        "the products are not summed",
        MODEL,
        ((SCORE, "return x * self.w"), ("self(x).item()", "self(x).sum().item()")),
        fails=("q1.score",),
        mistake="the products are not summed",
    ),
    Mutant(
        "prediction 0 at a zero score",
        MODEL,
        ((PREDICTION, "return torch.sign(self(x)).item()"),),
        fails=("q1.prediction",),
        mistake="prediction 0 at a zero score",
    ),
    Mutant(
        "prediction -1 at a zero score",
        MODEL,
        ((PREDICTION, "return 1 if self(x).item() > 0 else -1"),),
        fails=("q1.prediction",),
        mistake="prediction -1 at a zero score",
    ),
    Mutant(
        "0 for the negative class",
        MODEL,
        ((PREDICTION, "return int(self(x).item() >= 0)"),),
        fails=("q1.prediction",),
        mistake="0 for the negative class",
        also=((TRAIN, WRONG, "if (model(x).item() >= 0) != (label.item() > 0):"),),
    ),
    Mutant(
        "a learning rate of one tenth",
        TRAIN,
        ((UPDATE, "model.w += 0.1 * label * x"),),
        fails=("q1.update",),
        mistake="a learning rate other than 1",
    ),
    Mutant(
        "a learning rate of two",
        TRAIN,
        ((UPDATE, "model.w += 2 * label * x"),),
        fails=("q1.update",),
        mistake="a learning rate other than 1",
    ),
    Mutant(
        "no update on a zero score",
        TRAIN,
        ((WRONG, "if model(x).item() * label.item() < 0:"),),
        fails=("q1.update",),
        mistake="no update on a zero score",
    ),
    Mutant(
        "an update on a zero score that is right",
        TRAIN,
        ((WRONG, "if model(x).item() * label.item() <= 0:"),),
        fails=("q1.update",),
        mistake="an update on a zero score that is right",
    ),
    Mutant(
        "updates also on correct points",
        TRAIN,
        (("while mistakes:", "for _ in range(3):"), (WRONG, "if True:")),
        fails=("q1.update", "q1.learns"),
        mistake="updates also on correct points",
    ),
    Mutant(
        "stops after one pass",
        TRAIN,
        (("while mistakes:", "for _ in range(1):"),),
        fails=("q1.update", "q1.learns"),
        mistake="stops after one pass",
    ),
    Mutant(
        "never updates",
        TRAIN,
        (("while mistakes:", "for _ in range(1):"), (UPDATE, "model.w += 0 * x")),
        fails=("q1.update", "q1.learns"),
        mistake="the model was not trained",
    ),
]
