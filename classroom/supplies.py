"""Brings data to workers that share no disk with us: each gets the files once, as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin

from classroom import task
from classroom.units import digest_of
from data import cache
from data.fetching import present
from data.loading import find


class Supplies(WorkerPlugin):
    """The files of datasets; the scheduler keeps them for workers that join later.

    Args:
        files: contents by their paths in the cache.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.digest = digest_of(sorted(files.items()))
        self.name = f"coursework-data-{self.digest}"

    def setup(self, worker: Any) -> None:
        """Write them below the worker's own folder, which goes when it goes."""
        folder = Path(worker.local_directory) / self.name
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        task.supply(self.digest, folder)


def collect(datasets: Iterable[str]) -> Supplies:
    """The files of datasets that are here already, and the sums that stand beside them."""
    files: dict[str, bytes] = {}
    for name in datasets:
        found = present(find(name))
        for file in found[0].files if found else ():
            for inner in (file.path, f"{file.path}.sha256"):
                places = [place / inner for place in cache.folders()]
                held = next((path for path in places if path.is_file()), None)
                if held is not None:
                    files[inner] = held.read_bytes()
    return Supplies(files)
