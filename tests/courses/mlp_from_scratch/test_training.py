import tracemalloc

import numpy as np
import pytest

from courses.mlp_from_scratch.training import Settings, Training, best_epoch, stopping_epoch
from data.fashion import FashionArrays


def arrays(train=23, others=11):
    """Random images of the right size with random labels."""
    parts = []
    for count in (train, others, others):
        parts += [np.random.rand(count, 784), np.random.randint(10, size=count)]
    return FashionArrays(*parts)


def scripted(training, accuracies, monkeypatch):
    """Let the validation accuracy follow a script; the weights still move."""
    script = iter(accuracies)

    def accuracy(split):
        return next(script) if split is training.validation else 0.5

    monkeypatch.setattr(training, "accuracy", accuracy)


def test_the_permutation_is_drawn_first_then_the_layers_w_before_b():
    images = arrays()
    training = Training(images, Settings(random_seed=7))
    np.random.seed(7)
    order = np.random.permutation(23)
    np.testing.assert_array_equal(training.train.X, images.train_x[order])
    np.testing.assert_array_equal(training.train.Y, images.train_y[order])
    for layer, inputs, outputs in (("L1", 784, 128), ("L2", 128, 10)):
        for name, shape in (("W", (inputs, outputs)), ("b", (1, outputs))):
            drawn = np.random.normal(0, 0.1, shape)
            np.testing.assert_array_equal(training.model[layer].params[name], drawn)
    np.testing.assert_array_equal(training.validation.X, images.validation_x)
    np.testing.assert_array_equal(training.test.Y, images.test_y)


def test_training_itself_draws_nothing():
    training = Training(arrays(), Settings(num_epoch=2, minibatch_size=5))
    before = np.random.get_state()
    training.run()
    training.test_accuracy()
    after = np.random.get_state()
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        pytest.param(1, [1] * 23, id="one"),
        pytest.param(5, [5, 5, 5, 5, 3], id="a-smaller-last-one"),
        pytest.param(23, [23], id="all"),
    ],
)
def test_batches_run_through_the_permuted_set_in_order(size, sizes, monkeypatch):
    training = Training(arrays(), Settings(minibatch_size=size, num_epoch=1))
    seen = []
    forward = training.model["L1"].forward

    def watched(x):
        seen.append(x)
        return forward(x)

    steps = []
    training.update = lambda model, rate: steps.append(rate)
    monkeypatch.setattr(training.model["L1"], "forward", watched)
    monkeypatch.setattr(training, "accuracy", lambda split: 0.0)
    training.run()
    assert [len(x) for x in seen] == sizes
    np.testing.assert_array_equal(np.concatenate(seen), training.train.X)
    assert steps == [0.01] * len(sizes)
    assert training.steps == len(sizes)


@pytest.mark.parametrize(
    ("accuracies", "patience", "epochs", "best"),
    [
        pytest.param([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 3, 6, 6, id="still-getting-better"),
        pytest.param([0.5, 0.4, 0.3, 0.2, 0.9, 0.9], 3, 4, 1, id="worse-from-the-start"),
        pytest.param([0.5, 0.5, 0.5, 0.5, 0.9, 0.9], 3, 4, 1, id="as-good-is-not-better"),
        pytest.param([0.5, 0.4, 0.4, 0.6, 0.5, 0.5], 3, 6, 4, id="better-just-in-time"),
        pytest.param([0.5, 0.4, 0.6, 0.6, 0.7, 0.7], 1, 2, 1, id="no-patience"),
        pytest.param([0.5, 0.4, 0.3, 0.2, 0.1, 0.0], None, 6, 1, id="never-stops-early"),
    ],
)
def test_it_stops_after_patience_epochs_without_a_better_validation_accuracy(
    accuracies, patience, epochs, best, monkeypatch
):
    settings = Settings(10, num_epoch=6, early_stopping_patience=patience)
    training = Training(arrays(), settings)
    scripted(training, accuracies, monkeypatch)
    heard = []
    training.run(lambda it: heard.append(it.epochs))
    assert heard == list(range(1, epochs + 1))
    assert training.history.val == accuracies[:epochs]
    assert training.best_epoch == best_epoch(accuracies[:epochs]) == best
    assert training.updates_to_best == 3 * best
    if patience is not None:
        stop = stopping_epoch(accuracies, patience)
        assert stop == epochs if epochs < 6 else stop in (None, 6)


def test_the_test_accuracy_is_that_of_the_best_epoch(monkeypatch):
    training = Training(arrays(), Settings(5, num_epoch=3))
    scripted(training, [0.5, 0.7, 0.6], monkeypatch)
    weights = []
    training.run(lambda it: weights.append(it.model["L1"].params["W"].copy()))
    assert not np.array_equal(weights[1], weights[2])
    monkeypatch.undo()
    measured = training.test_accuracy()
    np.testing.assert_array_equal(training.model["L1"].params["W"], weights[1])
    assert measured == training.accuracy(training.test)


def test_accuracy_counts_over_all_parts_and_both_shapes_of_labels():
    training = Training(arrays(others=2_345), Settings())
    split = training.test
    layers = training.model
    hidden = np.maximum(split.X @ layers["L1"].params["W"] + layers["L1"].params["b"], 0)
    scores = hidden @ layers["L2"].params["W"] + layers["L2"].params["b"]
    wanted = np.mean(scores.argmax(axis=1) == split.Y)
    assert training.accuracy(split) == pytest.approx(wanted)
    split.Y = split.Y[:, None]
    assert training.accuracy(split) == pytest.approx(wanted)


def test_an_update_of_ones_own_replaces_the_step():
    images = arrays()
    calls = []

    def update(model, learning_rate):
        calls.append(learning_rate)

    training = Training(images, Settings(10, learning_rate=0.5, num_epoch=1), update)
    before = training.model["L2"].params["W"].copy()
    training.run()
    assert calls == [0.5] * 3
    np.testing.assert_array_equal(training.model["L2"].params["W"], before)


def test_test_accuracies_are_recorded_on_request():
    settings = Settings(10, num_epoch=2, early_stopping_patience=None)
    without = Training(arrays(), settings)
    without.run()
    assert without.history.test == []
    recorded = Training(arrays(), settings, test_every_epoch=True)
    recorded.run()
    assert len(recorded.history.test) == 2
    assert recorded.history.test[-1] == recorded.accuracy(recorded.test)


def test_memory_does_not_grow_with_epochs():
    training = Training(arrays(), Settings(5, num_epoch=12, early_stopping_patience=None))
    held = []
    tracemalloc.start()
    try:
        training.run(lambda it: held.append(tracemalloc.get_traced_memory()[0]))
    finally:
        tracemalloc.stop()
    # Less than any of L1's arrays: not one of them stays behind.
    assert held[-1] - held[1] < 784 * 128


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"minibatch_size": 0}, "minibatch_size is 0", id="empty-batch"),
        pytest.param({"learning_rate": -0.1}, "learning_rate is -0.1", id="backwards"),
        pytest.param({"learning_rate": float("nan")}, "learning_rate is nan", id="nan"),
        pytest.param({"learning_rate": float("inf")}, "learning_rate is inf", id="infinite"),
        pytest.param({"num_epoch": 0}, "num_epoch is 0", id="no-epochs"),
        pytest.param({"early_stopping_patience": 0}, "patience is 0", id="no-patience"),
        pytest.param({"random_seed": -1}, "random_seed is -1", id="seed"),
        pytest.param({"minibatch_size": 24}, "there are 23 training images", id="large-batch"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Training(arrays(), Settings(**settings))
