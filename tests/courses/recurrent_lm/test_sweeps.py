"""What the four experiments leave behind, and how they go on."""

import contextlib
import csv
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from matplotlib.figure import Figure

from courses.recurrent_lm import (
    batch_sweep,
    large_run,
    sequence_sweep,
    story_data,
    sweep,
    width_sweep,
)
from models import RNNLanguageModel

CURVES = (width_sweep, batch_sweep, large_run)
QUICK = ("--quick", "--device", "cpu")
FEWER = 50  # the share of a quick run, smaller still
PICTURES = {"training_loss": "train", "validation_loss": "valid"}
TIMES = ("time (s)", "sequences/s")


def some(*experiments):
    """Repeats a test for each of them."""
    each = [pytest.param(it, id=it.__name__.rpartition(".")[2]) for it in experiments]
    return pytest.mark.parametrize("experiment", each)


EACH = some(*CURVES, sequence_sweep)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "QUICK_SEQUENCES", FEWER)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Each experiment's quick run: its folder, what it printed and what its pictures show."""
    runs, savefig = {}, Figure.savefig

    def run(experiment):
        if experiment in runs:
            return runs[experiment]
        out, printed, shown = tmp_path_factory.mktemp("run") / "out", io.StringIO(), []

        def watched(figure, *arguments, **options):
            shown.append(seen_in(figure))
            savefig(figure, *arguments, **options)

        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
            patch.setattr(Figure, "savefig", watched)
            assert experiment.main([*QUICK, "--out", str(out)]) == 0
        runs[experiment] = SimpleNamespace(out=out, printed=printed.getvalue(), pictures=shown)
        return runs[experiment]

    return run


def seen_in(figure):
    """Title, what stands below, and the points of every curve by its label."""
    (axes,) = figure.axes
    curves = [line for line in axes.lines if line.get_label() != "guessing"]
    points = {it.get_label(): [*map(tuple, it.get_xydata().tolist())] for it in curves}
    return axes.get_title(), axes.get_xlabel(), points


def rows_of(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def records(out):
    return {path.stem: json.loads(path.read_text()) for path in Path(out).glob("trainings/*.json")}


def results(out):
    """Everything that a command left, without the times."""
    out = Path(out)
    numbers = [
        {key: value for key, value in row.items() if key not in TIMES}
        for row in rows_of(out / "table.csv")
    ]
    curves = {path.name: rows_of(path) for path in out.glob("*.csv") if path.stem != "table"}
    kept = {name: {**record, "seconds": 0} for name, record in records(out).items()}
    samples = [path.read_text(encoding="utf-8") for path in out.glob("samples.md")]
    return numbers, curves, kept, samples, {path.name for path in out.rglob("*")}


@EACH
def test_a_quick_run_leaves_table_pictures_and_their_numbers(experiment, finished):
    run = finished(experiment)
    assert "made-up sequences" in run.printed
    assert (run.out / "table.md").read_text(encoding="utf-8").strip() in run.printed
    count = 1 if experiment is large_run else 4
    assert len(rows_of(run.out / "table.csv")) == len(records(run.out)) == count
    for name in PICTURES:
        assert (run.out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert f"{run.out / name}.png" in run.printed
    config = json.loads((run.out / "config.json").read_text(encoding="utf-8"))
    assert config["settings"]["seed"] == 10601
    assert config["device"] == "cpu"
    assert not list(run.out.rglob(".partial*"))
    assert not list(run.out.glob("trainings/*.safetensors"))


@EACH
def test_the_table_tells_what_came_of_every_training(experiment, finished):
    out = finished(experiment).out
    rows, found = rows_of(out / "table.csv"), records(out)
    setting = next(iter(rows[0]))
    for row in rows:
        record = found[f"{setting}-{row[setting]}".replace(" ", "-")]
        how = record["settings"]
        sizes = (how["embed_dim"], how["hidden_dim"], story_data.MADE_UP_VOCABULARY)
        model = RNNLanguageModel(*sizes, how["dk"], how["dv"])
        assert int(row["parameters"]) == sum(it.numel() for it in model.parameters())
        assert int(row["updates"]) == how["num_sequences"] // how["batch_size"]
        assert float(row["training loss"]) == record["train"][-1]
        assert float(row["validation loss"]) == record["valid"][-1]
        assert float(row["whole validation set"]) == record["whole_valid"]
        speed = int(row["updates"]) * how["batch_size"] / float(row["time (s)"])
        assert float(row["sequences/s"]) == pytest.approx(speed)


@some(*CURVES)
def test_a_picture_has_a_curve_for_each_training_and_its_csv_the_same_points(experiment, finished):
    run = finished(experiment)
    setting, found = next(iter(rows_of(run.out / "table.csv")[0])), records(run.out)
    for (title, across, curves), (name, split) in zip(run.pictures, PICTURES.items(), strict=True):
        assert title.lower() == name.replace("_", " ")
        assert across == "sequences so far"
        written = {}
        for row in rows_of(run.out / f"{name}.csv"):
            point = float(row["sequences"]), float(row[title])
            written.setdefault(f"{setting} {row[setting]}", []).append(point)
        assert curves == written
        for label, points in curves.items():
            record = found[label.replace(" ", "-")]
            assert points == list(zip(record["sequences"], record[split], strict=True))


def test_the_last_losses_are_drawn_against_the_number_of_sequences(finished):
    run = finished(sequence_sweep)
    table = rows_of(run.out / "table.csv")
    assert [int(row["num_sequences"]) for row in table] == [
        count // FEWER for count in sequence_sweep.COUNTS
    ]
    for (title, across, curves), name in zip(run.pictures, PICTURES, strict=True):
        loss = name.replace("_", " ")
        assert title.lower() == f"final {loss}"
        assert across == "num_sequences"
        (points,) = curves.values()
        assert points == [(float(row["num_sequences"]), float(row[loss])) for row in table]
        written = [tuple(map(float, row.values())) for row in rows_of(run.out / f"{name}.csv")]
        assert points == written


@pytest.mark.parametrize(
    ("experiment", "times", "before_saving"),
    [
        pytest.param(width_sweep, 0, True, id="before-the-first-record"),
        pytest.param(width_sweep, 1, True, id="before-the-second-record"),
        pytest.param(width_sweep, 7, False, id="after-a-training"),
        pytest.param(batch_sweep, 3, False, id="batch-sweep"),
        pytest.param(sequence_sweep, 3, False, id="sequence-sweep"),
        pytest.param(large_run, 2, False, id="large-run"),
    ],
)
def test_a_stopped_experiment_goes_on_in_the_middle_of_a_training(
    experiment, times, before_saving, finished, interrupt_after, capsys
):
    whole = finished(experiment).out
    interrupt_after(times, before_saving=before_saving)
    assert experiment.main([*QUICK, "--out", "halves"]) == 130
    assert "--resume" in capsys.readouterr().err
    assert not Path("halves/table.csv").exists()
    interrupt_after.disarm()
    assert experiment.main([*QUICK, "--out", "halves", "--resume"]) == 0
    assert ("goes on after" in capsys.readouterr().out) == bool(times)
    assert results(whole) == results("halves")


@some(width_sweep, large_run)
def test_results_are_neither_mixed_nor_overwritten(experiment, finished, capsys):
    assert experiment.main([*QUICK, "--out", "none", "--resume"]) == 2
    assert "nothing to continue" in capsys.readouterr().err
    shutil.copytree(finished(experiment).out, "out")
    options, before = [*QUICK, "--out", "out"], results("out")
    assert experiment.main(options) == 2
    assert "--restart" in capsys.readouterr().err
    assert experiment.main([*options, "--resume", "--seed", "7"]) == 2
    assert "was made with seed 10601, not 7" in capsys.readouterr().err
    assert experiment.main([*options, "--resume"]) == 0
    assert "done before" in capsys.readouterr().out
    assert results("out") == before
    assert experiment.main([*options, "--restart", "--seed", "7"]) == 0
    assert results("out")[-1] == before[-1]
    assert results("out")[2] != before[2]
