import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import models
import train_lm
from courses.recurrent_lm import lm_checkpoint, rnn
from courses.recurrent_lm.lm_training import Settings, Training

ROOT = Path(__file__).resolve().parents[3]
PNG = b"\x89PNG"
VOCABULARY = 11
HOMEWORKS_FILES = ("train_losses.txt", "val_losses.txt", "metrics.txt")


def test_it_tells_its_progress_and_leaves_its_files_where_it_is_told(command, tmp_path, capsys):
    outputs = ["--train_losses_out", "a/t.txt", "--val_losses_out", "v.txt", "--metrics_out", "m"]
    assert command(*outputs) == 0
    printed = capsys.readouterr().out
    assert f"the vocabulary is one more than the largest token, {VOCABULARY}; " in printed
    assert "batch 1 of 25, sequence length 7, elapsed 0.00 min, training loss 2." in printed
    assert printed.count(", validation loss ") == 13
    model = models.RNNLanguageModel(5, 8, VOCABULARY, 3, 2)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert f"{count} parameters; " in printed
    assert " sequences/s; validation on the first batch" in printed
    written = printed[printed.index("written:\n") :].split()[1:]
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    others = {"train.json", "valid.json", "out/config.json", "out/trainings/rnn.json"}
    assert left == set(written) | others
    assert Path("out/losses.png").read_bytes().startswith(PNG)
    with Path("out/losses.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["sequences"]) for row in rows] == list(range(1, 26, 2))
    assert [f"{float(row['training loss']):.6f}" for row in rows] == Path("a/t.txt").read_text(
        encoding="utf-8"
    ).split()
    assert json.loads(Path("out/config.json").read_text())["settings"]["vocab_size"] == VOCABULARY


def test_more_sequences_than_data_are_told(command, capsys):
    assert command("--num_sequences", "75", "--batch_size", "4") == 0
    printed = capsys.readouterr().out
    assert "training on 72 sequences, in batches of 4, on cpu" in printed
    assert "the data has 28 in whole batches: it is read 2.6 times" in printed
    assert command("--restart") == 0
    assert "it is read" not in capsys.readouterr().out


def test_training_and_validation_may_differ_in_length(command):
    Path("valid.json").write_text(json.dumps([[1, 2, 3], [3, 4, 5]]))
    assert command() == 0


def results(folder):
    texts = {name: (folder / name).read_bytes() for name in (*HOMEWORKS_FILES, "losses.csv")}
    return texts, load_file(folder / lm_checkpoint.CHECKPOINT)


@pytest.mark.parametrize(
    ("times", "before_saving"),
    [
        pytest.param(1, False, id="after-the-first-record"),
        pytest.param(6, True, id="just-before-a-record-is-saved"),
        pytest.param(13, False, id="after-the-last-record"),
    ],
)
def test_a_stopped_training_goes_on_as_if_it_had_not_been(
    command, interrupt_after, tmp_path, capsys, times, before_saving
):
    options = ["--num_sequences", "26", "--whole_validation"]  # one batch follows the last record
    assert command(*options, "--out", "whole") == 0
    interrupt_after(times, before_saving=before_saving)
    assert command(*options, "--out", "halves") == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert not Path("halves/metrics.txt").exists()
    interrupt_after.disarm()
    assert command(*options, "--resume", "--out", "halves") == 0
    assert f"goes on after record {times}" in capsys.readouterr().out
    for again in range(2):
        (texts, weights), (others, their_weights) = (
            results(tmp_path / "whole"),
            results(tmp_path / "halves"),
        )
        assert texts == others, again
        assert all(torch.equal(it, their_weights[name]) for name, it in weights.items())
        for name in HOMEWORKS_FILES:
            (tmp_path / "halves" / name).unlink()
        assert command(*options, "--resume", "--out", "halves") == 0  # it writes them again
    assert "this training was finished before" in capsys.readouterr().out


def test_the_homeworks_command_can_be_given_again_and_loses_nothing(command, capsys):
    assert command(without=["--out"]) == 0
    first = Path("runs/rnn/metrics.txt").read_text()
    assert command("--seed", "3", without=["--out"]) == 0
    assert "the training that was in runs/rnn is now in runs/rnn-before" in capsys.readouterr().out
    assert Path("runs/rnn-before/metrics.txt").read_text() == first
    assert Path("runs/rnn/metrics.txt").read_text() != first
    assert command("--seed", "4", without=["--out"]) == 0
    assert sorted(path.name for path in Path("runs").iterdir()) == ["rnn", "rnn-before"]


def test_a_quick_run_makes_its_data_up(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert rnn.main(["--quick"]) == 0
    losses = [float(line) for line in Path("runs/rnn-quick/val_losses.txt").read_text().split()]
    assert 4 < losses[0] < 4.2
    assert losses[-1] < 1.2
    assert "data: made-up sequences" in capsys.readouterr().out


def test_a_loss_that_is_no_number_ends_with_a_message(command, capsys):
    assert command("--lr", "1e30") == 1
    told = capsys.readouterr()
    assert "try a smaller learning rate" in told.err
    assert "Traceback" not in told.err
    assert not Path("out/metrics.txt").exists()


def test_a_part_that_is_not_written_yet_is_named(command, monkeypatch, capsys):
    def stub(self, tokens):
        raise NotImplementedError("q10.logits: embed, read, attend, score")

    monkeypatch.setattr(models.RNNLanguageModel, "forward", stub)
    assert command() == 1
    assert "not written yet: q10.logits" in capsys.readouterr().err


def test_a_gpu_that_is_not_asked_for_is_told_of(command, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    tokens = torch.zeros(5, 3, dtype=torch.int64)
    rnn._tell_plan(Training(Settings(), tokens, tokens, VOCABULARY, torch.device("cpu")), "cpu")
    assert "a GPU is here: --device cuda trains on it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "module"),
    [
        *(
            pytest.param(it, models, id=it)
            for it in ("RNN", "RNNCell", "RNNLanguageModel", "SelfAttention")
        ),
        *(pytest.param(it, train_lm, id=it) for it in ("train", "validate")),
    ],
)
def test_it_serves_the_homeworks_names(name, module):
    assert getattr(rnn, name) is getattr(module, name)


def test_it_has_no_other_names():
    with pytest.raises(AttributeError, match="no attribute 'AttentionBlock'"):
        rnn.AttentionBlock  # noqa: B018 - asking is the test


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--help"], id="training"),
        pytest.param(["complete", "--help"], id="completing"),
    ],
)
def test_help_shows_examples_without_loading_torch(words):
    program = (
        f"import sys; from courses.recurrent_lm import rnn; code = rnn.main({words}); "
        "sys.exit(code or 'torch' in sys.modules or 'numpy' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.index("Examples:") < shown.stdout.index("Options:")
