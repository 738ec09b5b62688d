import csv

import pytest

from courses.mlp_from_scratch import early_stopping
from courses.mlp_from_scratch.numpy_trainings import fewer
from courses.mlp_from_scratch.training import Settings, Training
from data.fashion import homework_arrays


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("few_images")
def test_the_marked_epoch_is_where_patience_really_stops(fashion_folder, tmp_path, monkeypatch):
    from courses.mlp_from_scratch import numpy_trainings

    monkeypatch.setattr(numpy_trainings, "QUICK_EPOCHS", 25)
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(tmp_path)]
    assert early_stopping.main([*options, "--patience", "2"]) == 0
    every, table = read(tmp_path / "early_stopping.csv"), read(tmp_path / "table.csv")
    assert [int(row["epoch"]) for row in every] == list(range(1, 26))

    settings = Settings(minibatch_size=5, num_epoch=25, early_stopping_patience=2)
    stopped = Training(fewer(homework_arrays(fashion_folder)), settings)
    stopped.run()
    assert stopped.epochs < 25
    kept, stop = table[0], table[1]
    assert int(stop["epoch"]) == stopped.epochs
    assert int(kept["epoch"]) == stopped.best_epoch
    assert float(kept["test"]) == stopped.test_accuracy()
    assert [float(row["validation"]) for row in every[: stopped.epochs]] == stopped.history.val


def test_a_patience_that_never_ends_is_said_so(fashion_folder, tmp_path, capsys):
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(tmp_path)]
    assert early_stopping.main(options) == 0
    assert "patience 3 would not have stopped" in capsys.readouterr().out
