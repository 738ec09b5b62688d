"""What the four experiments have in common: a quick run, going on, and refusing."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from courses.mlp_from_scratch import batch_size, early_stopping, momentum, out_of_distribution

ROOT = Path(__file__).resolve().parents[3]
EXPERIMENTS = (batch_size, early_stopping, momentum, out_of_distribution)
EACH = pytest.mark.parametrize(
    "experiment",
    [pytest.param(module, id=module.__name__.rpartition(".")[2]) for module in EXPERIMENTS],
)


def numbers(out):
    """Tables, curves, and the records with every epoch's loss."""
    paths = [*out.glob("*.csv"), *out.glob("trainings/*.json")]
    return {path.name: path.read_bytes() for path in sorted(paths)}


@EACH
@pytest.mark.usefixtures("few_images")
def test_a_quick_run_leaves_table_pictures_and_their_numbers(
    experiment, fashion_folder, tmp_path, capsys
):
    out = tmp_path / "out"
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(out)]
    assert experiment.main(options) == 0
    printed = capsys.readouterr().out
    assert (out / "table.md").read_text(encoding="utf-8").strip() in printed
    pictures = list(out.glob("*.png"))
    assert pictures
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        with picture.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file))
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert config["settings"]["seed"] == 42
    assert config["device"] == "cpu"
    assert {"python", "numpy"} <= config["versions"].keys()
    assert not list(out.rglob(".partial*"))
    assert not list(out.rglob("*.safetensors"))


@EACH
@pytest.mark.parametrize(
    ("epochs", "before_saving"),
    [
        pytest.param(1, False, id="after-an-epoch"),
        pytest.param(1, True, id="in-the-second-epoch"),
        pytest.param(0, True, id="in-the-first-epoch"),
    ],
)
@pytest.mark.usefixtures("few_images", "ticking")
def test_a_resumed_run_writes_the_same_bytes_as_an_uninterrupted_one(
    experiment, epochs, before_saving, fashion_folder, tmp_path, interrupt_after, capsys
):
    options = ["--quick", "--data_dir", str(fashion_folder)]
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    assert experiment.main([*options, "--out", str(whole)]) == 0
    interrupt_after(epochs, before_saving=before_saving)
    assert experiment.main([*options, "--out", str(halves)]) == 130
    assert "--resume" in capsys.readouterr().err
    assert not (halves / "table.csv").exists()
    interrupt_after.disarm()
    assert experiment.main([*options, "--out", str(halves), "--resume"]) == 0
    assert numbers(whole) == numbers(halves)
    assert {path.name for path in halves.rglob("*")} == {path.name for path in whole.rglob("*")}


@EACH
@pytest.mark.usefixtures("few_images")
def test_results_are_neither_mixed_nor_overwritten(experiment, fashion_folder, tmp_path, capsys):
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(tmp_path / "out")]
    assert experiment.main([*options, "--resume"]) == 2
    assert "nothing to continue" in capsys.readouterr().err
    assert experiment.main(options) == 0
    before = numbers(tmp_path / "out")
    assert experiment.main(options) == 2
    assert "--restart" in capsys.readouterr().err
    assert experiment.main([*options, "--resume", "--seed", "7"]) == 2
    assert "was made with seed 42, not 7" in capsys.readouterr().err
    assert numbers(tmp_path / "out") == before
    assert experiment.main([*options, "--restart", "--seed", "7"]) == 0
    assert numbers(tmp_path / "out").keys() == before.keys()
    assert numbers(tmp_path / "out") != before


@EACH
@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--nonsense"], "--help", id="unknown-option"),
        pytest.param(["--seed", "many"], "--seed", id="no-number"),
        pytest.param(["--num_epoch", "0"], "0", id="no-epochs"),
        pytest.param(["--data_dir", "no-such-folder"], "no-such-folder", id="no-data"),
    ],
)
def test_wrong_usage_is_told_and_leaves_no_folder(experiment, options, message, tmp_path, capsys):
    out = tmp_path / "out"
    assert experiment.main(["--out", str(out), *options]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


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
