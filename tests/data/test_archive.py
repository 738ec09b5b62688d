import dataclasses
import io
import socket
import zipfile

import pytest

from data import archive
from data.archive import members_of_zip
from data.download import Unavailable
from data.source import ZipDownload
from tests.data.web_server import WebServer

FILES = {"toy/one.txt": b"one" * 1000, "toy/two.txt": b"two", "toy/run.py": b"1 / 0"}
WANTED = ("toy/two.txt", "toy/one.txt")


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def toy(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> ZipDownload:
    """A zip file on a server, which is trusted although it does not encrypt."""
    monkeypatch.setattr(archive, "_check_encrypted", lambda url: None)
    web.content = zipped(FILES)
    return ZipDownload(web.url, 10_000, 4_000, WANTED)


def test_only_the_named_members_are_read_in_the_order_asked(toy: ZipDownload) -> None:
    assert list(members_of_zip(toy).items()) == [(name, FILES[name]) for name in WANTED]


def test_a_connection_that_is_not_encrypted_is_refused(web: WebServer) -> None:
    with pytest.raises(Unavailable, match="does not start with https://"):
        members_of_zip(ZipDownload(web.url, 10_000, 4_000, WANTED))
    assert web.asked == []


@pytest.mark.parametrize(
    ("content", "limits", "message"),
    [
        pytest.param(b"<html>moved</html>", {}, "not a zip file that can be read", id="page"),
        pytest.param(zipped(FILES)[:-40], {}, "not a zip file that can be read", id="half"),
        pytest.param(
            zipped({"toy/two.txt": b"two"}), {}, r"the zip file lacks toy/one\.txt", id="member"
        ),
        pytest.param(zipped(FILES), {"limit": 100}, "sends more than 100 bytes", id="large"),
        pytest.param(
            zipped(FILES), {"unpacked_limit": 3_002}, "unpack to more than 3,002 bytes", id="bomb"
        ),
    ],
)
def test_what_is_not_the_file_expected_is_refused(
    content: bytes, limits: dict[str, int], message: str, toy: ZipDownload, web: WebServer
) -> None:
    web.content = content
    with pytest.raises(Unavailable, match=message):
        members_of_zip(dataclasses.replace(toy, **limits))  # type: ignore[arg-type]


def test_a_damaged_member_is_refused(toy: ZipDownload, web: WebServer) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:  # stored as it is
        for name, content in FILES.items():
            opened.writestr(name, content)
    web.content = stream.getvalue().replace(b"oneone", b"oneeno", 1)
    with pytest.raises(Unavailable, match="not a zip file that can be read"):
        members_of_zip(toy)


def test_a_connection_that_ends_early_is_told(toy: ZipDownload, web: WebServer) -> None:
    web.cut_after = [50]
    with pytest.raises(Unavailable, match=r"the connection (ended early|broke)"):
        members_of_zip(toy)


def test_a_server_without_the_file_or_none_at_all_is_told(toy: ZipDownload) -> None:
    with pytest.raises(Unavailable, match="the server answered 404"):
        members_of_zip(dataclasses.replace(toy, url=toy.url + "-that-moved"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/file"
        with pytest.raises(Unavailable, match="no connection"):
            members_of_zip(dataclasses.replace(toy, url=url))
