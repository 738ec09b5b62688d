import gzip
import hashlib
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import data
from data import fashion, fetching, loading
from data.catalogue import FASHION, FASHION_PACKAGED
from data.fashion import NAMES, homework_arrays, homework_parts
from data.source import Dataset, DebianPackage, File
from data.splits import Edition

EDITION = Edition("fashion-mnist", "", "", "")
Labels = Sequence[int] | np.ndarray


def labels_file(labels: Labels, magic: int = 2049) -> bytes:
    return struct.pack(">II", magic, len(labels)) + np.asarray(labels, dtype=np.uint8).tobytes()


def images_file(count: int, magic: int = 2051, side: int = 28, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(256, size=count * side * side, dtype=np.uint8)
    return struct.pack(">IIII", magic, count, side, side) + pixels.tobytes()


@pytest.fixture(scope="module")
def contents() -> list[bytes]:
    """Training images in any order, of some classes more than the homework takes."""
    draw = np.random.default_rng(1)
    train = draw.permutation(np.repeat(np.arange(10), [1200 + 7 * each for each in range(10)]))
    test = draw.integers(10, size=30)
    return [
        images_file(len(train)),
        labels_file(train),
        images_file(len(test), seed=2),
        labels_file(test),
    ]


def write(folder: Path, contents: Sequence[bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in zip(NAMES, contents, strict=True):
        (folder / name).write_bytes(gzip.compress(content, compresslevel=1))
    return folder


def by_a_slow_loop(images: bytes, labels: bytes, each: slice) -> tuple[list[bytes], list[int]]:
    """The rows and labels of a part, class after class, counted one by one."""
    rows, numbers = [], []
    for label in range(10):
        places = [at for at in range(len(labels) - 8) if labels[8 + at] == label]
        for place in places[each]:
            rows.append(images[16 + 784 * place : 16 + 784 * (place + 1)])
            numbers.append(label)
    return rows, numbers


def test_the_split_is_that_of_a_slow_loop(contents: list[bytes]) -> None:
    train, validation, test = homework_parts(contents)
    for part, each in ((train, slice(1000)), (validation, slice(-200, None))):
        rows, labels = by_a_slow_loop(contents[0], contents[1], each)
        assert [row.tobytes() for row in part.images] == rows
        assert part.labels.tolist() == labels
    assert test.images.tobytes() == contents[2][16:]
    assert test.labels.tobytes() == contents[3][8:]


def test_a_folder_gives_float64_pixels_in_0_to_1_and_class_numbers(
    contents: list[bytes], tmp_path: Path
) -> None:
    arrays = homework_arrays(write(tmp_path, contents))
    parts = homework_parts(contents)
    for part, x, y in zip(parts, arrays[0::2], arrays[1::2], strict=True):
        assert (x.dtype, y.dtype) == (np.float64, np.int64)
        np.testing.assert_array_equal(
            x, np.frombuffer(part.images, np.uint8).reshape(-1, 784) / 255
        )
        np.testing.assert_array_equal(y, part.labels)
    assert [len(y) for y in arrays[1::2]] == [10_000, 2_000, 30]
    assert arrays._fields == (
        "train_x",
        "train_y",
        "validation_x",
        "validation_y",
        "test_x",
        "test_y",
    )
    assert (arrays.train_x.min(), arrays.train_x.max()) == (0, 1)


def test_read_gives_the_same_images_in_float32_with_one_hot_labels(contents: list[bytes]) -> None:
    splits = fashion.read(EDITION, dict(zip(NAMES, contents, strict=True)))
    parts = splits.parts()
    assert list(parts) == ["train", "validation", "test"]
    for examples, part in zip(parts.values(), homework_parts(contents), strict=True):
        assert examples.x.dtype == examples.y.dtype == np.float32
        np.testing.assert_array_equal(examples.x, part.images / np.float32(255))
        np.testing.assert_array_equal(examples.y, np.eye(10)[part.labels])
    assert splits.edition == EDITION


def test_images_that_are_not_used_never_become_float() -> None:
    count = 60_000
    images = struct.pack(">IIII", 2051, count, 28, 28) + bytes(count * 784)
    files = [images, labels_file(np.arange(count) % 10), images_file(10), labels_file(range(10))]
    tracemalloc.start()
    try:
        fashion.read(EDITION, dict(zip(NAMES, files, strict=True)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < count * 784 * 2  # half of what all of them take in float32


def test_neither_importing_nor_reading_a_folder_needs_torch(
    contents: list[bytes], tmp_path: Path
) -> None:
    code = (
        "import sys, pathlib; sys.modules['torch'] = None\n"
        "from data.fashion import homework_arrays\n"
        "print(len(homework_arrays(pathlib.Path(sys.argv[1])).train_y))"
    )
    command = [sys.executable, "-c", code, str(write(tmp_path, contents))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "10000"


@pytest.mark.parametrize("found", [["train-images-idx3-ubyte"], [NAMES[0], "b"], []], ids=str)
def test_a_folder_that_lacks_files_is_told_all_names_and_what_it_holds(
    found: list[str], tmp_path: Path
) -> None:
    for name in found:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match="lacks") as caught:
        homework_arrays(tmp_path)
    lacks, expected, got = str(caught.value).split("; ")
    assert [name for name in NAMES if name in lacks] == [n for n in NAMES if n not in found]
    assert all(name in expected for name in NAMES)
    assert got == "got " + (", ".join(sorted(found)) or "an empty folder")


def test_of_a_large_folder_a_few_names_are_told(tmp_path: Path) -> None:
    for at in range(9):
        (tmp_path / str(at)).touch()
    with pytest.raises(ValueError, match=r"got 0, 1, 2, 3, 4, 5 and 3 more$"):
        homework_arrays(tmp_path)


def test_what_is_no_folder_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"got no such folder$"):
        homework_arrays(tmp_path / "none")
    with pytest.raises(ValueError, match=r"got a file$"):
        homework_arrays(tmp_path / "file")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda packed: b"<html>" + packed, id="no-gzip"),
        pytest.param(lambda packed: packed[:-9], id="cut-off"),
        pytest.param(lambda packed: packed[:10] + b"\xff" * 8 + packed[18:], id="damaged"),
        pytest.param(lambda packed: packed[:-8] + bytes(8), id="checksum"),
        pytest.param(lambda packed: b"", id="empty"),
    ],
)
def test_a_file_that_cannot_be_unpacked_is_named(name: str, damage, tmp_path: Path) -> None:
    small = [images_file(2), labels_file([0, 1])] * 2
    file = write(tmp_path, small) / name
    file.write_bytes(damage(file.read_bytes()))
    # An empty file unpacks to nothing, which is no IDX file.
    with pytest.raises(ValueError, match=f"{name}( cannot be unpacked: .|: expected an IDX file)"):
        homework_arrays(tmp_path)


@pytest.mark.parametrize(
    ("at", "content", "message"),
    [
        pytest.param(0, images_file(2, magic=2049), f"{NAMES[0]}: .*magic 2049", id="images-magic"),
        pytest.param(1, labels_file([1], magic=7), f"{NAMES[1]}: .*magic 7", id="labels-magic"),
        pytest.param(2, labels_file([1] * 20), f"{NAMES[2]}: .*magic 2049", id="swapped"),
        pytest.param(2, images_file(2, side=32), f"{NAMES[2]}: .*32x32", id="side"),
        pytest.param(2, images_file(30)[:-1], f"{NAMES[2]}: .*30 images", id="cut-off"),
        pytest.param(3, b"\0\0\x08", f"{NAMES[3]}: expected an IDX file, got 3 bytes", id="short"),
        pytest.param(3, labels_file([1] * 29), "30 images and .* 29 labels", id="fewer-labels"),
        pytest.param(1, labels_file([1]), "12315 images and .* 1 labels", id="one-label"),
        pytest.param(3, labels_file([10] * 30), f"{NAMES[3]} has the label 10", id="eleventh"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    at: int, content: bytes, message: str, contents: list[bytes]
) -> None:
    with pytest.raises(ValueError, match=message):
        homework_parts([*contents[:at], content, *contents[at + 1 :]])


def test_empty_test_files_are_refused(contents: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at least one image"):
        homework_parts([*contents[:2], images_file(0), labels_file([])])


@pytest.mark.parametrize(("fewest", "enough"), [(1199, False), (1200, True)], ids=str)
def test_every_class_needs_1200_training_images(fewest: int, enough: bool) -> None:
    labels = np.repeat(np.arange(10), [1200] * 4 + [fewest] + [1200] * 5)
    files = [images_file(len(labels)), labels_file(labels), images_file(1), labels_file([0])]
    if enough:
        assert [len(part.labels) for part in homework_parts(files)] == [10_000, 2_000, 1]
        return
    with pytest.raises(ValueError, match="hold 1199 of one class; the homework needs 1200 of each"):
        homework_parts(files)


def synthetic(contents: Sequence[bytes]) -> Dataset:
    """The catalogue's Fashion-MNIST, except that its files are these."""
    files = tuple(
        File(file.path, hashlib.sha256(content).hexdigest())
        for file, content in zip(FASHION.files, contents, strict=True)
    )
    recipes = tuple(replace(recipe, files=files) for recipe in (FASHION, FASHION_PACKAGED))
    return Dataset("fashion", "q8", recipes, fashion.read)


def test_the_package_serves_where_the_download_fails_and_then_the_cache_does(
    contents: list[bytes], cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def no_network(*_: object) -> None:
        raise fetching.Unavailable("no connection")

    def unpacked(package: DebianPackage) -> dict[str, bytes]:
        asked.append(package.package)
        packed = [gzip.compress(content, 1) for content in contents]
        return dict(zip(package.members, packed, strict=True))

    monkeypatch.setattr(fetching, "download", no_network)
    monkeypatch.setattr(fetching, "members_of", unpacked)
    monkeypatch.setattr(loading, "DATASETS", (synthetic(contents),))
    arrays = homework_arrays()
    assert sorted(path.name for path in (cache_folder / "fashion").glob("*.gz")) == sorted(NAMES)
    splits = data.load("fashion")
    np.testing.assert_allclose(splits.train.x, arrays.train_x, rtol=1e-7)
    np.testing.assert_array_equal(splits.test.y.argmax(axis=1), arrays.test_y)
    same = homework_arrays(cache_folder / "fashion")  # the cache's folder is a --data_dir
    assert all(np.array_equal(one, other) for one, other in zip(arrays, same, strict=True))
    assert asked == ["dataset-fashion-mnist"]


def test_where_nothing_answers_the_error_tells_both_sources_and_four_places(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        raise fetching.Unavailable("not in a test")

    monkeypatch.setattr(fetching, "download", nothing)
    monkeypatch.setattr(fetching, "members_of", nothing)
    with pytest.raises(fetching.FetchError) as caught:
        homework_arrays()
    message = str(caught.value)
    assert message.count("not in a test") == 2
    assert "Debian package dataset-fashion-mnist 0.0~git20200523.55506a9-1" in message
    for name in NAMES:
        assert f"/{name}\n  as {cache_folder / 'fashion' / name}\n" in message


@pytest.mark.network
def test_the_real_images_come_and_are_balanced(cache_folder: Path) -> None:
    arrays = homework_arrays()
    assert [len(x) for x in arrays[0::2]] == [10_000, 2_000, 10_000]
    for y, each in zip(arrays[1::2], (1_000, 200, 1_000), strict=True):
        assert np.bincount(y).tolist() == [each] * 10
    assert arrays.train_y.tolist() == sorted(arrays.train_y)
    assert not {row.tobytes() for row in arrays.train_x} & {
        row.tobytes() for row in arrays.validation_x
    }
    assert (cache_folder / "fashion" / NAMES[0]).is_file()
