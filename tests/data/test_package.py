import hashlib
import importlib.util
import io
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from data.download import Unavailable
from data.package import command_for, members_of, run_client
from data.source import NpmTarball, Wheel

MEMBERS = {"toy/data/one.txt": b"one", "toy/data/two.txt": b"two", "toy/__init__.py": b"1 / 0"}
WANTED = ("toy/data/two.txt", "toy/data/one.txt")


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in MEMBERS.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in MEMBERS.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def described(kind: type[Any], content: bytes) -> Any:
    sum_ = hashlib.sha256(content).hexdigest()
    return kind("toy", "1.0", "toy-1.0.archive", len(content), sum_, WANTED)


def client(filename: str, content: bytes) -> Callable[[Sequence[str], Path], None]:
    """A stand-in for pip or npm, which leaves this file in the folder where it is run."""

    def run(command: Sequence[str], folder: Path) -> None:
        (folder / filename).write_bytes(content)

    return run


@pytest.fixture(autouse=True)
def _both_clients_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


@pytest.mark.parametrize(
    ("kind", "content"),
    [pytest.param(Wheel, zipped(), id="wheel"), pytest.param(NpmTarball, tarred(), id="npm")],
)
def test_only_the_named_members_are_read_in_the_order_asked(
    kind: type[Any], content: bytes
) -> None:
    package = described(kind, content)
    members = members_of(package, client("toy-1.0.archive", content))
    assert list(members.items()) == [(name, MEMBERS[name]) for name in WANTED]


def test_a_package_with_another_checksum_is_refused_unopened() -> None:
    package = described(Wheel, zipped())
    with pytest.raises(Unavailable, match=f"expected {package.sha256}"):
        members_of(package, client("toy-1.0.archive", b"not even a zip file"))


def test_a_client_that_leaves_another_file_is_told_so() -> None:
    with pytest.raises(Unavailable, match=r"expected the file toy-1.0.archive, got toy-2.0.zip"):
        members_of(described(Wheel, zipped()), client("toy-2.0.zip", zipped()))


def test_the_commands_pin_the_version_and_run_nothing() -> None:
    pip = command_for(described(Wheel, b""))
    assert pip[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"toy==1.0", "--no-deps", "--only-binary=:all:"} <= set(pip)
    npm = command_for(described(NpmTarball, b""))
    assert npm[:3] == ["/usr/bin/npm", "pack", "toy@1.0"]
    assert "--ignore-scripts" in npm


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param(Wheel, "this Python has no pip", id="pip"),
        pytest.param(NpmTarball, "npm is not installed", id="npm"),
    ],
)
def test_a_missing_client_makes_the_source_unavailable(
    kind: type[Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match=message):
        members_of(described(kind, b""))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param("import sys; sys.exit('one\\nno such version')", "no such version", id="said"),
        pytest.param("raise SystemExit(3)", "did not say why", id="silent"),
    ],
)
def test_a_client_that_fails_gives_its_last_line_as_the_reason(
    code: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match=message):
        run_client([sys.executable, "-c", code], tmp_path)


def test_a_client_that_cannot_be_started_makes_the_source_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no-such-program"):
        run_client([str(tmp_path / "no-such-program")], tmp_path)


def test_a_client_runs_in_the_folder_given(tmp_path: Path) -> None:
    run_client([sys.executable, "-c", "open('here', 'w').close()"], tmp_path)
    assert (tmp_path / "here").exists()
