"""A small Fashion-MNIST of our own, so that the commands run without network and in seconds."""

import gzip
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from data.fashion import NAMES

TEST = 500


def idx(magic, sizes, values):
    head = struct.pack(f">{len(sizes) + 1}I", magic, *sizes)
    return gzip.compress(head + values.astype(np.uint8).tobytes(), compresslevel=1)


def clothes(labels):
    """Bright bars at a height that tells the class, with a few specks."""
    images = np.zeros((len(labels), 28, 28))
    for label in range(10):
        images[labels == label, 2 * label + 4 : 2 * label + 6, 6:22] = 200
    specks = np.random.default_rng(0).random(images.shape) < 0.05
    return np.where(specks, 255, images)


@pytest.fixture(scope="session")
def fashion_folder(tmp_path_factory):
    """The four .gz files, with as many training images as the homework's split needs."""
    folder = tmp_path_factory.mktemp("fashion")
    for (images, labels), count in (((NAMES[0], NAMES[1]), 12_000), ((NAMES[2], NAMES[3]), TEST)):
        chosen = np.arange(count) % 10
        (folder / images).write_bytes(idx(2051, (count, 28, 28), clothes(chosen)))
        (folder / labels).write_bytes(idx(2049, (count,), chosen))
    return folder


@pytest.fixture
def few_images(monkeypatch):
    """Makes --quick quicker still."""
    from courses.mlp_from_scratch import numpy_trainings

    monkeypatch.setattr(numpy_trainings, "QUICK_TRAIN", 100)
    monkeypatch.setattr(numpy_trainings, "QUICK_OTHERS", 50)


@pytest.fixture
def ticking(monkeypatch):
    """Makes every epoch take one second, so that times can be compared."""
    from courses.mlp_from_scratch import fashion_training, training

    def clock():
        clock.now += 1.0
        return clock.now

    clock.now = 0.0
    for module in (training, fashion_training):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=clock))
