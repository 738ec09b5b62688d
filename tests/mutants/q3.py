"""Usual slips in classifying digits."""

from tests.mutants import Mutant

MODEL, LOSS, TRAIN = "models/digits.py", "losses.py", "train.py"
SCORES = "return self.scores(parts)"
BEGIN_LOSS = "# BEGIN SOLUTION q3.loss: the cross-entropy"
BEGIN = "# BEGIN SOLUTION q3.training: minimise the loss, watch the validation accuracy"
EPOCHS = "epochs=max(8, min(60, 240_000 // len(dataset)))"


def _model(name: str, instead: str, fails: str, mistake: str) -> Mutant:
    return Mutant(name, MODEL, ((SCORES, f"return {instead}"),), (fails,), mistake)


def _loss(name: str, instead: str, mistake: str, fails: tuple[str, ...] = ("q3.loss",)) -> Mutant:
    return Mutant(name, LOSS, ((BEGIN_LOSS, f"return {instead}"),), fails, mistake)


MUTANTS = [
    _model(
        "a class instead of scores",
        "self.scores(parts).argmax(dim=1)",
        "q3.shape",
        "a class instead of scores",
    ),
    _model(
        "a softmax in the model",
        "self.scores(parts).softmax(dim=1)",
        "q3.scores",
        "a softmax in the model",
    ),
    _model(
        "a ReLU on the last layer",
        "torch.relu(self.scores(parts))",
        "q3.scores",
        "a ReLU on the last layer",
    ),
    _model(
        "a sigmoid on the last layer",
        "torch.sigmoid(self.scores(parts))",
        "q3.scores",
        "a squashed last layer",
    ),
    _model(
        "a softmax over the batch",
        "self.scores(parts).log_softmax(dim=0)",
        "q3.scores",
        "",
    ),
    _model(
        "the scores do not depend on the image",
        "self.scores(torch.zeros_like(parts))",
        "q3.scores",
        "the scores do not depend on any image",
    ),
    _model(
        "ten pixels instead of scores",
        "x[:, :10] - 0.5",
        "q3.scores",
        "the scores do not depend on any parameter",
    ),
    _loss(
        "softmax is applied twice",
        "functional.cross_entropy(scores.softmax(dim=1), one_hot)",
        "softmax is applied twice",
        ("q3.example", "q3.loss"),
    ),
    _loss(
        "summed instead of averaged",
        'functional.cross_entropy(scores, one_hot, reduction="sum")',
        "the loss is summed instead of averaged",
    ),
    _loss(
        "not averaged",
        'functional.cross_entropy(scores, one_hot, reduction="none")',
        "the loss is not averaged",
    ),
    _loss(
        "the model's own choice is the target",
        "functional.cross_entropy(scores, scores.argmax(dim=1))",
        "the model's own choice is the target",
    ),
    _loss(
        "classes are compared instead of scores",
        "functional.mse_loss(scores.argmax(dim=1).float(), one_hot.argmax(dim=1).float())",
        "",
        ("q3.example", "q3.loss"),
    ),
    _loss(
        "a mean squared error",
        "functional.mse_loss(scores, one_hot)",
        "a mean squared error",
        ("q3.example", "q3.loss"),
    ),
    _loss(
        "no gradient",
        "functional.cross_entropy(scores.detach(), one_hot)",
        "no gradient reaches the scores",
    ),
    Mutant(
        "training returns at once",
        TRAIN,
        ((BEGIN, "return"),),
        fails=("q3.learns",),
        mistake="the model was not trained",
    ),
    Mutant(
        "validation data trained on",
        TRAIN,
        ((BEGIN, "dataset = dataset._validation"), (EPOCHS, "epochs=1")),
        fails=("q3.learns",),
        mistake="validation data trained on",
    ),
    Mutant(
        "the weights have the wrong sign",
        TRAIN,
        ((BEGIN, "return [part.data.neg_() for part in model.parameters()]"),),
        fails=("q3.learns",),
    ),
    Mutant(
        "a ReLU on the last layer, and little training",
        MODEL,
        ((SCORES, "return torch.relu(10 * self.scores(parts))"),),
        fails=("q3.scores", "q3.learns"),
        mistake="a ReLU on the last layer",
        also=((TRAIN, BEGIN, "return [part.data.mul_(2) for part in model.parameters()]"),),
    ),
]
