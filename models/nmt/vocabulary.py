"""Question 11: which words a model knows, and their ids.

A vocabulary is made once, from the training sentences, and never changes: the ids are the rows of
the embeddings. What is not in it is read, and can only be written, as `<unk>`.

The file is the homework's: ``{"src_word2id": {word: id}, "tgt_word2id": {word: id}}``.

Shapes: `B` sentences, `L` words of the longest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.nmt.files import write_atomically
from models.nmt.padding import pad_sents

if TYPE_CHECKING:  # the words alone must not cost a second for torch
    import torch
    from torch import Tensor

PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
SPECIAL = (PAD, START, END, UNKNOWN)
"""The words that stand for no word; a word's place here is its id."""


class VocabEntry(Mapping[str, int]):
    """The words of one language; `entry[word]` is the word's id, or that of `<unk>`.

    Args:
        word2id: every word's id: each of 0..len-1 once, `SPECIAL` first; None knows nothing else.

    Raises:
        ValueError: if the ids are others.
    """

    def __init__(self, word2id: Mapping[str, int] | None = None) -> None:
        words = {word: at for at, word in enumerate(SPECIAL)} if word2id is None else word2id
        self.word2id = dict(words)
        _require_ids(self.word2id)
        self.id2word = {number: word for word, number in self.word2id.items()}
        self.pad_id, self.start_id, self.end_id, self.unk_id = range(len(SPECIAL))

    @classmethod
    def build(cls, sents: Iterable[Sequence[str]], size: int, freq_cutoff: int = 2) -> VocabEntry:
        """Take the most frequent words.

        Args:
            sents: the training sentences.
            size: how many words at most, the special ones not counted.
            freq_cutoff: how often a word has to occur.

        Returns:
            The most frequent word first; equally frequent ones in the order of their letters, so
            that the ids do not depend on the order of the sentences.

        Raises:
            ValueError: if a sentence is a string and no list of words.
        """
        counts: Counter[str] = Counter()
        for sent in sents:
            _require_words(sent)
            counts.update(sent)
        frequent = (word for word in counts if counts[word] >= freq_cutoff and word not in SPECIAL)
        chosen = sorted(frequent, key=lambda word: (-counts[word], word))[:size]
        return cls({word: at for at, word in enumerate([*SPECIAL, *chosen])})

    def __getitem__(self, word: str) -> int:
        return self.word2id.get(word, self.unk_id)

    def __contains__(self, word: object) -> bool:
        return word in self.word2id

    def __iter__(self) -> Iterator[str]:
        return iter(self.word2id)

    def __len__(self) -> int:
        return len(self.word2id)

    def __repr__(self) -> str:
        return f"VocabEntry({len(self)} words)"

    def words2indices(self, sents: Sequence[Sequence[str]]) -> list[list[int]]:
        """Look up every word of every sentence."""
        known = self.word2id
        return [[known.get(word, self.unk_id) for word in sent] for sent in sents]

    def indices2words(self, ids: Iterable[int]) -> list[str]:
        """Give the words of ids back."""
        return [self.id2word[number] for number in ids]

    def to_input_tensor(
        self, sents: Sequence[Sequence[str]], device: torch.device | str | None = None
    ) -> Tensor:
        """Look up a batch of sentences.

        Args:
            sents: the sentences.
            device: where the tensor is to be.

        Returns:
            ``(L, B) int64``: a column a sentence, `<pad>` below the shorter ones.

        Raises:
            ValueError: if a sentence is a string and no list of words.
        """
        import torch

        for sent in sents:
            _require_words(sent)
        padded = pad_sents(self.words2indices(sents), self.pad_id)
        rows = torch.tensor(padded, dtype=torch.int64).reshape(len(sents), -1 if padded else 0)
        return rows.T.contiguous().to(device)  # (B, L) -> (L, B)


class Vocab:
    """The words of both languages: `src` is translated from, `tgt` into."""

    def __init__(self, src: VocabEntry, tgt: VocabEntry) -> None:
        self.src = src
        self.tgt = tgt

    @classmethod
    def build(
        cls,
        src_sents: Iterable[Sequence[str]],
        tgt_sents: Iterable[Sequence[str]],
        size: int = 50_000,
        freq_cutoff: int = 2,
    ) -> Vocab:
        """Take the most frequent words of both languages; see `VocabEntry.build`."""
        entries = (VocabEntry.build(sents, size, freq_cutoff) for sents in (src_sents, tgt_sents))
        return cls(*entries)

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Give what the file holds."""
        return {"src_word2id": dict(self.src.word2id), "tgt_word2id": dict(self.tgt.word2id)}

    @classmethod
    def from_dict(cls, content: Any) -> Vocab:
        """Make the vocabulary that `to_dict` gave.

        Raises:
            ValueError: if the content is something else.
        """
        if not isinstance(content, dict) or not {"src_word2id", "tgt_word2id"} <= content.keys():
            raise ValueError('a vocabulary is {"src_word2id": {…}, "tgt_word2id": {…}}')
        sides = content["src_word2id"], content["tgt_word2id"]
        if not all(isinstance(side, dict) for side in sides):
            raise ValueError("the words of a language are {word: id, …}")
        return cls(*map(VocabEntry, sides))

    def save(self, path: str | Path) -> None:
        """Write vocab.json, whole or not at all."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"
        write_atomically(path, lambda draft: draft.write_text(text, encoding="utf-8"))

    @classmethod
    def load(cls, path: str | Path) -> Vocab:
        """Read vocab.json.

        Raises:
            ValueError: if the file is no vocabulary.
        """
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
        except ValueError as error:  # broken JSON and broken UTF-8 are ValueErrors as well
            raise ValueError(f"{path} is no vocabulary: {error}; make it anew") from error

    def __repr__(self) -> str:
        return f"Vocab({len(self.src)} source words, {len(self.tgt)} target words)"


def _require_words(sent: object) -> None:
    if isinstance(sent, str):
        raise ValueError(f"a sentence is a list of words; split {sent[:40]!r} first")


def _require_ids(word2id: Mapping[Any, Any]) -> None:
    for at, word in enumerate(SPECIAL):
        if word2id.get(word) != at:
            raise ValueError(f"{word} has the id {word2id.get(word)}; it has to be {at}")
    odd = next((number for number in word2id.values() if type(number) is not int), None)
    if odd is not None:
        raise ValueError(f"ids are whole numbers, not {odd!r}")
    if sorted(word2id.values()) != list(range(len(word2id))):
        raise ValueError(f"the ids of {len(word2id)} words have to be 0..{len(word2id) - 1}, once")
