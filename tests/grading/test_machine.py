from __future__ import annotations

from pathlib import Path

import pytest

from grading.machine import cpu_quota, quiet_environment


@pytest.mark.parametrize(
    ("files", "most"),
    [
        pytest.param({}, 10**6, id="none"),
        pytest.param({"cpu.max": "max 100000"}, 10**6, id="unlimited"),
        pytest.param({"cpu.max": "100000 100000"}, 1, id="one-core"),
        pytest.param({"cpu.max": "50000 100000"}, 1, id="half-a-core"),
        pytest.param(
            {"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1, id="version-1"
        ),
        pytest.param({"cpu.max": "nonsense"}, 10**6, id="unreadable"),
    ],
)
def test_the_quota_of_a_container_counts(files: dict[str, str], most: int, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert 1 <= cpu_quota(tmp_path) <= most


def test_a_worker_waits_passively_on_the_threads_it_was_given() -> None:
    environment = quiet_environment(3, "/scratch")
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment["OMP_NUM_THREADS"] == "3"
    assert environment["HOME"] == "/scratch"
