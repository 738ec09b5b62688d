import csv

import pytest
import torch

from courses.experiment import open_results
from courses.mlp_from_scratch import out_of_distribution
from courses.mlp_from_scratch.fashion_training import Images, Settings, Training, accuracy
from courses.mlp_from_scratch.layer_sizes import NETWORKS, worked_out
from courses.mlp_from_scratch.moved_images import TEST_SETS, moved_up, rotated
from models import FashionMLP


def slowly(images, source):
    """Fill every pixel from the place that ``source`` names, or leave it blank."""
    result = torch.zeros_like(images)
    for row in range(28):
        for column in range(28):
            at = source(row, column)
            if at is not None:
                result[:, 28 * row + column] = images[:, 28 * at[0] + at[1]]
    return result


@pytest.mark.parametrize("rows", [pytest.param(0, id="not"), pytest.param(4, id="by-four")])
def test_moving_up_leaves_the_bottom_blank(rows):
    images = torch.rand(3, 784)
    want = slowly(images, lambda row, column: (row + rows, column) if row + rows < 28 else None)
    assert torch.equal(moved_up(images, rows), want)


# Counter-clockwise: what stood on the right stands at the top afterwards.
@pytest.mark.parametrize(
    ("degrees", "source"),
    [
        pytest.param(90, lambda row, column: (column, 27 - row), id="90"),
        pytest.param(180, lambda row, column: (27 - row, 27 - column), id="180"),
        pytest.param(270, lambda row, column: (27 - column, row), id="270"),
    ],
)
def test_a_rotation_takes_every_pixel_where_it_belongs(degrees, source):
    images = torch.rand(3, 784)
    assert torch.equal(rotated(images, degrees), slowly(images, source))


def test_the_five_test_sets_differ_and_the_first_is_untouched():
    images = torch.rand(2, 784)
    changed = [move(images) for move in TEST_SETS.values()]
    assert torch.equal(changed[0], images)
    for index, one in enumerate(changed):
        assert all(not torch.equal(one, other) for other in changed[:index])


@pytest.mark.parametrize(
    ("name", "count"),
    [
        pytest.param("two-layer MLP", 101_770, id="mlp"),
        pytest.param("two-layer CNN", 80_650, id="cnn"),
        pytest.param("three-layer CNN", 68_106, id="deeper"),
    ],
)
def test_the_calculation_gives_the_number_that_it_shows(name, count):
    layers, _ = NETWORKS[name]
    for layer in layers:
        # The sums are ours, so evaluating them is safe.
        assert eval(layer.sum.replace("x", "*")) == layer.parameters  # noqa: S307
    assert worked_out(name) == count


def test_a_wrong_calculation_is_never_printed(monkeypatch):
    layers, model = NETWORKS["two-layer MLP"]
    monkeypatch.setitem(NETWORKS, "two-layer MLP", (layers[:1], model))
    with pytest.raises(RuntimeError, match="worked out 100480 parameters"):
        worked_out("two-layer MLP")


def images(count, seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 10
    pixels = torch.rand(count, 784, generator=generator)
    pixels[torch.arange(count), 78 * labels] += 3  # too little to be sure of every image
    return Images(pixels, labels)


def training_of_a_few_epochs():
    torch.manual_seed(0)
    settings = Settings(learning_rate=0.01, minibatch_size=10, num_epoch=60, patience=4)
    return Training(FashionMLP(), images(100, 0), images(50, 1), settings)


def test_training_ends_with_the_best_epochs_weights():
    training = training_of_a_few_epochs()
    while not training.over:
        training.run_epoch()
    scores = training.record()["val"]
    assert len(scores) == training.best_epoch + 4
    assert scores[training.best_epoch - 1] == max(scores) > scores[-1]
    assert accuracy(training.model, training.validation) == max(scores) > 0.5


def test_a_training_stopped_after_its_best_epoch_goes_on_bit_for_bit(tmp_path):
    results = open_results(tmp_path, {})
    whole = training_of_a_few_epochs()
    while not whole.over:
        whole.run_epoch()
    first, second = training_of_a_few_epochs(), training_of_a_few_epochs()
    while len(first.history) < whole.best_epoch + 2:
        first.run_epoch()
    first.keep(results, "mlp")
    assert second.restore(results, "mlp")
    while not second.over:
        second.run_epoch()
    assert second.history == whole.history
    for last, want in zip(second.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(last, want)
    whole.record(), second.record()
    for best, want in zip(second.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(best, want)


def test_accuracy_counts_the_last_part_too():
    class Constant(torch.nn.Module):
        def forward(self, x):
            return torch.eye(10)[torch.full((len(x),), 3)]

    labels = torch.tensor([3] * 400 + [1] * 200 + [3] * 3)
    assert accuracy(Constant(), Images(torch.zeros(603, 784), labels)) == 403 / 603


def test_the_networks_learn_and_a_place_that_they_never_saw_confuses_them(fashion_folder, tmp_path):
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(tmp_path)]
    assert out_of_distribution.main(options) == 0
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["network"]: row for row in csv.DictReader(file)}
    assert list(rows) == list(NETWORKS)
    for row in rows.values():
        assert float(row["original"]) > 0.9
        assert float(row["rotated by 180"]) < 0.5


@pytest.mark.parametrize(
    ("device", "message"),
    [
        pytest.param("abacus", "must be cpu or cuda", id="unknown"),
        pytest.param("cuda", "finds no GPU", id="no-gpu"),
    ],
)
def test_a_device_that_is_not_there_is_refused(device, message, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert out_of_distribution.main(["--quick", "--device", device]) == 2
    assert message in capsys.readouterr().err
