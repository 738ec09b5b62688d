"""The beginning of a long file: `data.download.beginning`."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from data import download as downloading
from data.download import Unavailable, beginning
from data.source import Stream
from tests.data.web_server import WebServer

MARK = b"<|end|>"
RECORD = b"a story that is told" * 50 + b"\n" + MARK + b"\n"
WANTED = RECORD * 9 + RECORD[:-1]  # nothing follows the last separator


@pytest.fixture(autouse=True)
def _many_records(web: WebServer) -> None:
    web.content = RECORD * 15_000  # 15 MB, more than fits into the buffers on the way


def described(web: WebServer, records: int = 10, limit: int = 100_000) -> Stream:
    return Stream(web.url, MARK, records, limit, "toy/records")


def test_the_first_records_come_and_the_connection_is_closed(
    web: WebServer, tmp_path: Path
) -> None:
    assert beginning(described(web), tmp_path / "folder" / "part") == WANTED
    assert web.asked == [None]
    assert web.sent < len(web.content)


def test_a_part_that_holds_enough_needs_no_connection(web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(RECORD * 12)
    assert beginning(described(web), tmp_path / "part") == WANTED
    assert web.asked == []


@pytest.mark.parametrize("before", [500, len(RECORD) - 5, len(RECORD) * 3], ids=str)
def test_what_an_earlier_attempt_left_is_continued(
    before: int, web: WebServer, tmp_path: Path
) -> None:
    (tmp_path / "part").write_bytes(web.content[:before])
    assert beginning(described(web), tmp_path / "part") == WANTED
    assert web.asked == [f"bytes={before}-"]


def test_a_separator_may_come_in_two_chunks(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (1, 3, 7, len(RECORD), len(RECORD) - 4):
        monkeypatch.setattr(downloading, "CHUNK", size)
        assert beginning(described(web, 3), tmp_path / str(size)) == RECORD * 2 + RECORD[:-1]


def test_a_broken_connection_is_continued_where_it_broke(web: WebServer, tmp_path: Path) -> None:
    web.cut_after = [2500, 0, 1200]
    assert beginning(described(web), tmp_path / "part") == WANTED
    assert web.asked == [None, "bytes=2500-", "bytes=2500-", "bytes=3700-"]


def test_a_server_that_ignores_ranges_sends_it_all_again(web: WebServer, tmp_path: Path) -> None:
    web.cut_after, web.ranges = [2500], False
    assert beginning(described(web), tmp_path / "part") == WANTED


def test_a_connection_that_keeps_breaking_is_given_up_with_the_part_kept(
    web: WebServer, tmp_path: Path
) -> None:
    web.cut_after = [2500, 0, 0, 0]
    with pytest.raises(Unavailable, match="ended early after 2 of 10 records"):
        beginning(described(web), tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == web.content[:2500]
    assert beginning(described(web), tmp_path / "part") == WANTED
    assert web.asked[-1] == "bytes=2500-"


def test_a_redirect_is_followed_also_by_what_is_continued(web: WebServer, tmp_path: Path) -> None:
    source = dataclasses.replace(described(web), url=web.url.replace("/file", "/moved"))
    (tmp_path / "part").write_bytes(web.content[:700])
    assert beginning(source, tmp_path / "part") == WANTED
    assert web.asked == ["bytes=700-", "bytes=700-"]


def test_a_missing_page_is_told_with_the_server_s_own_answer(
    web: WebServer, tmp_path: Path
) -> None:
    web.url += "-that-moved"
    with pytest.raises(Unavailable, match="the server answered 404"):
        beginning(described(web), tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "endless", [b"no record ever ends " * 3000, b""], ids=["for-ever", "too-long"]
)
def test_reading_stops_at_the_limit(endless: bytes, web: WebServer, tmp_path: Path) -> None:
    web.content, web.endless = b"x" * 1_000_000, endless
    with pytest.raises(Unavailable, match="10 records within 100,000 bytes; the server sends more"):
        beginning(described(web), tmp_path / "part")
    assert web.sent < 20_000_000
    assert list(tmp_path.iterdir()) == []


def test_records_without_end_are_cut_after_those_that_are_wanted(
    web: WebServer, tmp_path: Path
) -> None:
    web.content, web.endless = b"", RECORD * 60
    assert beginning(described(web), tmp_path / "part") == WANTED
    assert web.sent < 20_000_000


def test_a_file_with_too_few_records_is_refused(web: WebServer, tmp_path: Path) -> None:
    web.content = RECORD * 4 + b"the last one has no end"
    with pytest.raises(Unavailable, match="the file ends after 4 records; expected 10"):
        beginning(described(web), tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


def test_a_part_beyond_the_limit_is_thrown_away(web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"x" * 100_001)
    assert beginning(described(web), tmp_path / "part") == WANTED
    assert web.asked == [None]


def test_without_a_network_it_fails_at_once_and_leaves_nothing(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        web.url = f"http://127.0.0.1:{unused.getsockname()[1]}/file"
        with pytest.raises(Unavailable, match="no connection"):
            beginning(described(web), tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


def test_only_web_addresses_are_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must start with https://"):
        beginning(Stream("file:///etc/hosts", MARK, 1, 10, "file"), tmp_path / "part")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")
def test_an_interrupted_process_leaves_a_part_that_the_next_one_continues(
    web: WebServer, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    code = (
        "import sys; from pathlib import Path; import data.download as d;"
        "from data.source import Stream; d.TRIES = 10**9;"
        "d.beginning(Stream(sys.argv[1], b'<|end|>', 10, 10**6, 'x'), Path(sys.argv[2]))"
    )
    web.cut_after = [5000] + [0] * 100_000
    child = subprocess.Popen(
        [sys.executable, "-c", code, web.url, str(part)], stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 20
    while not part.exists() or part.stat().st_size < 5000:
        assert time.monotonic() < deadline, "the child never received anything"
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in child.communicate(timeout=20)[1]
    assert part.stat().st_size == 5000
    web.cut_after, web.asked = [], []
    assert beginning(described(web), part) == WANTED
    assert web.asked == ["bytes=5000-"]
