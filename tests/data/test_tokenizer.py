import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import data
from data import tokenizer as tokenizing
from data.tokenizer import load_tokenizer, save_tokenizer, train_tokenizer

SYLLABLES = [consonant + vowel for consonant in "bcdf" for vowel in "aeiou"]


def invented_stories(count: int = 300) -> list[str]:
    """Texts of invented words, enough for 1,024 pieces."""
    draw = random.Random(0)
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(900)]
    return [
        "One day, " + " ".join(draw.choices(words, k=60)) + '.\n\n"Oh!" she said.'
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    save_tokenizer(train_tokenizer(invented_stories()), folder)
    return folder


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Any:
    return data.load_tokenizer(folder)


def test_the_vocabulary_and_the_end_are_those_of_the_contract(loaded: Any) -> None:
    assert loaded.vocab_size == len(loaded) == 1024
    assert (loaded.eos_token, loaded.eos_token_id) == ("</s>", 1)  # the homework's example has 1
    assert (loaded.pad_token, loaded.pad_token_id) == ("<pad>", 0)


def test_the_end_is_appended_unless_special_tokens_are_unwanted(loaded: Any) -> None:
    numbers = loaded.encode("One day, she said.")
    assert numbers[-1] == 1
    assert numbers.count(1) == 1
    assert loaded.encode("One day, she said.", add_special_tokens=False) == numbers[:-1]
    assert loaded("One day, she said.")["input_ids"] == numbers


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("We like ML.", id="plain"),
        pytest.param("  two spaces first , and before commas .", id="spaces"),
        pytest.param("a\n\nb\tc   d ", id="blank"),
        pytest.param("don't I'm he 's ?", id="apostrophes"),
        pytest.param(
            "na\u00efve caf\u00e9 \u2014 \u201cyes\u201d \U0001f600 \u4f60\u597d", id="unicode"
        ),
        pytest.param("", id="nothing"),
    ],
)
def test_every_text_comes_back_with_the_end_after_it(text: str, loaded: Any) -> None:
    assert loaded.decode(loaded.encode(text)) == text + "</s>"
    assert loaded.decode(loaded.encode(text, add_special_tokens=False)) == text
    assert loaded.decode(loaded.encode(text), skip_special_tokens=True) == text


def test_training_and_saving_twice_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    save_tokenizer(train_tokenizer(iter(invented_stories())), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(tokenizing.FILES)
    for name in tokenizing.FILES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_what_trained_encodes_like_what_is_loaded(loaded: Any) -> None:
    tokenizer = train_tokenizer(invented_stories())
    texts = [*invented_stories(7), " ba be", ""]
    encoded = list(tokenizing.encode(tokenizer, texts, together=3))
    assert encoded == [loaded.encode(text) for text in texts]


def test_too_little_text_is_refused() -> None:
    with pytest.raises(ValueError, match="pieces, expected 1,024; train on more text"):
        train_tokenizer(["ab ab ab"])


def test_it_loads_without_a_network_in_a_fresh_process(folder: Path) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from transformers import AutoTokenizer\n"
        "tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])\n"
        "print(tokenizer.vocab_size, tokenizer.encode('ba')[-1])"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "none")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.stdout.split() == ["1024", "1"], done.stderr


def test_a_folder_that_is_none_is_told_with_what_it_lacks(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"lacks tokenizer\.json and tokenizer_config\.json"
    ):
        load_tokenizer(tmp_path / "none")
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    with pytest.raises(FileNotFoundError, match=r"it lacks tokenizer_config\.json; expected"):
        load_tokenizer(str(tmp_path))


def test_damaged_files_are_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "tokenizer_config.json").write_bytes(
        (folder / "tokenizer_config.json").read_bytes()
    )
    with pytest.raises(ValueError, match="holds no tokenizer that can be loaded"):
        load_tokenizer(tmp_path)


def test_a_missing_package_names_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("transformers", "tokenizers"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it fails now
    command = "pip install -r requirements.txt"
    with pytest.raises(ImportError, match=f"the package transformers .* run: {command}"):
        load_tokenizer(folder)
    with pytest.raises(ImportError, match=f"the package tokenizers .* run: {command}"):
        train_tokenizer(invented_stories(1))
