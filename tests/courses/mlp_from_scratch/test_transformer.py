import csv
import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from courses.mlp_from_scratch import transformer
from courses.mlp_from_scratch.transformer_training import Settings, Training, even_windows
from data.text import Text
from models import BigramLanguageModel

ROOT = Path(__file__).resolve().parents[3]
PNG = b"\x89PNG"
RHYME = "Pack my box with five dozen liquor jugs, man.\n" * 30


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "rhyme.txt"
    path.write_text(RHYME, encoding="utf-8")
    return path


def command(text, out, *options):
    return ["--quick", "--text", str(text), "--out", str(out), *options]


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(out):
    """The files that hold results, without the times."""
    tables = [
        [{key: row[key] for key in row if key not in ("time (s)", "characters/s")} for row in rows]
        for rows in (rows_of(out / "table.csv"), rows_of(out / "loss.csv"))
    ]
    texts = {path.name: path.read_text() for path in sorted(out.glob("*.txt"))}
    return tables, texts


def assert_same_results(first, second):
    assert numbers(first) == numbers(second)
    names = sorted(path.name for path in first.glob("*.safetensors"))
    assert names == sorted(path.name for path in second.glob("*.safetensors"))
    for name in names:
        theirs = load_file(second / name)
        for key, value in load_file(first / name).items():
            assert torch.equal(value, theirs[key]), (name, key)


def test_a_quick_run_writes_before_and_after_and_leaves_its_files(text, tmp_path, capsys):
    out = tmp_path / "run"
    assert transformer.main(command(text, out)) == 0
    printed = capsys.readouterr().out
    before, after = (
        (out / f"transformer-{when}.txt").read_text(encoding="utf-8")
        for when in ("before", "after")
    )
    assert f"before training:\n{before}" in printed
    assert f"after training:\n{after}" in printed
    assert len(before) == len(after) == transformer.QUICK["sample_length"] + 1
    assert before != after
    curve = rows_of(out / "loss.csv")
    assert [int(row["iteration"]) for row in curve] == [0, 20, 40, 60]
    for split in ("train", "validation"):
        assert float(curve[-1][split]) < float(curve[0][split]) - 0.3
    assert (out / "loss.png").read_bytes().startswith(PNG)
    (row,) = rows_of(out / "table.csv")
    assert row["validation loss"] == curve[-1]["validation"]
    assert not list(out.rglob(".partial*"))


def test_the_weights_it_leaves_can_be_used_again(text, tmp_path):
    out = tmp_path / "run"
    assert transformer.main(command(text, out, "--seed", "5")) == 0
    path = out / "transformer.safetensors"
    with safe_open(path, framework="pt") as file:
        about = file.metadata()
    settings = Settings(**json.loads(about["settings"]))
    assert settings.seed == 5
    sizes = (settings.block_size, settings.n_embd, settings.n_head, settings.n_layer)
    model = BigramLanguageModel(len(about["alphabet"]), *sizes).eval()
    model.load_state_dict(load_file(path))
    start = torch.zeros(1, 1, dtype=torch.int64)
    written = model.generate(start, 100, generator=torch.Generator().manual_seed(5))
    after = Text("", about["alphabet"]).decode(written[0, 1:])
    assert after + "\n" == (out / "transformer-after.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("sweep", "values"),
    [
        pytest.param("block_size", (2, 16, 64), id="block_size"),
        pytest.param("n_head", (2, 4, 8), id="n_head"),
    ],
)
def test_a_sweep_trains_once_for_each_value(text, tmp_path, sweep, values):
    out = tmp_path / "run"
    assert transformer.main(command(text, out, "--sweep", sweep, "--iterations", "4")) == 0
    names = [f"{sweep}-{value}" for value in values]
    assert [row["training"] for row in rows_of(out / "table.csv")] == names
    assert {row["training"] for row in rows_of(out / "loss.csv")} == set(names)
    for name, value in zip(names, values, strict=True):
        assert (out / f"{name}-after.txt").exists()
        with safe_open(out / f"{name}.safetensors", framework="pt") as file:
            settings = json.loads(file.metadata()["settings"])
            assert settings[sweep] == value
            others = transformer.QUICK | {"iterations": 4}
            assert all(settings[key] == it for key, it in others.items() if key != sweep)
            heads = {key.split("heads.")[1].split(".")[0] for key in file.keys() if "heads." in key}  # noqa: SIM118
            assert len(heads) == settings["n_head"]


def stop_at(monkeypatch, count):
    """Press Ctrl-C while the batch of this number is drawn."""
    calls = itertools.count(1)
    original = Text.windows

    def windows(*arguments):
        if next(calls) == count:
            signal.raise_signal(signal.SIGINT)
        return original(*arguments)

    monkeypatch.setattr(Text, "windows", windows)


@pytest.mark.parametrize("dropout", [pytest.param(d, id=f"dropout-{d}") for d in ("0", "0.2")])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(text, tmp_path, monkeypatch, capsys, dropout):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    options = ["--dropout", dropout]
    assert transformer.main(command(text, whole, *options)) == 0
    stop_at(monkeypatch, 33)
    assert transformer.main(command(text, halves, *options)) == 130
    monkeypatch.undo()
    torch.manual_seed(99)  # what the global generator does in between must not matter
    capsys.readouterr()
    assert transformer.main(command(text, halves, *options, "--resume")) == 0
    assert "goes on after iteration 20" in capsys.readouterr().out
    assert_same_results(whole, halves)


def test_a_stopped_sweep_does_not_repeat_what_is_done(text, tmp_path, monkeypatch, capsys):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    options = ["--sweep", "n_head", "--iterations", "25"]
    assert transformer.main(command(text, whole, *options)) == 0
    stop_at(monkeypatch, 25 + 23)
    assert transformer.main(command(text, halves, *options)) == 130
    monkeypatch.undo()
    capsys.readouterr()
    assert transformer.main(command(text, halves, *options, "--resume")) == 0
    printed = capsys.readouterr().out
    assert "n_head-2: done before" in printed
    assert "n_head-4: goes on after iteration 20" in printed
    assert "n_head-8, before training" in printed
    assert_same_results(whole, halves)


def test_a_seed_repeats_a_run_and_another_one_does_not(text, tmp_path):
    folders = [tmp_path / name for name in ("first", "again", "other")]
    for folder, seed in zip(folders, ("1", "1", "2"), strict=True):
        options = ["--seed", seed, "--iterations", "3"]
        assert transformer.main(command(text, folder, *options)) == 0
    assert_same_results(*folders[:2])
    assert numbers(folders[0]) != numbers(folders[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--device", "tpu"], "must be cpu or cuda", id="device"),
        pytest.param(["--n_embd", "wide"], "--n_embd is 'wide'; give a whole number", id="word"),
        pytest.param(["--n_layer", "0"], "n_layer must be above 0, got 0", id="no-layers"),
        pytest.param(["--n_head", "5"], "n_embd is 32 and n_head 5", id="uneven-heads"),
        pytest.param(["--dropout", "1"], "dropout must be from 0 to below 1", id="dropout"),
        pytest.param(["--sweep", "n_layer"], "give block_size or n_head", id="no-such-sweep"),
        pytest.param(["--resume"], "nothing to continue", id="nothing-to-resume"),
        pytest.param(["--text", "missing.txt"], "--text missing.txt cannot be read", id="no-text"),
        pytest.param(["--block_size", "5000"], "block size, 5000", id="text-too-short"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(text, tmp_path, capsys, options, message):
    arguments = ["--quick", "--out", str(tmp_path / "run"), *options]
    if "--text" not in options:
        arguments += ["--text", str(text)]
    assert transformer.main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_run_goes_on_only_with_its_own_text_and_settings(text, tmp_path, capsys):
    out = tmp_path / "run"
    assert transformer.main(command(text, out, "--iterations", "2")) == 0
    assert transformer.main(command(text, out, "--iterations", "2")) == 2
    assert "--resume" in capsys.readouterr().err
    assert transformer.main(command(text, out, "--resume", "--iterations", "3")) == 2
    assert "was made with iterations 2, not 3" in capsys.readouterr().err
    text.write_text(RHYME.upper(), encoding="utf-8")
    assert transformer.main(command(text, out, "--resume", "--iterations", "2")) == 2
    assert "was made with other text:" in capsys.readouterr().err


def test_restart_leaves_no_sample_of_an_earlier_run(text, tmp_path):
    out = tmp_path / "run"
    options = ["--iterations", "2"]
    assert transformer.main(command(text, out, *options, "--sweep", "n_head")) == 0
    assert transformer.main(command(text, out, *options, "--restart")) == 0
    assert {path.name for path in out.glob("*.txt")} == {
        "transformer-before.txt",
        "transformer-after.txt",
    }


def test_measurements_read_the_whole_text_evenly():
    text = Text("abcdefghij" * 10)
    windows = even_windows(text, block_size=9, characters=90)
    assert windows.shape == (10, 10)
    assert torch.equal(windows[0], text.tokens[:10])
    assert torch.equal(windows[-1], text.tokens[-10:])
    assert len(even_windows(text, block_size=9, characters=10_000)) == 91  # every place there is


def test_a_measurement_is_the_mean_loss_of_all_windows(monkeypatch):
    text = Text(RHYME)
    settings = Settings(**{**transformer.QUICK, "evaluated": 700})
    training = Training(settings, text, text, torch.device("cpu"))
    monkeypatch.setattr("courses.mlp_from_scratch.transformer_training.EVALUATED_AT_ONCE", 16 * 12)
    windows = even_windows(text, 16, 700)
    assert len(windows) % 12  # the last part is smaller
    with torch.no_grad():
        loss = training.model(windows[:, :-1], windows[:, 1:])[1].item()
    measured = training.measure()
    assert measured.train == pytest.approx(loss, rel=1e-5)
    assert measured.validation == pytest.approx(loss, rel=1e-5)


def test_help_does_not_load_torch():
    code = (
        "import sys\n"
        "from courses.mlp_from_scratch import transformer\n"
        "transformer.main(['--help'])\n"
        "sys.exit('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.index("Examples:") < result.stdout.index("Options:")


@pytest.mark.parametrize("count", [pytest.param(n, id=f"{n}-points") for n in (1, 2, 9, 10, 21)])
def test_a_long_curve_is_drawn_whole_and_enlarged_without_its_steep_part(count):
    curve = [{"iteration": at, "train": 3 - at, "validation": 4 - at} for at in range(count)]
    figure = transformer.draw("Title", {"a": {"curve": curve, "guessing": 4.2}})
    (whole,) = figure.axes
    train, validation, _ = whole.lines
    assert list(train.get_ydata()) == [at["train"] for at in curve]
    assert list(validation.get_ydata()) == [at["validation"] for at in curve]
    if count < 10:
        assert not whole.child_axes
    else:
        late, _ = whole.child_axes[0].lines
        assert list(late.get_xdata()) == list(range(count // 5, count))
