import json
from pathlib import Path

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from courses.mlp_from_scratch import plot_batch, plot_train_process

SIZES = (1, 5, 50, 500, 5000)
PNG = b"\x89PNG"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def curves(monkeypatch):
    """What each saved figure shows: its curves as lists of y values, and the scale across."""
    shown = []
    savefig = Figure.savefig

    def watched(self, *arguments, **options):
        axes = self.axes[0]
        shown.append(([list(line.get_ydata()) for line in axes.lines], axes.get_xscale()))
        savefig(self, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", watched)
    return shown


def write(size, rate="0.01", folder=".", **changes):
    results = {"train": [0.5, 0.8], "val": [0.4, 0.6], "test": 0.7 + size / 1e5, "time": 1.0 * size}
    path = Path(folder) / f"MLP_lr{rate}_b{size}.json"
    path.write_text(json.dumps(results | changes), encoding="utf-8")
    return path


def test_the_training_accuracy_of_batch_size_5_is_drawn(curves, capsys):
    write(5, train=[0.5, 0.7, 0.9])
    assert plot_train_process.main([]) == 0
    assert Path("train_process.png").read_bytes().startswith(PNG)
    assert curves == [([[0.5, 0.7, 0.9]], "linear")]
    assert "picture: train_process.png" in capsys.readouterr().out


def test_the_validation_accuracy_is_drawn_on_request(curves):
    write(50)
    words = ["MLP_lr0.01_b50.json", "--validation", "--out", "pictures/b50.png"]
    assert plot_train_process.main(words) == 0
    assert Path("pictures/b50.png").read_bytes().startswith(PNG)
    assert curves == [([[0.5, 0.8], [0.4, 0.6]], "linear")]


def test_accuracy_and_time_are_drawn_against_the_five_batch_sizes(curves):
    for size in SIZES:
        write(size)
    assert plot_batch.main(["--out", "pictures"]) == 0
    for name in ("batch_accuracy.png", "batch_time.png"):
        assert (Path("pictures") / name).read_bytes().startswith(PNG)
    assert curves == [
        ([[0.7 + size / 1e5 for size in SIZES]], "log"),
        ([[1.0 * size for size in SIZES]], "log"),
    ]


@pytest.mark.parametrize(
    ("options", "folder", "commands"),
    [
        pytest.param([], ".", ["--minibatch_size 1\n", "--minibatch_size 500\n"], id="here"),
        pytest.param(
            ["--results", "mine", "--learning_rate", "0.05"],
            "mine",
            [f"--minibatch_size {size} --learning_rate 0.05 --out mine\n" for size in (1, 500)],
            id="elsewhere",
        ),
    ],
)
def test_missing_results_are_told_with_the_commands_that_make_them(
    options, folder, commands, capsys
):
    Path(folder).mkdir(exist_ok=True)
    for size in (5, 50, 5000):
        write(size, "0.05" if options else "0.01", folder)
    assert plot_batch.main(options) == 2
    told = capsys.readouterr().err
    for command in commands:
        assert f"neural_networks {command}" in told
    assert told.count("neural_networks") == 2
    assert not list(Path().glob("*.png"))


def test_without_results_the_training_plot_names_its_command(capsys):
    assert plot_train_process.main([]) == 2
    assert "neural_networks --minibatch_size 5\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "lacks train, val, test, time", id="no-json"),
        pytest.param("3", "lacks train, val, test, time", id="a-number"),
        pytest.param('{"train": [0.5], "val": [0.5]}', "lacks test, time", id="half-of-it"),
    ],
)
def test_a_file_that_holds_no_results_is_named(content, message, capsys):
    Path("MLP_lr0.01_b5.json").write_text(content, encoding="utf-8")
    assert plot_train_process.main([]) == 2
    assert f"MLP_lr0.01_b5.json {message}" in capsys.readouterr().err


def test_show_says_when_there_is_no_window_and_keeps_the_picture(capsys):
    write(5)
    assert plot_train_process.main(["--show"]) == 2
    assert "no window can be opened" in capsys.readouterr().err
    assert Path("train_process.png").read_bytes().startswith(PNG)


def test_show_opens_every_picture_in_a_window(monkeypatch):
    for size in SIZES:
        write(size)
    opened = []
    monkeypatch.setattr(pyplot, "get_backend", lambda: "TkAgg")
    monkeypatch.setattr(pyplot, "show", lambda: opened.extend(pyplot.get_figlabels()))
    try:
        assert plot_batch.main(["--show"]) == 0
    finally:
        pyplot.close("all")
    assert opened == ["batch_accuracy.png", "batch_time.png"]
