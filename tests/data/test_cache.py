import gzip
import hashlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data import cache
from data.source import File

CONTENT = b"content of a file" * 10
SUM = hashlib.sha256(CONTENT).hexdigest()


def test_without_a_named_folder_the_cache_is_in_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COURSEWORK_DATA", raising=False)
    assert cache.folders() == [Path(cache.__file__).parent / "cache"]


def test_a_named_folder_that_can_be_made_is_the_only_one(cache_folder: Path) -> None:
    assert cache.folders() == [cache_folder]
    with cache.folder_to_write() as folder:
        assert folder == cache_folder


def test_a_named_folder_that_cannot_be_written_is_read_before_the_usual_one(
    cache_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tmp_path / "usual"
    monkeypatch.setattr(cache, "DEFAULT", usual)
    cache_folder.mkdir()
    cache_folder.chmod(0o555)
    assert cache.folders() == [cache_folder, usual]
    with cache.folder_to_write() as folder:
        assert folder == usual


def test_where_nothing_can_be_written_files_last_for_one_use(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache_folder.mkdir()
    cache_folder.chmod(0o555)
    monkeypatch.setattr(cache, "DEFAULT", cache_folder / "below")
    with cache.folder_to_write() as folder:
        (folder / "file").touch()
    assert not folder.exists()
    assert "nothing is kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    "path", [pytest.param("a/b.txt", id="plain"), pytest.param("a.gz", id="gz")]
)
def test_what_is_written_is_read_again(cache_folder: Path, path: str) -> None:
    file = File(path, SUM)
    cache.write(cache_folder, file, CONTENT)
    assert cache.read(file, [cache_folder]) == CONTENT
    assert [found for found in cache_folder.rglob("*") if found.is_file()] == [cache_folder / path]
    if os.name == "posix":
        assert stat.S_IMODE((cache_folder / path).stat().st_mode) == 0o644


def test_a_compressed_file_is_known_by_its_content(cache_folder: Path) -> None:
    cache_folder.mkdir()
    for level in (1, 9):
        (cache_folder / "a.gz").write_bytes(gzip.compress(CONTENT, level))
        assert cache.read(File("a.gz", SUM), [cache_folder]) == CONTENT


def test_wrong_content_is_never_written(cache_folder: Path) -> None:
    with pytest.raises(ValueError, match=f"expected {SUM}"):
        cache.write(cache_folder, File("file", SUM), CONTENT[1:])
    assert not cache_folder.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(gzip.compress(b"another"), "not that of the published file", id="other"),
        pytest.param(gzip.compress(CONTENT)[:-9], "cannot be read", id="cut"),
        pytest.param(b"no gzip file", "cannot be read", id="not-compressed"),
    ],
)
def test_a_damaged_file_is_passed_over_and_told(
    content: bytes, reason: str, cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = cache_folder / "second"
    cache.write(second, File("a.gz", SUM), CONTENT)
    (cache_folder / "a.gz").write_bytes(content)
    assert cache.read(File("a.gz", SUM), [cache_folder]) is None
    assert cache.read(File("a.gz", SUM), [cache_folder, second]) == CONTENT
    assert reason in capsys.readouterr().err


def test_a_lock_keeps_another_process_waiting(cache_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from data import cache\n"
        "with cache.locked(Path(sys.argv[1])): print('in', flush=True)"
    )
    with cache.locked(cache_folder):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(cache_folder)], stdout=subprocess.PIPE
        )
        time.sleep(0.5)
        assert child.poll() is None
    assert child.communicate(timeout=20)[0].strip() == b"in"


def test_a_sum_that_nobody_published_is_written_beside_the_file_and_holds(
    cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = File("a/b.gz", None)
    cache.write(cache_folder, file, CONTENT)
    assert (cache_folder / "a/b.gz.sha256").read_text() == SUM + "\n"
    assert cache.read(file, [cache_folder]) == CONTENT
    (cache_folder / "a/b.gz").write_bytes(gzip.compress(CONTENT[:-1]))
    assert cache.read(file, [cache_folder]) is None
    assert "its content is not what was fetched" in capsys.readouterr().err
    (cache_folder / "a/b.gz.sha256").unlink()
    assert cache.read(file, [cache_folder]) is None
    assert "its sum, b.gz.sha256, is not there" in capsys.readouterr().err
    cache.write(cache_folder, file, CONTENT)
    assert cache.read(file, [cache_folder]) == CONTENT


def test_a_sum_is_looked_for_beside_the_file_and_nowhere_else(cache_folder: Path) -> None:
    file = File("a", None)
    cache.write(cache_folder / "first", file, CONTENT)
    cache.write(cache_folder / "second", file, CONTENT)
    (cache_folder / "first/a.sha256").write_text("another")
    assert cache.read(file, [cache_folder / "first"]) is None
    assert cache.read(file, [cache_folder / "first", cache_folder / "second"]) == CONTENT
