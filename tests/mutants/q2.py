"""Usual slips in regression."""

from tests.mutants import Mutant

MODEL, LOSS, TRAIN = "models/regression.py", "losses.py", "train.py"
OUTPUT = "return self.output(bends)"
MEAN = "return functional.mse_loss(prediction, target)"
BEGIN = "# BEGIN SOLUTION q2.training: minimise the regression loss"
EPOCHS = "epochs=300"

MUTANTS = [
    Mutant(
        "the last axis is dropped",
        MODEL,
        ((OUTPUT, "return self.output(bends).squeeze(1)"),),
        fails=("q2.shape",),
        mistake="the last axis is dropped",
    ),
    Mutant(
        "a factor of one half",
        LOSS,
        ((MEAN, "return 0.5 * functional.mse_loss(prediction, target)"),),
        fails=("q2.loss",),
        mistake="a factor of one half",
    ),
    Mutant(
        "summed instead of averaged",
        LOSS,
        ((MEAN, "return (prediction - target).square().sum()"),),
        fails=("q2.loss",),
        mistake="the loss is summed instead of averaged",
    ),
    Mutant(
        "not averaged",
        LOSS,
        ((MEAN, "return (prediction - target).square()"),),
        fails=("q2.loss",),
        mistake="the loss is not averaged",
    ),
    Mutant(
        "an absolute error",
        LOSS,
        ((MEAN, "return functional.l1_loss(prediction, target)"),),
        fails=("q2.loss",),
        mistake="an absolute error",
    ),
    Mutant(
        "the differences are not squared",
        LOSS,
        ((MEAN, "return (prediction - target).mean()"),),
        fails=("q2.loss", "q2.gradient"),
        mistake="the differences are not squared",
    ),
    Mutant(
        "every prediction meets every target",
        LOSS,
        ((MEAN, "return (prediction - target.squeeze(1)).square().mean()"),),
        fails=("q2.loss", "q2.gradient"),
        mistake="every prediction meets every target",
    ),
    Mutant(
        "no gradient to the target",
        LOSS,
        ((MEAN, "return functional.mse_loss(prediction, target.detach())"),),
        fails=("q2.gradient",),
        mistake="no gradient reaches the target",
    ),
    Mutant(
        "the loss is a new tensor",
        LOSS,
        ((MEAN, "return functional.mse_loss(prediction, target).detach()"),),
        fails=("q2.gradient",),
        mistake="no gradient reaches the prediction",
    ),
    Mutant(
        "training returns at once",
        TRAIN,
        ((BEGIN, "return"),),
        fails=("q2.learns",),
        mistake="the model was not trained",
    ),
    Mutant(
        "a ReLU on the last layer",
        MODEL,
        ((OUTPUT, "return torch.relu(self.output(bends))"),),
        fails=("q2.learns",),
        mistake="a ReLU on the last layer",
        also=((TRAIN, EPOCHS, "epochs=5"),),
    ),
    Mutant(
        "too few passes",
        TRAIN,
        ((EPOCHS, "epochs=2"),),
        fails=("q2.learns",),
    ),
    Mutant(
        "the sine is written into the model",
        MODEL,
        ((OUTPUT, "return x.sin() + 0 * self.output(bends)"),),
        fails=("q2.learns",),
        mistake="the curve was known before training",
        also=((TRAIN, BEGIN, "return"),),
    ),
]
