import csv
import json
import math

import pytest

from courses.mlp_from_scratch import batch_size


@pytest.mark.usefixtures("ticking")
def test_the_table_counts_epochs_and_updates_to_the_best_model(fashion_folder, tmp_path):
    options = ["--quick", "--data_dir", str(fashion_folder), "--out", str(tmp_path)]
    assert batch_size.main(options) == 0
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["batch size"]) for row in rows] == [1, 5, 50, 500, 5000]
    for row in rows:
        size, best = int(row["batch size"]), int(row["epochs to best"])
        kept = json.loads((tmp_path / f"MLP_lr0.01_b{size}.json").read_text(encoding="utf-8"))
        assert best == kept["val"].index(max(kept["val"])) + 1
        assert int(row["updates to best"]) == best * math.ceil(1000 / size)
        assert float(row["test accuracy"]) == kept["test"]
        assert float(row["training time (s)"]) == int(row["epochs in all"]) == len(kept["train"])
