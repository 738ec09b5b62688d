"""Batches of sentence pairs for the translator, as word ids.

The sentences of a batch are sorted, the longest source first; its translations stand between
``<s>`` and ``</s>``.

Shapes: `B` batch, `S` source words, `T` target words with ``<s>`` and ``</s>``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from data.sentence_pairs import SentencePairs
from models.nmt import Vocab, pad_sents

Batch: TypeAlias = tuple[Tensor, list[int], Tensor]
"""Source ``(S, B) int64``, its B lengths, target ``(T, B) int64``."""


class Examples:
    """Sentence pairs whose words have been looked up once, for all epochs.

    Args:
        pairs: the sentences, without ``<s>`` and ``</s>``.
        vocab: the words of both languages.
    """

    def __init__(self, pairs: SentencePairs, vocab: Vocab) -> None:
        self.vocab = vocab
        self.source = vocab.src.words2indices(pairs.source)
        start, end = vocab.tgt.start_id, vocab.tgt.end_id
        self.target = [[start, *ids, end] for ids in vocab.tgt.words2indices(pairs.target)]

    def __len__(self) -> int:
        return len(self.source)

    def batch(self, numbers: Sequence[int]) -> Batch:
        """Put sentences together, the longest source first.

        Args:
            numbers: which sentences; equally long ones keep this order.
        """
        ordered = sorted(numbers, key=lambda number: -len(self.source[number]))
        source = [self.source[number] for number in ordered]
        target = [self.target[number] for number in ordered]
        return (
            _columns(source, self.vocab.src.pad_id),
            [len(ids) for ids in source],
            _columns(target, self.vocab.tgt.pad_id),
        )

    def batches(self, batch_size: int) -> Iterator[list[int]]:
        """Number the sentences of every batch for measuring: similar lengths together."""
        order = sorted(range(len(self)), key=lambda number: -len(self.source[number]))
        for start in range(0, len(order), batch_size):
            yield order[start : start + batch_size]

    def words(self, numbers: Sequence[int]) -> int:
        """Count the target words that are predicted: all but ``<s>``."""
        return sum(len(self.target[number]) - 1 for number in numbers)


def _columns(sents: list[list[int]], pad_id: int) -> Tensor:
    """One sentence a column, ``(L, B) int64``."""
    return torch.tensor(pad_sents(sents, pad_id)).T.contiguous()  # (B, L) -> (L, B)


def shuffled(count: int, *seed: int) -> list[int]:
    """Order numbers 0..count-1 at random; the same seeds, the same order."""
    generator = torch.Generator().manual_seed(mixed(*seed))
    return torch.randperm(count, generator=generator).tolist()


def mixed(*seeds: int) -> int:
    """Make one seed of several, so that neighbours have nothing in common."""
    digest = hashlib.sha256(repr(seeds).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1  # generators take 63 bits
