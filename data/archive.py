"""Read named files out of a zip file on a web server whose size and sum nobody has published.

Since anything may come, nothing is taken on trust: the connection is encrypted, the file and what
is unpacked are bounded, and nothing but the named members is read. Nothing is written.
"""

from __future__ import annotations

import io
import urllib.parse
import zipfile
import zlib
from typing import Any

from data.download import Broken, Unavailable, chunks, connected
from data.progress import Progress
from data.source import Contents, ZipDownload

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def members_of_zip(source: ZipDownload) -> Contents:
    """The contents of the named members, in the order asked.

    Raises:
        Unavailable: if the server cannot be reached or sends too much, or what comes is no zip
            file with these members.
    """
    archive = _fetch(source)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return _read(opened, source)
    except BROKEN as error:
        raise Unavailable(f"what came is not a zip file that can be read ({error})") from error


def _fetch(source: ZipDownload) -> bytes:
    _check_encrypted(source.url)
    try:
        with connected(source.url) as (response, _):
            _check_encrypted(response.url)  # where it was sent on to
            return _receive(response, source)
    except Broken as reason:
        raise Unavailable(str(reason)) from reason


def _receive(response: Any, source: ZipDownload) -> bytes:
    come = bytearray()
    expected = response.length or source.limit
    with Progress(source.url.rsplit("/", 1)[1], expected) as progress:
        for chunk in chunks(response):
            come += chunk
            if len(come) > source.limit:
                raise Unavailable(f"the server sends more than {source.limit:,} bytes")
            progress.at(min(len(come), expected))
    if response.length:  # the bytes announced that have not come
        raise Broken(f"the connection ended early, after {len(come):,} bytes")
    return bytes(come)


def _read(opened: zipfile.ZipFile, source: ZipDownload) -> Contents:
    names = set(opened.namelist())
    missing = [member for member in source.members if member not in names]
    if missing:
        raise Unavailable(f"the zip file lacks {', '.join(missing)}")
    contents = {}
    left = source.unpacked_limit
    for member in source.members:
        with opened.open(member) as stream:
            content = stream.read(left + 1)  # the size that the file announces may be a lie
        left -= len(content)
        if left < 0:
            raise Unavailable(f"the files unpack to more than {source.unpacked_limit:,} bytes")
        contents[member] = content
    return contents


def _check_encrypted(url: str) -> None:
    if urllib.parse.urlsplit(url).scheme != "https":
        raise Unavailable(f"{url} does not start with https://")
