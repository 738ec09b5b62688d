import csv
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from courses.machine_learning import chargpt, checkpoint
from courses.machine_learning.gpt_run import CHECKPOINT, CONFIG, CURVE, LOSSES, Run, Settings

ROOT = Path(__file__).resolve().parents[3]
PNG = b"\x89PNG"


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "rhyme.txt"
    path.write_text("Pack my box with five dozen liquor jugs, man.\n" * 20, encoding="utf-8")
    return path


def command(text, out, *options):
    return ["--quick", "--device", "cpu", "--text", str(text), "--out", str(out), *options]


def state(out):
    return load_file(out / CHECKPOINT)


def assert_same_state(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


def test_a_quick_run_prints_samples_and_leaves_its_files(text, tmp_path, capsys):
    out = tmp_path / "run"
    assert chargpt.main(command(text, out)) == 0
    printed = capsys.readouterr().out
    assert "iteration 20\nPacman" in printed
    assert "iteration 60\nPacman" in printed
    with (out / LOSSES).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["iteration"]) for row in rows] == list(range(1, 61))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    config = json.loads((out / CONFIG).read_text(encoding="utf-8"))
    assert config["iteration"] == 60
    assert Settings(**config["settings"]).n_embd == chargpt.QUICK["n_embd"]
    assert (out / CURVE).read_bytes().startswith(PNG)
    assert not list(out.glob(".partial*"))


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(text, tmp_path, capsys):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    assert chargpt.main(command(text, whole)) == 0
    uninterrupted = capsys.readouterr().out
    assert chargpt.main(command(text, halves, "--iterations", "20")) == 0
    torch.manual_seed(99)  # what the global generator does in between must not matter
    assert chargpt.main(command(text, halves, "--resume", "--iterations", "60")) == 0
    assert_same_state(state(whole), state(halves))
    assert uninterrupted.split("iteration 60\n")[1][:80] in capsys.readouterr().out


def test_a_run_stopped_between_two_samples_goes_on_exactly(text, tmp_path, monkeypatch):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert chargpt.main(command(text, whole)) == 0
    calls = itertools.count()
    original = Run.batch

    def batch_with_ctrl_c(run):
        if next(calls) == 27:
            signal.raise_signal(signal.SIGINT)
        return original(run)

    monkeypatch.setattr(Run, "batch", batch_with_ctrl_c)
    assert chargpt.main(command(text, stopped)) == 130
    assert len(state(stopped)["losses"]) == 28
    monkeypatch.undo()
    assert chargpt.main(command(text, stopped, "--resume")) == 0
    assert_same_state(state(whole), state(stopped))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_run_can_be_continued(text, tmp_path):
    out = tmp_path / "run"
    arguments = command(text, out, "--iterations", "100000")
    process = subprocess.Popen(
        [sys.executable, "-m", "courses.machine_learning.chargpt", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not (out / LOSSES).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    before = len(state(out)["losses"])
    assert before >= chargpt.QUICK["every"]
    goal = before + 20
    assert chargpt.main(command(text, out, "--resume", "--iterations", str(goal))) == 0
    assert len(state(out)["losses"]) == goal


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--device", "tpu"], "must be auto, cpu or cuda", id="device"),
        pytest.param(["--width", "wide"], "--width must be a number", id="not-a-number"),
        pytest.param(["--layers", "0"], "n_layer must be above 0, got 0", id="no-layers"),
        pytest.param(["--resume"], "no checkpoint", id="nothing-to-resume"),
        pytest.param(["--text", "missing.txt"], "--text missing.txt cannot be read", id="no-text"),
        pytest.param(["--block-size", "5000"], "5000", id="text-too-short"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(text, tmp_path, capsys, options, message):
    arguments = ["--quick", "--out", str(tmp_path / "run"), *options]
    if "--text" not in options:
        arguments += ["--text", str(text)]
    assert chargpt.main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_an_earlier_run_is_never_overwritten(text, tmp_path, capsys):
    out = tmp_path / "run"
    assert chargpt.main(command(text, out, "--iterations", "2")) == 0
    before = (out / CHECKPOINT).read_bytes()
    assert chargpt.main(command(text, out)) == 2
    assert "--resume" in capsys.readouterr().err
    assert (out / CHECKPOINT).read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--width", "48"], "--width 48 differs", id="other-width"),
        pytest.param(["--text"], "another text", id="other-text"),
    ],
)
def test_a_run_goes_on_only_as_it_began(text, tmp_path, capsys, options, message):
    out = tmp_path / "run"
    assert chargpt.main(command(text, out, "--iterations", "2")) == 0
    if options == ["--text"]:
        other = tmp_path / "other.txt"
        other.write_text("Something else altogether. " * 9, encoding="utf-8")
        options = ["--text", str(other)]
    assert chargpt.main(["--resume", "--out", str(out), *options]) == 2
    assert message in capsys.readouterr().err


def test_a_broken_checkpoint_is_named(tmp_path):
    path = tmp_path / CHECKPOINT
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match="is not a checkpoint of this program"):
        checkpoint.load(path)


@pytest.mark.parametrize(
    "module", [pytest.param(m, id=m) for m in ("chargpt", "linear_regression")]
)
def test_help_does_not_load_torch(module):
    code = (
        "import sys\n"
        f"from courses.machine_learning import {module}\n"
        "try:\n"
        f"    {module}.main(['--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.index("Examples:") < result.stdout.index("Options:")
