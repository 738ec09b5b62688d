"""Download a file over HTTP: resumed where it was cut, checked before anybody sees it.

`download` brings a whole file whose size and sum are known, `beginning` the first records of a file
that is longer than anybody needs.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.progress import Progress
from data.source import Download, Stream

TIMEOUT = 5.0  # seconds without an answer, to connect and between two reads
TRIES = 3  # connections that may bring nothing new before a download is given up
CHUNK = 1 << 16


class Unavailable(Exception):
    """A source did not provide its files; the message is the reason."""


class Broken(Exception):
    """A connection ended before what it announced had come; the message says how."""


def download(source: Download, target: Path) -> None:
    """Bring a file to ``target``, continuing what an earlier attempt left in ``target.part``.

    Raises:
        Unavailable: if the server cannot be reached, the connection keeps breaking (what has come
            stays in the ``.part`` file for the next attempt), or the file is not the one expected.
    """
    _check_scheme(source.url)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    left_over = _size(part) > 0
    with Progress(target.name, source.size) as progress:
        _transfer(source, part, progress)
    got = hashlib.sha256(part.read_bytes()).hexdigest()
    if got == source.sha256:
        os.replace(part, target)
        return
    part.unlink()
    if not left_over:
        raise Unavailable(f"what came has sha256 {got}; expected {source.sha256}")
    download(source, target)  # the beginning may have been that of another file


def _transfer(source: Download, part: Path, progress: Progress) -> None:
    """Fill the part up to the size expected, over as many connections as bring something new."""
    tries = TRIES
    while _size(part) != source.size:
        before = _start(source, part)
        try:
            _continue(source, part, progress)
        except Broken as reason:
            tries = TRIES if _size(part) > before else tries - 1
            if tries == 0:
                message = f"{reason} after {_size(part):,} of {source.size:,} bytes"
                raise Unavailable(message) from reason


def _continue(source: Download, part: Path, progress: Progress) -> None:
    """Read on from where the part ends."""
    with (
        connected(source.url, _start(source, part)) as (response, start),
        open(part, "r+b" if start else "wb") as stream,
    ):
        stream.seek(start)
        progress.at(start)
        _copy(response, stream, source, start, progress)
    if _size(part) != source.size:
        raise Broken("the connection ended early")


def _copy(response: Any, stream: Any, source: Download, start: int, progress: Progress) -> None:
    done = start
    for chunk in chunks(response):
        done += len(chunk)
        if done > source.size:
            stream.truncate(0)
            raise Unavailable(f"the server sends more than the {source.size:,} bytes expected")
        stream.write(chunk)
        stream.flush()  # whatever stops this process, what has come is kept
        progress.at(done)


def beginning(source: Stream, part: Path) -> bytes:
    """The first records of a file, each with its separator, and nothing of what follows.

    Args:
        source: the file, and how much of it is wanted.
        part: keeps what has come, and is continued if an earlier attempt left it; the caller
            removes it. Two files, or two revisions of one, must not share it.

    Raises:
        Unavailable: if the server cannot be reached, the connection keeps breaking, or the file
            has not that many records, be it in all or within the bytes that may be read.
        OSError: if the part cannot be written.
    """
    _check_scheme(source.url)
    part.parent.mkdir(parents=True, exist_ok=True)
    name = source.url.rsplit("/", 1)[1]
    tries = TRIES
    with Progress(name, source.records, "records") as progress, _Growing(source, part) as come:
        while come.records < source.records:
            before = len(come.text)
            try:
                _read_on(source, come, progress)
            except Broken as reason:
                tries = TRIES if len(come.text) > before else tries - 1
                if tries == 0:
                    message = f"{reason} after {come.records:,} of {source.records:,} records"
                    raise Unavailable(message) from reason
        return come.wanted()


def _read_on(source: Stream, come: _Growing, progress: Progress) -> None:
    """Read until there are enough records, and leave the rest of the file with the server."""
    with connected(source.url, len(come.text)) as (response, start):
        if start == 0:
            come.start_again()
        for chunk in chunks(response):
            if len(come.text) + len(chunk) > source.limit:
                come.start_again()
                raise Unavailable(
                    f"expected {source.records:,} records within {source.limit:,} bytes; "
                    f"the server sends more"
                )
            come.add(chunk)
            progress.at(min(come.records, source.records))
            if come.records >= source.records:
                return
        if response.length:  # the bytes announced that have not come
            raise Broken("the connection ended early")
    found = come.records
    come.start_again()
    raise Unavailable(f"the file ends after {found:,} records; expected {source.records:,}")


class _Growing:
    """The beginning of a file as far as it has come, here and in the part on the disk."""

    def __init__(self, source: Stream, part: Path) -> None:
        self._part, self._separator, self._wanted = part, source.separator, source.records
        self.text = bytearray(part.read_bytes() if 0 < _size(part) <= source.limit else b"")
        self.records = self.text.count(self._separator)
        self._stream = open(part, "r+b" if self.text else "wb")  # noqa: SIM115 (see __exit__)
        self._stream.seek(len(self.text))

    def __enter__(self) -> _Growing:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        if not self.text:
            self._part.unlink()

    def start_again(self) -> None:
        """Forget what has come: the server sends it all again, or it is of no use."""
        self._stream.seek(0)
        self._stream.truncate()
        self.text.clear()
        self.records = 0

    def add(self, chunk: bytes) -> None:
        """Take what has come, and keep it whatever stops this process."""
        self._stream.write(chunk)
        self._stream.flush()
        start = max(0, len(self.text) - len(self._separator) + 1)  # it may stand in two chunks
        self.text += chunk
        self.records += self.text.count(self._separator, start)

    def wanted(self) -> bytes:
        """The text up to the last separator that is wanted."""
        end = 0
        for _ in range(self._wanted):
            end = self.text.index(self._separator, end) + len(self._separator)
        return bytes(self.text[:end])


def _check_scheme(url: str) -> None:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url} must start with https:// or http://")


@contextlib.contextmanager
def connected(url: str, start: int = 0) -> Iterator[tuple[Any, int]]:
    """The server's answer, and where in the file it begins: at ``start``, or else at 0."""
    request = urllib.request.Request(url, headers={"User-Agent": "coursework-data"})  # noqa: S310 (scheme checked)
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310 (scheme checked)
    except urllib.error.HTTPError as error:
        raise Unavailable(f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise Unavailable(f"no connection ({error.reason})") from error
    except (OSError, http.client.HTTPException) as error:
        raise Broken(f"the connection broke ({error or type(error).__name__})") from error
    with response:
        if response.status != http.client.PARTIAL_CONTENT:
            yield response, 0  # the server sends it all again
        elif response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            yield response, start
        else:
            raise Unavailable("the server answered with another part of the file")


def chunks(response: Any) -> Iterator[bytes]:
    """What the server sends, as it comes."""
    while True:
        try:
            chunk = response.read(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise Broken(f"the connection broke ({error or type(error).__name__})") from error
        if not chunk:
            return
        yield chunk


def _start(source: Download, part: Path) -> int:
    """Where to go on: after what is there, or at the beginning if that is too much."""
    return _size(part) if _size(part) < source.size else 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
