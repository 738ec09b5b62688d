"""Translate a file with a trained model, and measure the result."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from courses.commands import choose_device, expect_writable, number
from courses.translation.corpus import read_sentences
from courses.translation.scoring import score
from data.files import write_atomically
from models import NMT

AT_ONCE = 64  # sentences that are searched together


def decode(arguments: Mapping[str, Any]) -> None:
    """Translate as the command line says, and print BLEU if there are references."""
    torch.set_num_threads(1)  # the same bits on any number of cores
    beam_size = number(arguments, "--beam-size")
    most_words = number(arguments, "--max-decoding-time-step")
    for option, value in (("--beam-size", beam_size), ("--max-decoding-time-step", most_words)):
        if value < 1:
            raise ValueError(f"{option} is {value}; give a whole number from 1 up")
    device = choose_device(arguments["--device"])
    sources = read_sentences(arguments["TEST_SOURCE_FILE"])
    references = read_references(arguments["TEST_TARGET_FILE"], len(sources))
    output = Path(arguments["OUTPUT_FILE"])
    expect_writable(output, "OUTPUT_FILE")
    model = read_model(Path(arguments["MODEL_PATH"])).to(device)
    begun = time.perf_counter()
    translations = translate(model, sources, beam_size, most_words)
    seconds = time.perf_counter() - begun
    text = "".join(" ".join(words) + "\n" for words in translations)
    write_atomically(output, lambda path: path.write_text(text, encoding="utf-8", newline="\n"))
    print(
        f"{len(sources):,} sentences translated in {seconds:.1f} s "
        f"({sum(map(len, translations)) / seconds:.0f} words/sec); written: {output}"
    )
    if references is not None:
        print(score(translations, references))


def read_model(path: Path) -> NMT:
    """Load a model for translating.

    Raises:
        ValueError: if there is none.
    """
    try:
        return NMT.load(path).eval()
    except FileNotFoundError:
        raise ValueError(
            f"there is no model {path}; train one first: sh run.sh train, or train_local for a "
            "small one"
        ) from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error


def read_references(path: str | None, count: int) -> list[list[str]] | None:
    """Read the references, one for each sentence.

    Raises:
        ValueError: if there are more or fewer.
    """
    if path is None:
        return None
    references = read_sentences(path)
    if len(references) != count:
        raise ValueError(
            f"{path} has {len(references):,} lines, but there are {count:,} sentences to "
            "translate; expected one translation for each"
        )
    return references


def translate(
    model: NMT, sentences: Sequence[Sequence[str]], beam_size: int, most_words: int
) -> list[list[str]]:
    """Find the best translation of every sentence, with progress.

    Args:
        model: the translator.
        sentences: as lists of words; one of no words has a translation of no words.
        beam_size: how many hypotheses to pursue.
        most_words: of a translation.
    """
    from tqdm import tqdm

    # Sentences of like lengths end together; the longest first, so that the rest is no surprise.
    order = sorted(range(len(sentences)), key=lambda at: -len(sentences[at]))
    results: list[list[str]] = [[] for _ in sentences]
    with tqdm(total=len(sentences), unit="sentence", desc="decoding", disable=None) as bar:
        for start in range(0, len(order), AT_ONCE):
            numbers = order[start : start + AT_ONCE]
            found = model.beam_search_batch(
                [sentences[at] for at in numbers], beam_size, most_words
            )
            for at, hypotheses in zip(numbers, found, strict=True):
                results[at] = hypotheses[0].value
            bar.update(len(numbers))
    return results
