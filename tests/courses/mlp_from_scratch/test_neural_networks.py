import json
import subprocess
import sys
from pathlib import Path

import pytest

import models
from courses.mlp_from_scratch import neural_networks
from courses.mlp_from_scratch.training import Training
from models.numpy_mlp import linear_layer

ROOT = Path(__file__).resolve().parents[3]
NAMES = [name for name in neural_networks.__all__ if name != "main"]


@pytest.fixture
def command(fashion_folder, tmp_path, monkeypatch):
    """Run the command in an empty folder, for two epochs with large batches unless told else."""
    monkeypatch.chdir(tmp_path)

    def run(*options, data_dir=fashion_folder, rate="0.1"):
        words = ["--num_epoch", "2", "--minibatch_size", "100", "--learning_rate", rate]
        words += ["--data_dir", str(data_dir)] if data_dir else []
        return neural_networks.main([*words, *options])

    return run


def results(path):
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    assert found.pop("time") > 0
    return found


def test_it_trains_tells_every_epoch_and_writes_its_results(command, tmp_path, capsys):
    assert command() == 0
    found = results("MLP_lr0.1_b100.json")
    assert found.keys() == {"train", "val", "test"}
    assert len(found["train"]) == len(found["val"]) == 2
    assert min(found["val"] + [found["test"]]) > 0.9  # the bars are easy to tell apart
    printed = capsys.readouterr().out
    for epoch, (train, val) in enumerate(zip(found["train"], found["val"], strict=True), start=1):
        assert f"epoch {epoch}: " in printed
        assert f"training accuracy {train:.4f}, validation accuracy {val:.4f}" in printed
    best = 1 + found["val"].index(max(found["val"]))
    assert f"in epoch {best}, after {100 * best} gradient updates" in printed
    assert f"test accuracy of that epoch's network {found['test']:.4f}" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["MLP_lr0.1_b100.json"]


def test_a_seed_decides_everything_but_the_time(command, tmp_path):
    # Small steps: after large ones every network would be right about everything.
    for folder, seed in (("first", "3"), ("second", "3"), ("other", "4")):
        assert command("--random_seed", seed, "--out", folder, rate="0.001") == 0
    first, second, other = (
        results(tmp_path / folder / "MLP_lr0.001_b100.json")
        for folder in ("first", "second", "other")
    )
    assert first == second
    assert first != other


def test_the_checks_speak_before_training_and_change_nothing(command, capsys):
    assert command("--out", "plain") == 0
    capsys.readouterr()
    assert command("--check_gradient", "--check_magnitude", "--out", "checked") == 0
    printed = capsys.readouterr().out
    before_training = printed[: printed.index("epoch 1")]
    for layer in ("L1", "L2"):
        for parameter in ("W", "b"):
            assert f"gradient of {layer}.{parameter}[0, 0]: " in before_training
    assert "on 50 examples: " in before_training
    assert "on 5000 examples: " in before_training
    assert results("plain/MLP_lr0.1_b100.json") == results("checked/MLP_lr0.1_b100.json")


def test_the_homeworks_folder_is_used_where_it_is_there(command, fashion_folder, tmp_path):
    (tmp_path / "fashion_mnist_data").symlink_to(fashion_folder)
    assert command("--quick", data_dir=None) == 0
    found = results("MLP_lr0.1_b100.json")
    assert found["test"] > 0.9
    assert len(found["val"]) == 2


def test_ctrl_c_says_that_nothing_was_written(command, tmp_path, monkeypatch, capsys):
    run_epoch = Training.run_epoch

    def interrupted(self, on_batch):
        if self.epochs == 1:
            raise KeyboardInterrupt
        run_epoch(self, on_batch)

    monkeypatch.setattr(Training, "run_epoch", interrupted)
    assert command() == 130
    assert "stopped; no results were written" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_part_that_is_not_written_yet_is_named(command, monkeypatch, capsys):
    def stub(self, x):
        raise NotImplementedError("q8.linear_forward: the affine map")

    monkeypatch.setattr(linear_layer, "forward", stub)
    assert command() == 1
    assert "not written yet: q8.linear_forward" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--minibatch_size", "0"], "minibatch_size is 0", id="empty-batch"),
        pytest.param(["--minibatch_size", "10001"], "10000 training images", id="large-batch"),
        pytest.param(["--minibatch_size", "5.5"], "'5.5'; give a whole number", id="half-a-batch"),
        pytest.param(["--learning_rate", "-0.1"], "learning_rate is -0.1", id="backwards"),
        pytest.param(["--learning_rate", "fast"], "'fast'; give a number", id="no-number"),
        pytest.param(["--num_epoch", "0"], "num_epoch is 0", id="no-epochs"),
        pytest.param(["--early_stopping_patience", "0"], "patience is 0", id="no-patience"),
        pytest.param(["--random_seed", "-1"], "random_seed is -1", id="seed"),
        pytest.param(["--data_dir", "nowhere"], "nowhere lacks train-images", id="no-data"),
        pytest.param(["--nonsense"], "--help shows examples", id="unknown-option"),
    ],
)
def test_wrong_usage_is_one_line_and_starts_nothing(
    options, message, fashion_folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    words = [] if "--data_dir" in options else ["--data_dir", str(fashion_folder)]
    assert neural_networks.main([*words, *options]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert not told.out
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_cannot_be_is_told_before_training(command, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert command("--out", str(tmp_path / "file")) == 2
    told = capsys.readouterr()
    assert "file" in told.err
    assert "epoch" not in told.out


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in NAMES])
def test_it_serves_the_homeworks_names(name):
    assert getattr(neural_networks, name) is getattr(models, name)


def test_it_has_no_other_names():
    with pytest.raises(AttributeError, match="no attribute 'AttentionBlock'"):
        neural_networks.AttentionBlock  # noqa: B018 - asking is the test


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(name, id=name)
        for name in ("neural_networks", "plot_train_process", "plot_batch")
    ],
)
def test_help_shows_examples_without_loading_torch(module):
    program = (
        f"import sys; from courses.mlp_from_scratch import {module}; "
        f"code = {module}.main(['--help']); "
        "sys.exit(code or 'torch' in sys.modules or 'numpy' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.index("Examples:") < shown.stdout.index("Options:")
