import hashlib
import http.client
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
from data.download import Unavailable, download
from data.source import Download
from tests.data.web_server import WebServer


def described(web: WebServer) -> Download:
    """The source as a catalogue would describe what the server gives."""
    sum_ = hashlib.sha256(web.content).hexdigest()
    return Download(web.url, len(web.content), sum_, "file")


def part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def test_a_whole_file_arrives_and_nothing_else_is_left(web: WebServer, tmp_path: Path) -> None:
    target = tmp_path / "folder" / "file"
    download(described(web), target)
    assert target.read_bytes() == web.content
    assert list(target.parent.iterdir()) == [target]
    assert web.asked == [None]


def test_a_wrong_checksum_is_refused_and_the_file_not_kept(web: WebServer, tmp_path: Path) -> None:
    source = described(web)
    web.content = web.content[::-1]
    with pytest.raises(Unavailable, match=f"expected {source.sha256}"):
        download(source, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_cut_connection_is_resumed_where_it_broke(web: WebServer, tmp_path: Path) -> None:
    web.cut_after = [100_000, 50_000]
    download(described(web), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == web.content
    assert web.asked == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_that_ignores_ranges_sends_it_all_again(web: WebServer, tmp_path: Path) -> None:
    web.cut_after, web.ranges = [100_000], False
    download(described(web), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == web.content
    assert web.asked == [None, "bytes=100000-"]


def test_a_connection_that_keeps_breaking_is_given_up_with_the_part_kept(
    web: WebServer, tmp_path: Path
) -> None:
    web.cut_after = [70_000, 0, 0, 0]
    with pytest.raises(Unavailable, match="after 70,000 of 262,144 bytes"):
        download(described(web), tmp_path / "file")
    assert part_of(tmp_path / "file").read_bytes() == web.content[:70_000]
    download(described(web), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == web.content
    assert web.asked[-1] == "bytes=70000-"


@pytest.mark.parametrize(
    "left_over",
    [
        pytest.param(b"from another file" * 100, id="other-content"),
        pytest.param(bytes(300_000), id="longer-than-the-file"),
        pytest.param(bytes(262_144), id="as-long-as-the-file"),
    ],
)
def test_a_part_of_another_file_is_thrown_away(
    web: WebServer, tmp_path: Path, left_over: bytes
) -> None:
    part_of(tmp_path / "file").write_bytes(left_over)
    download(described(web), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == web.content


def test_a_missing_page_is_told_with_the_server_s_own_answer(
    web: WebServer, tmp_path: Path
) -> None:
    web.url += "-that-moved"
    with pytest.raises(Unavailable, match="the server answered 404"):
        download(described(web), tmp_path / "file")
    assert len(web.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_more_than_the_expected_size_is_refused(web: WebServer, tmp_path: Path) -> None:
    source = described(web)
    web.content += b"more"
    with pytest.raises(Unavailable, match="more than the 262,144 bytes"):
        download(source, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_without_a_network_it_fails_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: a connection is refused
        source = Download(f"http://127.0.0.1:{unused.getsockname()[1]}/file", 1, "", "file")
        start = time.monotonic()
        with pytest.raises(Unavailable, match="no connection"):
            download(source, tmp_path / "file")
    assert time.monotonic() - start < downloading.TIMEOUT
    assert list(tmp_path.iterdir()) == []


def test_another_range_than_the_one_asked_for_is_refused(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part_of(tmp_path / "file").write_bytes(web.content[:1000])
    original = http.client.HTTPMessage.get

    def another(message: http.client.HTTPMessage, name: str, default: str = "") -> str:
        return "bytes 5-" if name == "Content-Range" else original(message, name, default)

    monkeypatch.setattr(http.client.HTTPMessage, "get", another)
    with pytest.raises(Unavailable, match="another part of the file"):
        download(described(web), tmp_path / "file")


def test_only_web_addresses_are_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must start with https://"):
        download(Download("file:///etc/hosts", 1, "", "file"), tmp_path / "file")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")
def test_an_interrupted_process_leaves_a_part_that_the_next_one_continues(
    web: WebServer, tmp_path: Path
) -> None:
    source = described(web)
    web.content = web.content[:150_000]  # the rest never comes: announced, then silence
    target = tmp_path / "file"
    code = (
        "import sys; from pathlib import Path; import data.download as d;"
        "from data.source import Download; d.TRIES = 10**9;"
        "url, size, total, target = sys.argv[1:];"
        "d.download(Download(url, int(size), total, 'file'), Path(target))"
    )
    arguments = [source.url, str(source.size), source.sha256, str(target)]
    child = subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not part_of(target).exists() or part_of(target).stat().st_size < 150_000:
        assert time.monotonic() < deadline, "the child never received anything"
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in child.communicate(timeout=20)[1]
    assert child.returncode != 0
    assert part_of(target).stat().st_size == 150_000

    web.content = bytes(range(256)) * 1024
    web.asked.clear()
    download(source, target)
    assert target.read_bytes() == web.content
    assert web.asked == ["bytes=150000-"]
