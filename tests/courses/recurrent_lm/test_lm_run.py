import json
import random
from pathlib import Path

import pytest
import torch

from courses.recurrent_lm import lm_checkpoint, rnn
from data.tokenizer import load_tokenizer, save_tokenizer, train_tokenizer


class Tokenizer:
    def __len__(self):
        return 13


@pytest.mark.parametrize(
    ("folder", "options"),
    [
        pytest.param("tokenizer", (), id="beside-the-data"),
        pytest.param("my_tokenizer", (), id="the-homeworks"),
        pytest.param("mine", ("--tokenizer", "mine"), id="named"),
    ],
)
def test_the_vocabulary_is_the_tokenizers(command, monkeypatch, capsys, folder, options):
    Path(folder).mkdir()
    loaded = []

    def load_tokenizer(path):
        loaded.append(str(path))
        return Tokenizer()

    monkeypatch.setattr(lm_checkpoint, "load_tokenizer", load_tokenizer)
    assert command(*options) == 0
    assert f"vocabulary: 13 tokens, of the tokenizer in {folder}" in capsys.readouterr().out
    assert loaded == [folder]
    saved = lm_checkpoint.load_model(Path("out"))
    assert saved.model.lm_head.out_features == 13
    assert saved.tokenizer == Path(folder).resolve()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([[1, 2, 3], [1, 2]], "row 2 of train.json has 2 tokens", id="ragged"),
        pytest.param([[1, 2], [1, 13]], "row 2 of train.json has 13 at place 2", id="outside"),
        pytest.param([[1, -2]], "row 1 of train.json has -2 at place 2", id="negative"),
        pytest.param([[1], [2]], "row 1 of train.json has 1 token", id="single-tokens"),
        pytest.param([], "train.json holds no list", id="empty"),
        pytest.param("text", "train.json holds a string", id="no-lists"),
    ],
)
def test_wrong_data_is_told_before_anything_is_written(command, monkeypatch, capsys, rows, message):
    Path("tokenizer").mkdir()
    monkeypatch.setattr(lm_checkpoint, "load_tokenizer", lambda path: Tokenizer())
    Path("train.json").write_text(json.dumps(rows))
    assert command() == 2
    assert message in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ["--train_data", "no.json"],
            "no file no.json: name yours with --train_data",
            id="no-data",
        ),
        pytest.param(
            ["--val_data", "no.json"],
            "no file no.json: name yours with --val_data",
            id="no-validation",
        ),
        pytest.param(["--train_data", "."], "no file .", id="folder-for-data"),
        pytest.param(["--tokenizer", "no"], "no is no tokenizer", id="no-tokenizer"),
        pytest.param(
            ["--num_sequences", "0"], "num_sequences is 0; give 1 or more", id="nothing-to-do"
        ),
        pytest.param(["--num_sequences", "-3"], "num_sequences is -3", id="negative"),
        pytest.param(["--num_sequences", "1.5"], "'1.5'; give a whole number", id="half"),
        pytest.param(
            ["--batch_size", "26"], "num_sequences is 25 and batch_size 26", id="no-whole-batch"
        ),
        pytest.param(
            ["--batch_size", "31", "--num_sequences", "99"],
            "the training data has 30 sequences",
            id="larger-than-the-data",
        ),
        pytest.param(["--embed_dim", "0"], "embed_dim is 0", id="no-width"),
        pytest.param(["--dk", "-1"], "dk is -1", id="negative-width"),
        pytest.param(["--lr", "0"], "learning_rate is 0.0", id="no-steps"),
        pytest.param(["--lr", "nan"], "learning_rate is nan", id="nan-steps"),
        pytest.param(["--lr", "fast"], "'fast'; give a number", id="no-number"),
        pytest.param(["--seed", "-1"], "seed is -1", id="seed"),
        pytest.param(["--device", "tpu"], "must be auto, cpu or cuda", id="unknown-device"),
        pytest.param(["--device", "cuda"], "PyTorch finds no GPU", id="no-gpu"),
        pytest.param(
            ["--out", "train.json"],
            "--out train.json/config.json cannot be written",
            id="file-for-a-folder",
        ),
        pytest.param(
            ["--metrics_out", "train.json/m.txt"],
            "--metrics_out train.json/m.txt cannot be written",
            id="metrics-nowhere",
        ),
        pytest.param(
            ["--val_losses_out", "folder"],
            "--val_losses_out folder cannot be written: it is a folder",
            id="folder-for-a-file",
        ),
        pytest.param(
            ["--metrics_out", "valid.json"],
            "--metrics_out and --val_data name the same file",
            id="over-the-data",
        ),
        pytest.param(
            ["--metrics_out", "stories/train_stories.json"],
            "--metrics_out and --train_data name the same file",
            id="over-the-usual-data",
        ),
        *(
            pytest.param(
                ["--metrics_out", f"out/{name}"],
                "--metrics_out and the training itself name the same file",
                id=f"over-{name}",
            )
            for name in ("checkpoint.safetensors", "config.json", "losses.csv", "losses.png")
        ),
        pytest.param(
            ["--metrics_out", "a", "--val_losses_out", "./a"],
            "--val_losses_out name the same file",
            id="one-over-another",
        ),
        pytest.param(["--resume"], "nothing to continue in out", id="nothing-to-resume"),
        pytest.param(["--resume", "--restart"], "give one of them", id="both"),
        pytest.param(["--nonsense"], "--help shows examples", id="unknown-option"),
        pytest.param(["surplus"], "--help shows examples", id="surplus-word"),
    ],
)
def test_wrong_usage_is_one_line_and_starts_nothing(command, monkeypatch, capsys, options, message):
    Path("folder").mkdir()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert command(*options) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert "training on" not in told.out
    assert not list(Path().rglob("*config.json"))


def test_other_results_in_the_way_are_kept(command, capsys):
    assert command() == 0
    assert command() == 2
    assert "out already holds results" in capsys.readouterr().err
    assert command("--resume", "--lr", "0.1") == 2
    assert "made with learning_rate 0.001, not 0.1" in capsys.readouterr().err
    Path("train.json").write_text(json.dumps([[3, 1, 4], [1, 5, 10]]))
    assert command("--resume") == 2
    assert "out was made with other data" in capsys.readouterr().err


def test_data_that_nobody_names_is_looked_for_and_can_be_made(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert rnn.main([]) == 2
    assert "python -m data stories --out stories" in capsys.readouterr().err


def test_tokens_beyond_any_vocabulary_are_refused(command, capsys):
    Path("valid.json").write_text(json.dumps([[1, 10**12]]))
    assert command() == 2
    assert "the largest token is 1000000000000" in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_tokenizer_serves_training_and_completing(command, capsys):
    letters, generator = "abcdefghijklmnopqrstuvwxyz", random.Random(0)
    words = ["".join(generator.choices(letters, k=4)) for _ in range(400)]
    texts = [" ".join(generator.choices(words, k=100)) for _ in range(60)]
    save_tokenizer(train_tokenizer(texts), Path("tokenizer"))
    tokens = load_tokenizer("tokenizer").encode(texts[0])
    Path("train.json").write_text(json.dumps([tokens[:9], tokens[-9:]]))
    Path("valid.json").write_text(json.dumps([tokens[-9:]]))
    assert command("--num_sequences", "200", "--lr", "0.01") == 0
    assert "vocabulary: 1,024 tokens, of the tokenizer in tokenizer" in capsys.readouterr().out
    beginning = texts[0].split()[0]
    assert rnn.main(["complete", beginning, "--model", "out", "--temperature", "0"]) == 0
    printed = capsys.readouterr().out
    assert f"prefix: {beginning}\n" in printed
    assert texts[0].split()[1] in printed  # two sequences are soon known by heart
    assert rnn.complete(texts[0].split()[-1], model="out").endswith("</s>")
