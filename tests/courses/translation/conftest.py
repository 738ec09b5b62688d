"""A language that is translated word by word, in files as the commands read them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models import Vocab

ENGLISH = {f"palabra{at}": f"word{at}" for at in range(12)}
COUNTS = {"train": 60, "dev": 10, "test": 7}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with train, dev and test, and their vocabulary in vocab.json."""
    draw = random.Random(0)
    for name, count in COUNTS.items():
        source = [draw.choices(list(ENGLISH), k=draw.randint(1, 6)) for _ in range(count)]
        target = [[ENGLISH[word] for word in sent] for sent in source]
        for language, sents in (("es", source), ("en", target)):
            text = "".join(" ".join(sent) + "\n" for sent in sents)
            (tmp_path / f"{name}.{language}").write_text(text, encoding="utf-8")
        if name == "train":
            Vocab.build(source, target).save(tmp_path / "vocab.json")
    return tmp_path


@pytest.fixture
def words_of(corpus: Path):
    """The words of ``run.py train`` for the corpus; options are given as ``max_epoch=2``."""

    def words(**options: object) -> list[str]:
        settings = {
            "train_src": corpus / "train.es",
            "train_tgt": corpus / "train.en",
            "dev_src": corpus / "dev.es",
            "dev_tgt": corpus / "dev.en",
            "vocab": corpus / "vocab.json",
            "save_to": corpus / "out" / "model.bin",
            "device": "cpu",
            "batch_size": 8,  # 8 batches an epoch, the last one of 4 sentences
            "embed_size": 5,
            "hidden_size": 7,
            "lr": 0.02,
            "log_every": 3,
            "valid_niter": 5,
            "max_epoch": 2,
            **options,
        }
        given = [f"--{name.replace('_', '-')}={it}" for name, it in settings.items() if it != ""]
        return ["train", *given]

    return words
