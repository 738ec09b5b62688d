import csv
import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from courses.experiment import open_results

SETTINGS = {"seed": 42, "rate": 0.1, "sizes": (1, 5)}
ROWS = [{"network": "wide", "parameters": 101770, "accuracy": 1 / 3}]


def test_the_config_says_what_decided_the_results(tmp_path):
    open_results(tmp_path, SETTINGS, device="cuda")
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["settings"] == {"seed": 42, "rate": 0.1, "sizes": [1, 5]}
    assert config["device"] == "cuda"
    assert config["versions"].keys() >= {"python", "numpy"}
    assert config["command"].startswith("python ")


def test_a_finished_training_is_found_again_and_its_checkpoint_goes(tmp_path):
    results = open_results(tmp_path, SETTINGS)
    assert results.finished("first") is None
    results.save("first", {"w": np.ones(3)}, {})
    record = results.finish("first", {"loss": [1 / 3, 0.1], "best": 2})
    resumed = open_results(tmp_path, SETTINGS, resume=True)
    assert resumed.finished("first") == record == {"loss": [1 / 3, 0.1], "best": 2}
    assert resumed.load("first") is None
    assert resumed.finished("second") is None


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path):
    arrays = {
        "weights": np.random.normal(size=(3, 5)),
        "moments": np.random.normal(size=7).astype(np.float32),
        "generator": np.arange(11, dtype=np.uint8),
        "step": np.array(13.0),
    }
    results = open_results(tmp_path, SETTINGS)
    assert results.load("one") is None
    results.save("one", {"w": np.zeros(2)}, {"epoch": 1})
    results.save("one", arrays, {"epoch": 2, "history": [1 / 3]})
    loaded, about = open_results(tmp_path, SETTINGS, resume=True).load("one")
    assert about == {"epoch": 2, "history": [1 / 3]}
    assert loaded.keys() == arrays.keys()
    for name, want in arrays.items():
        assert loaded[name].dtype == want.dtype
        assert loaded[name].shape == want.shape
        assert loaded[name].tobytes() == want.tobytes()


@pytest.mark.parametrize(
    ("settings", "device", "message"),
    [
        pytest.param({**SETTINGS, "seed": 7}, "cpu", "seed 42, not 7", id="other-seed"),
        pytest.param({**SETTINGS, "sizes": [1]}, "cpu", "sizes", id="other-list"),
        pytest.param({**SETTINGS, "more": 1}, "cpu", "more None, not 1", id="a-new-setting"),
        pytest.param({"seed": 42}, "cpu", "rate 0.1, not None", id="a-setting-less"),
        pytest.param(SETTINGS, "cuda", "device 'cpu', not 'cuda'", id="other-device"),
    ],
)
def test_only_the_same_experiment_goes_on(settings, device, message, tmp_path):
    open_results(tmp_path, SETTINGS)
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(ValueError, match=message):
        open_results(tmp_path, settings, device=device, resume=True)
    assert (tmp_path / "config.json").read_bytes() == before


@pytest.mark.parametrize(
    ("before", "now", "message"),
    [
        pytest.param(
            {"parts": [{"width": 8, "count": 2500}, {"width": 8, "count": 5000}]},
            {"parts": [{"width": 8, "count": 2500}, {"width": 8, "count": 1250}]},
            "count 5000, not 1250",
            id="a-number-deep-inside",
        ),
        pytest.param({"data": 64 * "a"}, {"data": 64 * "b"}, "other data", id="a-sum"),
    ],
)
def test_no_more_is_told_than_the_first_difference(before, now, message, tmp_path):
    open_results(tmp_path, before)
    with pytest.raises(ValueError, match=f"^{re.escape(str(tmp_path))} was made with {message}: "):
        open_results(tmp_path, now, resume=True)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param({}, "--resume", id="again"),
        pytest.param({"resume": True, "restart": True}, "one of them", id="both"),
    ],
)
def test_results_are_not_overwritten_by_accident(how, message, tmp_path):
    open_results(tmp_path, SETTINGS).finish("first", {"loss": 1.0})
    with pytest.raises(ValueError, match=message):
        open_results(tmp_path, SETTINGS, **how)
    assert open_results(tmp_path, SETTINGS, resume=True).finished("first") == {"loss": 1.0}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "nothing to continue", id="nothing-there"),
        pytest.param("{", "cannot be read", id="broken"),
    ],
)
def test_a_folder_without_a_readable_config_cannot_go_on(content, message, tmp_path):
    if content is not None:
        (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        open_results(tmp_path, SETTINGS, resume=True)


def test_restarting_removes_our_results_and_nobody_elses(tmp_path):
    theirs = [tmp_path / name for name in ("notes.md", "data.csv", "photo.png", "trainings/notes")]
    results = open_results(tmp_path, SETTINGS)
    results.finish("first", {"loss": 1.0})
    results.save("second", {"w": np.ones(1)}, {})
    results.table(ROWS)
    results.picture("curve", Figure(), ROWS)
    for path in theirs:
        path.write_text("mine", encoding="utf-8")
    open_results(tmp_path, {"seed": 1}, restart=True)
    left = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {*theirs, tmp_path / "config.json"}


def test_a_table_has_every_digit_as_csv_and_few_as_markdown(tmp_path, capsys):
    results = open_results(tmp_path, SETTINGS)
    results.table(ROWS, {"parameters": ",", "accuracy": ".2f"})
    want = "| network | parameters | accuracy |\n| --- | ---: | ---: |\n| wide | 101,770 | 0.33 |"
    assert (tmp_path / "table.md").read_bytes() == f"{want}\n".encode()
    assert want in capsys.readouterr().out
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["network"] == "wide"
    assert float(row["accuracy"]) == 1 / 3


def test_a_picture_never_stands_without_its_numbers(tmp_path):
    results = open_results(tmp_path, SETTINGS)
    results.picture("curve", Figure(), ROWS)
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "curve.csv").read_text(encoding="utf-8").startswith("network,parameters")
