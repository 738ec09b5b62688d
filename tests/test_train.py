import pytest
import torch
from torch import nn, optim
from torch.utils.data import Dataset

import losses
import train
from models import (
    DigitClassificationModel,
    DigitConvolutionalModel,
    LanguageIDModel,
    PerceptronModel,
    RegressionModel,
)
from train import Epoch, FitOptions, fit


class Items(Dataset):
    """What a homework's dataset looks like from outside, without the rest of `data`."""

    def __init__(self, x, label, accuracies=None):
        self.x, self.label = torch.as_tensor(x), torch.as_tensor(label)
        if accuracies is not None:
            self.get_validation_accuracy = iter(accuracies).__next__

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return {"x": self.x[index], "label": self.label[index]}


@pytest.fixture
def layer():
    layer = nn.Linear(1, 1)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def run(layer, options, scores=None, on_epoch=None):
    """Fit y = 1 with one step of exactly -0.1 * gradient an epoch; validation is scripted."""
    batches = [(torch.zeros(3, 1), torch.ones(3, 1))]
    return fit(
        layer,
        batches,
        lambda batch: losses.regression_loss(layer(batch[0]), batch[1]),
        optim.SGD(layer.parameters(), lr=0.1),
        options,
        validate=None if scores is None else iter(scores).__next__,
        on_epoch=on_epoch,
    )


def bias_after(epochs):
    return 1 - 0.8**epochs


def test_it_follows_the_gradient_once_a_batch(layer):
    history = run(layer, FitOptions(epochs=3))
    assert [epoch.number for epoch in history] == [1, 2, 3]
    assert [epoch.loss for epoch in history] == pytest.approx([1, 0.8**2, 0.8**4])
    assert history[0].score is None
    assert layer.bias.item() == pytest.approx(bias_after(3))


def test_it_stops_at_the_target(layer):
    history = run(layer, FitOptions(epochs=9, target=0.5), [0.1, 0.4, 0.5, 0.9])
    assert [epoch.score for epoch in history] == [0.1, 0.4, 0.5]


def test_it_stops_when_patience_is_lost_and_goes_back_to_the_best_weights(layer):
    scores = [0.1, 0.6, 0.5, 0.6, 0.2, 0.9]
    assert len(run(layer, FitOptions(epochs=9, patience=3), scores)) == 5
    assert layer.bias.item() == pytest.approx(bias_after(2))


def test_a_better_score_renews_the_patience(layer):
    scores = [0.1, 0.0, 0.2, 0.1, 0.3, 0.2, 0.1, 0.0]
    assert len(run(layer, FitOptions(epochs=9, patience=2), scores)) == 7


def test_the_last_weights_are_kept_on_request(layer):
    run(layer, FitOptions(epochs=3, keep_best=False), [0.9, 0.1, 0.1])
    assert layer.bias.item() == pytest.approx(bias_after(3))


def test_every_epoch_is_reported(layer):
    seen = []
    history = run(layer, FitOptions(epochs=2), [0.1, 0.2], on_epoch=seen.append)
    assert seen == history
    assert isinstance(seen[0], Epoch)


def test_validation_runs_in_eval_mode_and_training_in_train_mode():
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
    modes = []

    def batch_loss(batch):
        modes.append(("training", model.training))
        return model(batch).sum()

    def validate():
        modes.append(("validation", model.training, torch.is_grad_enabled()))
        return 0.0

    optimizer = optim.SGD(model.parameters(), lr=0.1)
    fit(model, [torch.ones(1, 1)], batch_loss, optimizer, FitOptions(epochs=2), validate=validate)
    assert modes == [("training", True), ("validation", False, False)] * 2


def test_a_long_gradient_is_cut_to_the_given_norm(layer):
    run(layer, FitOptions(epochs=1, clip_norm=0.5))
    assert layer.bias.item() == pytest.approx(0.1 * 0.5)


def test_the_scheduler_steps_once_an_epoch(layer):
    optimizer = optim.SGD(layer.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    batches = [torch.zeros(1, 1)] * 4
    options = FitOptions(epochs=3)
    fit(layer, batches, lambda x: layer(x).sum(), optimizer, options, scheduler=scheduler)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.125)


def test_batches_come_to_the_device_of_the_model_whatever_they_are_made_of():
    batch = {"x": torch.ones(2), "pair": (torch.ones(3), [torch.ones(1), "words"])}
    moved = train.to_device(batch, torch.device("meta"))
    assert moved["x"].is_meta
    assert moved["pair"][0].is_meta
    assert moved["pair"][1][0].is_meta
    assert moved["pair"][1][1] == "words"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"epochs": 0}, "epochs must be above 0, got 0", id="no-epochs"),
        pytest.param({"epochs": 1, "patience": 0}, "patience must be above 0", id="no-patience"),
        pytest.param({"epochs": 1, "clip_norm": -1.0}, "clip_norm must be", id="negative-norm"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        FitOptions(**options)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(FitOptions(epochs=1, target=0.9), id="target"),
        pytest.param(FitOptions(epochs=1, patience=2), id="patience"),
    ],
)
def test_stopping_early_needs_validation(layer, options):
    with pytest.raises(ValueError, match="pass validate as well"):
        run(layer, options)


def test_no_batches_and_a_loss_that_is_no_number_are_errors(layer):
    optimizer, options = optim.SGD(layer.parameters(), lr=1.0), FitOptions(epochs=1)
    with pytest.raises(ValueError, match="batches is empty"):
        fit(layer, [], lambda x: layer(x).sum(), optimizer, options)
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        fit(layer, [torch.full((1, 1), torch.inf)], lambda x: layer(x).sum(), optimizer, options)


@pytest.mark.parametrize(
    ("factor", "updates"),
    [
        pytest.param(-3.0, 0, id="already-right"),
        pytest.param(1.5, 1, id="one-mistake"),
        pytest.param(0.4, 3, id="three-mistakes"),
    ],
)
def test_the_perceptron_adds_the_label_times_the_point(factor, updates):
    model = PerceptronModel(5)
    before = model.w.detach().clone()
    train.train_perceptron(model, Items((factor * before).repeat(500, 1), -torch.ones(500, 1)))
    expected = before - updates * factor * before
    torch.testing.assert_close(model.w.detach(), expected)


def test_the_perceptron_ends_with_a_pass_without_mistakes():
    model, x = PerceptronModel(3), torch.randn(60, 3)
    label = torch.where(x[:, :1] + 2 * x[:, 1:2] - 1 >= 0, 1.0, -1.0)
    x[:, 2] = 1
    train.train_perceptron(model, Items(x, label))
    assert [model.get_prediction(row[None]) for row in x] == label[:, 0].tolist()


def test_words_come_in_batches_of_nearly_equal_length_without_losing_any():
    lengths = torch.randint(1, 11, (300,))
    x = (torch.arange(10) < lengths[:, None]).float()[:, :, None].repeat(1, 1, 47)
    x[:, 0, 0] = torch.arange(1.0, 301)  # tells the words apart
    batches = list(train.WordsByLength(Items(x, torch.eye(5)[lengths % 5]), batch_size=16))
    seen = torch.cat([batch["x"][:, 0, 0] for batch in batches])
    assert sorted(seen.tolist()) == list(range(1, 301))
    for batch in batches:
        here = batch["x"].any(dim=2).sum(dim=1)
        assert batch["x"].shape == (len(here), here.max(), 47)
        assert torch.equal(batch["label"], torch.eye(5)[here % 5])
    padding = sum(int((batch["x"].any(dim=2) == 0).sum()) for batch in batches)
    assert padding < 0.1 * lengths.sum()


def test_shifted_digits_are_the_same_digits_one_pixel_away():
    images = torch.zeros(2, 28, 28)
    images[0, 14, 14], images[1, 5, 20] = 1, 1
    places = set()
    for _ in range(100):
        moved = train.shifted(images.flatten(1)).reshape(2, 28, 28).nonzero()
        first, second = (moved[:, 1:] - torch.tensor([[14, 14], [5, 20]])).tolist()
        assert first == second
        places.add(tuple(first))
    assert places == {(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)}


def test_the_regression_is_well_inside_its_mark():
    x = torch.linspace(-2 * torch.pi, 2 * torch.pi, 200)[:, None]
    model = RegressionModel()
    train.train_regression(model, Items(x, x.sin()))
    assert losses.regression_loss(model(x), x.sin()).item() < 0.003


def striped_digits(count):
    """Images that a classifier can learn in seconds: class c has a bright row 2c + 4."""
    classes = torch.randint(10, (count,))
    images = 0.1 * torch.rand(count, 28, 28)
    images[torch.arange(count), 2 * classes + 4] += 0.8
    return images.flatten(1), torch.eye(10)[classes]


def accuracy(model, x, label):
    return (model(x).argmax(dim=1) == label.argmax(dim=1)).float().mean().item()


@pytest.mark.parametrize(
    "validated", [pytest.param(True, id="with"), pytest.param(False, id="without")]
)
def test_the_digit_classifier_learns_with_and_without_validation_data(validated):
    model, (x, label) = DigitClassificationModel(), striped_digits(300)
    scores = [0.5] * 60 if validated else None
    train.train_digitclassifier(model, Items(x, label, scores))
    if not validated:
        assert accuracy(model, *striped_digits(200)) > 0.9


def test_the_convolutional_classifier_learns():
    model, (x, label) = DigitConvolutionalModel(), striped_digits(300)
    train.train_digitconvolution(model, Items(x, label))
    assert accuracy(model, *striped_digits(200)) > 0.9


def test_the_language_model_learns_from_padded_words():
    lengths, letters = torch.randint(2, 11, (400,)), torch.randint(47, (400, 10))
    languages = letters[torch.arange(400), lengths - 1] % 5  # only the last letter counts
    x = torch.eye(47)[letters] * (torch.arange(10) < lengths[:, None])[:, :, None]
    model = LanguageIDModel()
    train.train_languageid(model, Items(x, torch.eye(5)[languages], [0.1 * n for n in range(10)]))
    assert accuracy(model, x.movedim(0, 1), torch.eye(5)[languages]) > 0.9


def test_a_score_that_is_no_number_is_never_the_best(layer):
    nan = float("nan")
    assert len(run(layer, FitOptions(epochs=9, patience=3), [nan, 0.5, nan, nan, nan])) == 5
    assert layer.bias.item() == pytest.approx(bias_after(2))
