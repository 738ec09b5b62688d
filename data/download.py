"""Download a file over HTTP: resumed where it was cut, checked before anybody sees it."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from data.progress import Progress
from data.source import Download

TIMEOUT = 5.0  # seconds without an answer, to connect and between two reads
TRIES = 3  # connections that may bring nothing new before a download is given up
CHUNK = 1 << 16


class Unavailable(Exception):
    """A source did not provide its files; the message is the reason."""


def download(source: Download, target: Path) -> None:
    """Bring a file to ``target``, continuing what an earlier attempt left in ``target.part``.

    Raises:
        Unavailable: if the server cannot be reached, the connection keeps breaking (what has come
            stays in the ``.part`` file for the next attempt), or the file is not the one expected.
    """
    if urllib.parse.urlsplit(source.url).scheme not in ("http", "https"):
        raise ValueError(f"{source.url} must start with https:// or http://")
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
        reason = _continue(source, part, progress)
        if reason is not None:
            tries = TRIES if _size(part) > before else tries - 1
            if tries == 0:
                raise Unavailable(f"{reason} after {_size(part):,} of {source.size:,} bytes")


def _continue(source: Download, part: Path, progress: Progress) -> str | None:
    """Read on from where the part ends; a reason if the connection broke before the end."""
    start = _start(source, part)
    request = urllib.request.Request(source.url, headers={"User-Agent": "coursework-data"})  # noqa: S310 (scheme checked)
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            if response.status != http.client.PARTIAL_CONTENT:
                start = 0  # the server sends it all again
            elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                raise Unavailable("the server answered with another part of the file")
            with open(part, "r+b" if start else "wb") as stream:
                stream.seek(start)
                progress.at(start)
                _copy(response, stream, source, start, progress)
    except urllib.error.HTTPError as error:
        raise Unavailable(f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise Unavailable(f"no connection ({error.reason})") from error
    except (OSError, http.client.HTTPException) as error:
        return f"the connection broke ({error or type(error).__name__})"
    return None if _size(part) == source.size else "the connection ended early"


def _copy(response: Any, stream: Any, source: Download, start: int, progress: Progress) -> None:
    done = start
    while chunk := response.read(CHUNK):
        done += len(chunk)
        if done > source.size:
            stream.truncate(0)
            raise Unavailable(f"the server sends more than the {source.size:,} bytes expected")
        stream.write(chunk)
        stream.flush()  # whatever stops this process, what has come is kept
        progress.at(done)


def _start(source: Download, part: Path) -> int:
    """Where to go on: after what is there, or at the beginning if that is too much."""
    return _size(part) if _size(part) < source.size else 0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
