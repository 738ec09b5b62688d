"""Usual slips in training a language model: what is compared, when to step, what is recorded."""

from tests.mutants import Mutant

FILE = "train_lm.py"
LOSS = "return loss_fn(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())"
CLIP = "FitOptions(epochs=1, clip_norm=CLIP_NORM)"
EVERY = "every = max(1, int(num_sequences * 0.1) // batch_size)"
BOTH = ("q10.training", "q10.validation")


def _slip(name: str, old: str, new: str, fails: tuple[str, ...], mistake: str = "") -> Mutant:
    return Mutant(name, FILE, ((old, new),), fails, mistake)


MUTANTS = [
    _slip(
        "targets are not shifted",
        LOSS,
        "return loss_fn(logits.flatten(0, 1), tokens.flatten())",
        BOTH,
        "the targets are not shifted",
    ),
    _slip(
        "the last prediction is scored",
        LOSS,
        "return loss_fn(logits.flatten(0, 1), tokens.roll(-1, 1).flatten())",
        BOTH,
        "the last prediction counts as well",
    ),
    _slip(
        "shifted the wrong way",
        LOSS,
        "return loss_fn(logits[:, 1:].flatten(0, 1), tokens[:, :-1].flatten())",
        BOTH,
        "the targets are shifted the wrong way",
    ),
    _slip(
        "flattened along different axes",
        LOSS,
        "return loss_fn(logits[:, :-1].flatten(0, 1), tokens[:, 1:].T.flatten())",
        BOTH,
        "logits and targets are flattened in different orders",
    ),
    _slip(
        "no clipping", CLIP, "FitOptions(epochs=1)", ("q10.training",), "gradients are not clipped"
    ),
    Mutant(
        "clipped after the step",
        "train.py",
        (
            (
                """        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
""",
                """        optimizer.step()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
""",
            ),
        ),
        ("q10.training",),
        "gradients are not clipped",
    ),
    _slip(
        "one batch too few",
        "steps = num_sequences // batch_size",
        "steps = num_sequences // batch_size - 1",
        ("q10.training",),
        "one batch too few",
    ),
    _slip(
        "one batch too many",
        "steps = num_sequences // batch_size",
        "steps = num_sequences // batch_size + 1",
        ("q10.training",),
        "one batch too many",
    ),
    _slip(
        "validate leaves gradients on",
        "@torch.no_grad()\ndef validate",
        "def validate",
        ("q10.validation",),
    ),
    _slip("validate in training mode", "    lm.eval()\n", "    lm.train()\n", ("q10.validation",)),
    _slip(
        "validation losses are added up",
        "return sum(losses) / len(losses)",
        "return sum(losses) / len(losses) * 2",
        ("q10.validation",),
    ),
    _slip(
        "the mean over too many batches",
        "train_losses.append(round(epoch.loss, 6))",
        "train_losses.append(round(epoch.loss * stretch / (stretch + 1), 6))",
        ("q10.records",),
    ),
    _slip(
        "a record after every batch",
        EVERY,
        "every = 1",
        ("q10.records",),
        "a record after every batch",
    ),
    _slip("a record every fifth of the way", EVERY, EVERY.replace("0.1", "0.2"), ("q10.records",)),
    _slip(
        "validated on the training data",
        "partial(validate, lm, valid_data,",
        "partial(validate, lm, train_data,",
        ("q10.records",),
        "validated on the training data",
    ),
]
