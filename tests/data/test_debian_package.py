import dataclasses
import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from data.download import Unavailable
from data.package import command_for, members_of, run_client
from data.source import DebianPackage

FOLDER = "usr/share/datasets/toy"
FILES = {f"{FOLDER}/one.gz": b"one", f"{FOLDER}/two.gz": b"two", f"{FOLDER}/three": b"three"}
WANTED = (f"{FOLDER}/two.gz", f"{FOLDER}/one.gz")
FILENAME = "toy_1.0~git1-1_all.deb"
DPKG_DEB = shutil.which("dpkg-deb")  # before the fixture pretends


def tarred(files: dict[str, bytes], link: str = "") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo("./" + name)
            member.size, member.mode = len(content), 0o755
            if name == link:
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/hostname", 0
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def deb(marker: Path, files: dict[str, bytes] = FILES, link: str = "") -> bytes:
    """A package, put together by hand, whose scripts would leave a marker if they ran."""
    script = f"#!/bin/sh\ntouch {marker}\n".encode()
    control = {"control": b"Package: toy\nVersion: 1.0~git1-1\nArchitecture: all\n"}
    control |= dict.fromkeys(("preinst", "postinst", "prerm", "postrm"), script)
    members = {
        "debian-binary": b"2.0\n",
        "control.tar": tarred(control),
        "data.tar": tarred(files, link),
    }
    archive = b"!<arch>\n"
    for name, content in members.items():
        archive += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        archive += content + b"\n" * (len(content) % 2)
    return archive


def described(content: bytes) -> DebianPackage:
    sum_ = hashlib.sha256(content).hexdigest()
    return DebianPackage("toy", "1.0~git1-1", FILENAME, len(content), sum_, WANTED)


class Clients:
    """Stands in for apt-get, and for dpkg-deb where the test does not want the real one."""

    def __init__(self, content: bytes, unpacks_for_real: bool = False) -> None:
        self.content, self.unpacks_for_real = content, unpacks_for_real
        self.commands: list[list[str]] = []

    def __call__(self, command: Sequence[str], folder: Path) -> None:
        self.commands.append(list(command))
        if command[0] == "apt-get":
            (folder / FILENAME).write_bytes(self.content)
        elif self.unpacks_for_real:
            run_client(command, folder)
        else:
            start = self.content.index(b"data.tar        ") + 60
            with tarfile.open(fileobj=io.BytesIO(self.content[start:])) as archive:
                # As it stands: a word for that, and the argument, came with Python 3.11.4.
                archive.extraction_filter = lambda member, _: member
                archive.extractall(folder / command[-1])  # noqa: S202


@pytest.fixture(autouse=True)
def _both_programs_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


REAL = pytest.param(
    True, id="dpkg-deb", marks=pytest.mark.skipif(DPKG_DEB is None, reason="no dpkg-deb here")
)


@pytest.mark.parametrize("real", [REAL, pytest.param(False, id="stand-in")])
def test_the_named_files_are_read_in_the_order_asked_and_no_script_runs(
    real: bool, tmp_path: Path
) -> None:
    content = deb(tmp_path / "ran")
    clients = Clients(content, real)
    members = members_of(described(content), clients)
    assert list(members.items()) == [(name, FILES[name]) for name in WANTED]
    assert [command[:2] for command in clients.commands] == [
        ["apt-get", "download"],
        ["dpkg-deb", "-x"],
    ]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("real", [REAL, pytest.param(False, id="stand-in")])
def test_a_folder_stands_for_all_plain_files_in_it(real: bool, tmp_path: Path) -> None:
    files = {**FILES, f"{FOLDER}/below/four": b"four", "usr/share/doc/toy": b"other"}
    content = deb(tmp_path / "ran", files, link=f"{FOLDER}/one.gz")
    package = dataclasses.replace(described(content), members=(FOLDER + "/",))
    assert list(members_of(package, Clients(content, real)).items()) == [
        (f"{FOLDER}/below/four", b"four"),
        (f"{FOLDER}/three", b"three"),
        (f"{FOLDER}/two.gz", b"two"),
    ]


def test_a_folder_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    content = deb(tmp_path / "ran")
    package = dataclasses.replace(described(content), members=("usr/share/else/",))
    with pytest.raises(Unavailable, match=r"usr/share/else/ in toy_.* is not a plain file"):
        members_of(package, Clients(content))


def test_the_command_pins_the_version_and_installs_nothing() -> None:
    command = command_for(described(b""))
    assert command[:2] == ["apt-get", "download"]
    assert command[-1] == "toy=1.0~git1-1"
    assert "install" not in command


@pytest.mark.parametrize("missing", ["apt-get", "dpkg-deb"])
def test_a_machine_without_the_programs_is_told_so(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else name)
    clients = Clients(b"")
    with pytest.raises(Unavailable, match="apt-get or dpkg-deb is not installed"):
        members_of(described(b""), clients)
    assert clients.commands == []


def test_another_content_is_refused_unopened(tmp_path: Path) -> None:
    package = described(deb(tmp_path / "ran"))
    clients = Clients(deb(tmp_path / "ran", {WANTED[0]: b"forged", WANTED[1]: b"one"}))
    with pytest.raises(Unavailable, match=f"expected {package.sha256}"):
        members_of(package, clients)
    assert len(clients.commands) == 1


@pytest.mark.parametrize("real", [REAL, pytest.param(False, id="stand-in")])
@pytest.mark.parametrize(
    ("files", "link"),
    [
        pytest.param({WANTED[0]: b"two"}, "", id="missing"),
        pytest.param(FILES, WANTED[1], id="link"),
    ],
)
def test_a_member_that_is_no_plain_file_is_refused(
    files: dict[str, bytes], link: str, real: bool, tmp_path: Path
) -> None:
    content = deb(tmp_path / "ran", files, link)
    with pytest.raises(Unavailable, match=r"one\.gz in toy_.* is not a plain file"):
        members_of(described(content), Clients(content, real))


@pytest.mark.skipif(DPKG_DEB is None, reason="no dpkg-deb here")
def test_the_package_made_by_hand_is_one_to_dpkg_deb(tmp_path: Path) -> None:
    (tmp_path / FILENAME).write_bytes(deb(tmp_path / "ran"))
    command = ["dpkg-deb", "--field", FILENAME, "Version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "1.0~git1-1\n"


def test_an_interrupt_leaves_no_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def interrupted(command: Sequence[str], folder: Path) -> None:
        (folder / FILENAME).write_bytes(b"half of")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        members_of(described(b""), interrupted)
    assert list(tmp_path.iterdir()) == []
