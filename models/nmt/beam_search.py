"""Question 11: the translation that a model finds likeliest, or nearly so.

Greedy search takes the likeliest word each time and can walk past a better translation. Beam
search goes on with the `beam_size` likeliest beginnings. One that ends in `</s>` is complete and
leaves the beam, which is one narrower from then on; the search ends when the beam is empty or the
time is up. If nothing is complete by then, the likeliest beginning has to do.

Beam search can lose the greedy translation early and end with a worse one. Here it does not: where
the greedy translation scores higher than all that was found, it is put first.

Many sentences are searched at once: a row is one beginning of one sentence, and all rows take a
step together. A sentence that is done has no rows any more.

Shapes: `A` sentences, `R` rows, `S` source words, `H` hidden width, `V` target vocabulary,
`k` candidates a row, `t` words so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.nmt.hypotheses import Found, Hypothesis, ranked
from models.nmt.likeliest import likeliest_words

if TYPE_CHECKING:
    from models.nmt.model import NMT, State

SENTENCES_AT_ONCE = 256
ROWS_AT_ONCE = 128
"""How many rows take a step together: what they work on should fit a cache."""


@dataclass
class _Rows:
    """The beginnings that are gone on with, a sentence's rows together and the likeliest first.

    Attributes:
        owner: which sentence, ``(R,) int64``.
        words: ids from `<s>` on, ``(R, t) int64``.
        scores: summed log-probabilities, ``(R,) float32``.
        greedy: whether every word was the likeliest, ``(R,) bool``.
        state: the decoder's, each ``(R, H) float32``.
        output: the last combined output, ``(R, H) float32``.
    """

    owner: Tensor
    words: Tensor
    scores: Tensor
    greedy: Tensor
    state: tuple[Tensor, Tensor]
    output: Tensor


def beam_search_batch(
    model: NMT,
    src_sents: Sequence[Sequence[str]],
    beam_size: int = 5,
    max_decoding_time_step: int = 70,
    length_penalty: float | None = None,
) -> list[list[Hypothesis]]:
    """Translate sentences.

    Dropout is off during the search, also if the model is in training.

    Args:
        model: the translator.
        src_sents: the sentences as lists of words; words that it does not know are `<unk>`. An
            empty sentence has one translation, the empty one, with certainty (score 0).
        beam_size: how many beginnings to go on with; 1 is greedy search.
        max_decoding_time_step: how many words to write at most, `</s>` included.
        length_penalty: None orders by score, which favours short translations. A number orders by
            score / length ** number, `</s>` counted: 1 is the mean of the words.

    Returns:
        For each sentence 1 to `beam_size` hypotheses, the best first. The score of the first is at
        least that of the greedy translation. (With a length penalty the order asked for counts
        instead of the score, and a greedy translation that found no end only if no other did.)

    Raises:
        ValueError: if the beam or the time is below 1, or a sentence is a string.
    """
    for name, number in (
        ("beam_size", beam_size),
        ("max_decoding_time_step", max_decoding_time_step),
    ):
        if number < 1:
            raise ValueError(f"{name} is {number}; give 1 or more")
    results: list[list[Hypothesis]] = [[Hypothesis([], 0.0)] for _ in src_sents]
    # Sentences of like lengths go together: little padding, and they end at about the same time.
    order = sorted(
        (at for at, sent in enumerate(src_sents) if sent), key=lambda at: len(src_sents[at])
    )
    with _at_rest(model):
        for start in range(0, len(order), SENTENCES_AT_ONCE):
            numbers = order[start : start + SENTENCES_AT_ONCE]
            sents = [src_sents[at] for at in numbers]
            found = _Search(model, sents, beam_size).run(max_decoding_time_step)
            # By another order than the score a bound of the score says nothing.
            lost = [
                at
                for at, one in enumerate(found)
                if one.lacks_greedy() or (one.greedy is None and length_penalty is not None)
            ]
            if lost:
                alone = _Search(model, [sents[at] for at in lost], 1).run(max_decoding_time_step)
                for at, one in zip(lost, alone, strict=True):
                    found[at].greedy = one.greedy
            for number, one in zip(numbers, found, strict=True):
                results[number] = ranked(one, beam_size, length_penalty)
    return results


class _Search:
    """The search of a few sentences at once.

    Args:
        model: the translator.
        sents: sentences of at least one word.
        beam_size: how wide each sentence's beam is at first.
    """

    def __init__(self, model: NMT, sents: Sequence[Sequence[str]], beam_size: int) -> None:
        self.model = model
        self.beam_size = beam_size
        self.found = [Found([]) for _ in sents]
        lengths = [len(sent) for sent in sents]
        source = model.vocab.src.to_input_tensor(sents, model.device)
        enc_hiddens, state = model.encode(source, lengths)
        # Every step copies a sentence's annotations for each of its rows: they should lie together.
        enc_hiddens = enc_hiddens.contiguous()
        masks = model.generate_sent_masks(enc_hiddens, lengths)
        self.source = enc_hiddens, model.att_projection(enc_hiddens), masks
        self.room = torch.full((len(sents),), beam_size, device=model.device)  # to be completed
        numbers = torch.arange(len(sents), device=model.device)
        self.rows = _Rows(
            owner=numbers,
            words=torch.full_like(numbers, model.vocab.tgt["<s>"])[:, None],
            scores=model.target_vocab_projection.weight.new_zeros(len(sents)),
            greedy=torch.ones_like(numbers, dtype=torch.bool),
            state=state,
            output=torch.zeros_like(state[0]),
        )

    def run(self, time: int) -> list[Found]:
        """Write so many words at most, and give for each sentence what was found."""
        for _ in range(time):
            self.step()
            if not len(self.rows.owner):
                return self.found
        rows = self.rows
        for at, ids, score, greedy in _listed(rows.owner, rows.words, rows.scores, rows.greedy):
            beginning = self.hypothesis(ids, score)
            self.found[at].unfinished = self.found[at].unfinished or beginning
            if greedy:
                self.found[at].greedy = beginning, False
        return self.found

    def step(self) -> None:
        """Write one more word in every row and keep the likeliest rows of each sentence."""
        model, rows = self.model, self.rows
        state, output, log_chances, words = self.advance(rows)
        scores = rows.scores[:, None] + log_chances  # (R, k)
        for at, score in _listed(rows.owner[rows.greedy], scores[rows.greedy, 0]):
            self.found[at].greedy_bound = score
        scores, parent, rank, owner = _choose(scores, rows.owner, self.room)
        word = words[parent, rank]
        greedy = rows.greedy[parent] & (rank == 0)
        ended = word == model.vocab.tgt["</s>"]
        self.complete(owner[ended], rows.words[parent[ended]], scores[ended], greedy[ended])
        kept = parent[~ended]
        self.rows = _Rows(
            owner=owner[~ended],
            words=torch.cat([rows.words[kept], word[~ended, None]], dim=1),  # (R, t + 1)
            scores=scores[~ended],
            greedy=greedy[~ended],
            state=(state[0][kept], state[1][kept]),
            output=output[kept],
        )

    def advance(self, rows: _Rows) -> tuple[State, Tensor, Tensor, Tensor]:
        """Let the decoder read every row's last word.

        Returns:
            state: the decoder's next one, each ``(R, H) float32``.
            output: the combined output, ``(R, H) float32``.
            log_chances: of the likeliest next words, ``(R, k) float32``.
            words: their ids, ``(R, k) int64``.
        """
        model = self.model
        joined = torch.cat([model.model_embeddings.target(rows.words[:, -1]), rows.output], dim=1)
        parts = []
        for some in torch.arange(len(joined), device=joined.device).split(ROWS_AT_ONCE):
            source = (part.index_select(0, rows.owner[some]) for part in self.source)
            last = rows.state[0][some], rows.state[1][some]
            state, output, _ = model.step(joined[some], last, *source)
            parts.append((*state, output))
        hidden, cell, output = (torch.cat(it) for it in zip(*parts, strict=True))
        # Of a row's words no more can be chosen than the beam is wide.
        likeliest = likeliest_words(output, model.target_vocab_projection, self.beam_size)
        return (hidden, cell), output, *likeliest

    def complete(self, owner: Tensor, words: Tensor, scores: Tensor, greedy: Tensor) -> None:
        """Take rows that ended out of their sentences' beams; the tensors are as in `_Rows`."""
        self.room -= torch.bincount(owner, minlength=len(self.room))
        for at, ids, score, is_greedy in _listed(owner, words, scores, greedy):
            hypothesis = self.hypothesis(ids, score)
            self.found[at].complete.append(hypothesis)
            if is_greedy:
                self.found[at].greedy = hypothesis, True

    def hypothesis(self, ids: list[int], score: float) -> Hypothesis:
        """Put ids from `<s>` on into words."""
        return Hypothesis(self.model.vocab.tgt.indices2words(ids[1:]), score)


def _choose(scores: Tensor, owner: Tensor, room: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Choose the likeliest candidates of every sentence.

    Args:
        scores: of every row's candidates, ``(R, k) float32``.
        owner: the rows' sentences in ascending order, ``(R,) int64``.
        room: how many to choose for each sentence, ``(A,) int64``.

    Returns:
        Of those chosen, a sentence's together and its likeliest first, each ``(N,)``: the score,
        the row, the number of the row's candidate, and the sentence.
    """
    candidates = scores.shape[1]
    held = torch.bincount(owner, minlength=len(room))  # rows of each sentence
    first = held.cumsum(0) - held
    # Every sentence's candidates in one line, and nothing where it has fewer rows than another.
    slot = torch.arange(len(owner), device=owner.device) - first[owner]
    lines = scores.new_full((len(room), int(held.max()), candidates), -torch.inf)
    lines[owner, slot] = scores
    widest = min(int(room.max()), lines[0].numel())
    best = lines.flatten(1).topk(widest, dim=1)
    numbers = torch.arange(widest, device=owner.device)
    chosen = (numbers < room[:, None]) & (numbers < held[:, None] * candidates)  # (A, widest)
    sentence, _ = chosen.nonzero(as_tuple=True)
    place = best.indices[chosen]
    return best.values[chosen], first[sentence] + place // candidates, place % candidates, sentence


def _listed(*columns: Tensor) -> Iterator[tuple]:
    """The rows of tensors as Python's own numbers."""
    return zip(*(column.tolist() for column in columns), strict=True)


@contextmanager
def _at_rest(model: NMT) -> Iterator[None]:
    """Without dropout and gradients."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)
