"""What the four experiments do with their options, and with wrong ones."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from courses.recurrent_lm import (
    batch_sweep,
    large_run,
    sequence_sweep,
    story_data,
    sweep,
    width_sweep,
)

ROOT = Path(__file__).resolve().parents[3]
QUICK = ("--quick", "--device", "cpu")
EACH = pytest.mark.parametrize(
    "experiment",
    [
        pytest.param(it, id=it.__name__.rpartition(".")[2])
        for it in (width_sweep, batch_sweep, sequence_sweep, large_run)
    ],
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "QUICK_SEQUENCES", 50)  # a quick run, shorter still


@pytest.mark.parametrize(
    ("experiment", "what", "values"),
    [
        pytest.param(width_sweep, "hidden_dim", [64, 128, 256, 512], id="widths"),
        pytest.param(batch_sweep, "batch_size", [32, 64, 128, 256], id="batch-sizes"),
        pytest.param(
            sequence_sweep, "num_sequences", [10_000, 20_000, 50_000, 100_000], id="sequences"
        ),
        pytest.param(large_run, "num_sequences", [250_000], id="large"),
    ],
)
def test_without_options_the_settings_are_the_homeworks(experiment, what, values, monkeypatch):
    seen = []

    def watched(arguments, name, setting, trainings, **others):
        seen.extend(trainings.values())
        raise ValueError("that is all")

    monkeypatch.setattr(sweep, "sweep", watched)
    assert experiment.main([]) == 2
    assert [getattr(it, what) for it in seen] == values
    for it in seen:
        wanted = {**sweep.HOMEWORK, "learning_rate": 0.001, "seed": 10601}
        wanted[what] = getattr(it, what)
        if experiment is width_sweep:
            wanted["embed_dim"] = it.hidden_dim
        if experiment is large_run:
            wanted |= {"embed_dim": 512, "hidden_dim": 512, "dk": 256, "dv": 256}
        assert vars(it) == wanted


def test_the_scale_shortens_every_training():
    seen = []
    for scale in ("0.2", "1"):
        arguments = {"--scale": scale, "--seed": "3", "--quick": False, "--batch_size": "32"}
        seen.append(sweep.choose_settings(arguments, num_sequences=20_000))
    assert [it.num_sequences for it in seen] == [4_000, 20_000]
    assert {(it.batch_size, it.seed, it.hidden_dim) for it in seen} == {(32, 3, 128)}


def test_the_made_up_sequences_go_up_in_ones_and_twos():
    stories = story_data.make_up_stories()
    steps = torch.cat([stories.train, stories.valid]).diff(dim=1) % stories.vocab_size
    assert set(steps.unique().tolist()) == {1, 2}
    assert stories.digest() == story_data.make_up_stories().digest()


def test_a_quick_run_takes_the_beginnings_of_data_that_is_named(capsys):
    lists = torch.arange(300 * 20).reshape(300, 20) % 29
    for name in ("train.json", "valid.json"):
        Path(name).write_text(json.dumps(lists.tolist()))
    data = ["--train_data", "train.json", "--val_data", "valid.json"]
    assert width_sweep.main([*QUICK, *data, "--out", "out"]) == 0
    assert "validation data: 300 sequences of 20 tokens" in capsys.readouterr().out
    for path in Path("out/trainings").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["guessing"] == math.log(29)
    lists[:, story_data.QUICK_TOKENS :] = 0  # is not read, so the same experiment goes on
    Path("train.json").write_text(json.dumps(lists.tolist()))
    assert width_sweep.main([*QUICK, *data, "--out", "out", "--resume"]) == 0
    lists[0, 0] += 1
    Path("train.json").write_text(json.dumps(lists.tolist()))
    assert width_sweep.main([*QUICK, *data, "--out", "out", "--resume"]) == 2
    assert "was made with other data:" in capsys.readouterr().err


@EACH
@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--nonsense"], "--help", id="unknown-option"),
        pytest.param(["--seed", "many"], "--seed", id="no-number"),
        pytest.param(["--seed", "-1"], "seed is -1", id="negative-seed"),
        pytest.param(["--scale", "0"], "--scale is 0; give a number above 0", id="no-scale"),
        pytest.param(["--scale", "nan"], "--scale is nan", id="scale-is-no-number"),
        pytest.param(["--scale", "inf"], "--scale is inf", id="endless"),
        pytest.param(["--scale", "0.0001"], "one whole batch", id="no-batch"),
        pytest.param(["--device", "abacus"], "auto, cpu or cuda", id="unknown-device"),
        pytest.param(["--train_data", "none.json"], "none.json", id="no-data"),
        pytest.param([], "python -m data stories", id="no-data-at-all"),
        pytest.param(["--quick", "--tokenizer", "x", "--val_data", "y"], "y", id="no-validation"),
        pytest.param(["--resume", "--restart", "--quick"], "one of them", id="both"),
    ],
)
def test_wrong_usage_is_told_and_leaves_no_folder(experiment, options, message, capsys):
    assert experiment.main([*options, "--out", "out"]) == 2
    assert message in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize("size", [pytest.param("0", id="zero"), pytest.param("many", id="no-int")])
def test_a_wrong_batch_size_is_told(size, capsys):
    assert width_sweep.main(["--quick", "--batch_size", size]) == 2
    assert "batch_size is " in capsys.readouterr().err


def test_too_little_data_is_told_before_the_first_training(capsys):
    for name in ("train.json", "valid.json"):
        Path(name).write_text(json.dumps([[1, 2, 3]] * 200))
    data = ["--train_data", "train.json", "--val_data", "valid.json"]
    assert batch_sweep.main([*data, "--quick", "--out", "out"]) == 2
    assert "a batch has 256 sequences, but the training data 200" in capsys.readouterr().err
    assert not Path("out").exists()


@EACH
def test_help_shows_examples_without_loading_torch(experiment):
    program = (
        f"import sys; from {experiment.__name__} import main; code = main(['--help']); "
        "sys.exit(code or 'torch' in sys.modules or 'numpy' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.index("Examples:") < shown.stdout.index("Options:")
