"""What a translator gets from the worker: words, weights, a step that notes, older PyTorch."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from grading.worker.translation_kit import (
    FakeStep,
    OlderTorch,
    TwoVocabularies,
    handed_in,
    hypotheses_of,
    numbers_of_lists,
    pair_of,
    results_of,
    translator,
)
from grading.worker.trouble import NotThere, WrongType


def test_a_vocabulary_works_like_the_homeworks() -> None:
    words = TwoVocabularies(7, 6).tgt
    assert len(words) == 6
    assert [words[word] for word in ("<pad>", "<s>", "</s>", "<unk>", "t4", "nobody")] == [
        *range(5),
        3,
    ]
    assert "t5" in words
    assert list(words) == ["<pad>", "<s>", "</s>", "<unk>", "t4", "t5"]
    assert words.words2indices([["t4"], ["t5", "t4"]]) == [[4], [5, 4]]
    assert words.words2indices(["t4", "t5"]) == [4, 5]
    assert words.indices2words([5, 1]) == ["t5", "<s>"]
    batch = words.to_input_tensor([["t4", "t5", "t4"], ["t5"]], torch.device("cpu"))
    assert batch.tolist() == [[4, 5], [5, 0], [4, 0]]


def test_bytes_mask_and_whole_numbers_divide_as_they_did() -> None:
    scores, mask = torch.zeros(1, 3), torch.tensor([[0, 1, 0]], dtype=torch.uint8)
    with OlderTorch():
        scores.data.masked_fill_(mask, -1.0)
        filled = torch.ones(1, 3).masked_fill(mask=mask, value=2.0)
        quotient = torch.tensor([5, 7]) / 3
        share = torch.tensor([5.0, 7.0]) / 2
    assert scores.tolist() == [[0.0, -1.0, 0.0]]
    assert filled.tolist() == [[1.0, 2.0, 1.0]]
    assert (quotient.dtype, quotient.tolist()) == (torch.int64, [1, 2])
    assert share.tolist() == [2.5, 3.5]


class Small(nn.Module):
    def __init__(self, embed_size: int, hidden_size: int, vocab: TwoVocabularies, **_: float):
        super().__init__()
        self.one = nn.Linear(embed_size, hidden_size)
        self.two = nn.Linear(hidden_size, len(vocab.tgt), bias=False)


def test_a_translator_gets_weights_and_zeros_for_the_rest() -> None:
    asked = {"sizes": torch.tensor([2, 3, 5, 7]), "one.weight": torch.ones(3, 2)}
    model = translator(Small, asked)
    assert not model.training
    assert bool((model.one.weight == 1).all())
    assert not model.one.bias.any()
    assert model.two.weight.shape == (7, 3)
    assert not model.two.weight.any()


def fake() -> FakeStep:
    numbers = torch.arange(2.0)[:, None, None]
    names = ("states", "cells", "outputs")
    return FakeStep({**dict.fromkeys(names, numbers), "scores": torch.zeros(1, 1)})


def test_a_step_of_our_own_notes_what_it_gets() -> None:
    step, one = fake(), torch.ones(1, 1)
    state, output, _ = step(one, (one, one), one, one, one)
    _, later, _ = step(2 * one, state, one, one, enc_masks=one)
    assert (float(output), float(later)) == (0.0, 1.0)
    seen = step.seen()
    assert int(seen["calls"]) == 2
    assert seen["Ybar_t"].flatten().tolist() == [1.0, 2.0]
    assert seen["hidden"].flatten().tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param((None, (torch.ones(1), torch.ones(1))), "gave step None", id="no-word"),
        pytest.param((torch.ones(1), torch.ones(1)), "should be two tensors", id="no-pair"),
    ],
)
def test_a_step_of_our_own_says_what_it_cannot_use(given: tuple[object, ...], said: str) -> None:
    with pytest.raises(WrongType, match=said):
        fake()(*given, *[torch.ones(1)] * 3)


def test_an_argument_that_changes_its_shape_is_told() -> None:
    step, one = fake(), torch.ones(1, 1)
    for word in (one, torch.ones(1, 2)):
        step(word, (one, one), one, one, one)
    with pytest.raises(WrongType, match=r"Ybar_t of shape \(1, 1\), and then of shape \(1, 2\)"):
        step.seen()


def test_lists_travel_as_numbers_in_a_row() -> None:
    found = numbers_of_lists([[1, 2], [], ("a",)], "it", {"a": 9})
    assert found["flat"].tolist() == [1, 2, 9]
    assert found["lengths"].tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param([1, 2], id="one-list"),
        pytest.param([[1.5]], id="no-whole-number"),
        pytest.param([["unknown"]], id="unknown-word"),
        pytest.param([[1 << 70]], id="too-large"),
        pytest.param(torch.zeros(2, 2), id="tensor"),
    ],
)
def test_other_things_than_lists_of_numbers_are_told(value: object) -> None:
    with pytest.raises(WrongType, match="pad_sents returned"):
        numbers_of_lists(value, "pad_sents", {"a": 1})


def test_hypotheses_travel_as_ids_and_scores() -> None:
    words = TwoVocabularies(6, 6).tgt
    value = [SimpleNamespace(value=["t4", "what"], score=torch.tensor(-1.5))]
    found = hypotheses_of(value, words, "it")
    assert (found["flat"].tolist(), found["scores"].tolist()) == ([4, -1], [-1.5])
    for odd in (None, [3], [SimpleNamespace(value="t4", score=0.0)]):
        with pytest.raises(WrongType, match="it returned"):
            hypotheses_of(odd, words, "it")


def test_other_results_are_told() -> None:
    with pytest.raises(WrongType, match="step returned 2 values; it should return 3"):
        results_of((1, 2), 3, "step")
    with pytest.raises(WrongType, match="step returned None"):
        results_of(None, 3, "step")
    one: Tensor = torch.ones(1)
    assert pair_of([one, one], "it") == (one, one)


def test_a_file_that_is_not_there_is_not_started_yet(tmp_path: Path) -> None:
    student = SimpleNamespace(_folder=tmp_path)
    with pytest.raises(NotThere, match=r"there is no a\.txt yet; write it"):
        handed_in(student, "a.txt", "write it")
    (tmp_path / "a.txt").write_bytes(b"ab")
    assert handed_in(student, "a.txt", "").tolist() == [97, 98]
    (tmp_path / "a.txt").write_bytes(b"")
    assert handed_in(student, "a.txt", "").tolist() == [10]
