"""Question 11: the loss of a batch, as training wants it: fast and in little memory.

It is minus the sum of what `NMT.forward` returns, from the same parameters. What does not wait for
the step before is computed for all words or all sentences at once:

- the words' share of the decoder's input, ``W_ih = [W_y W_o]``: ``W_y y_t`` for all words;
- the attention's keys, and the annotations' share of the combined output, ``W_u = [W_a W_h]``:
  ``W_a sum(alpha_i h_i) = sum(alpha_i W_a h_i)``, so ``W_a h_i`` once a source word;
- the vocabulary projection and the cross-entropy, once a batch and for real words only.

Reading is in `models.nmt.lstm`, and what is left for a step of writing in
`models.nmt.decoder_steps`, which assumes the homework's order ``u = [a; h]``: a step that joins
``[h; a]`` learns other weights, and its model has to be trained by `loss_by_steps`.

Shapes: as in `models.nmt.model`; `N` target words that are predicted, in all sentences together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from models.nmt.cross_entropy import summed_cross_entropy
from models.nmt.decoder_steps import decode_packed
from models.nmt.lstm import read_packed

if TYPE_CHECKING:
    from models.nmt.model import NMT, State


def translation_loss(
    model: NMT, source_padded: Tensor, source_lengths: Sequence[int] | Tensor, target_padded: Tensor
) -> Tensor:
    """Measure how surprised a model is by translations.

    Args:
        model: the translator.
        source_padded: ``(S, B) int64`` word ids, padded at the bottom.
        source_lengths: B true lengths, each in 1..S, on the CPU.
        target_padded: ``(T, B) int64`` word ids from `<s>` to `</s>`, padded at the bottom.

    Returns:
        Minus the sum of all log-probabilities, in nats, ``() float32``.
    """
    if model.additive_score is None:
        return _fast_loss(model, source_padded, torch.as_tensor(source_lengths), target_padded)
    # An additive score is no product of a key and a state: these steps go one by one.
    return loss_by_steps(model, source_padded, source_lengths, target_padded)


def loss_by_steps(
    model: NMT, source_padded: Tensor, source_lengths: Sequence[int] | Tensor, target_padded: Tensor
) -> Tensor:
    """Measure the same as `translation_loss` by the model's own `encode`, `decode` and `step`."""
    enc_hiddens, state = model.encode(source_padded, source_lengths)
    padding = model.generate_sent_masks(enc_hiddens, source_lengths)
    outputs = model.decode(enc_hiddens, padding, state, target_padded)
    real = target_padded[1:] != model.vocab.tgt["<pad>"]
    weight = model.target_vocab_projection.weight
    return summed_cross_entropy(outputs[real], weight, target_padded[1:][real])


class _Schedule:
    """Which sentences, longest first, have a word for which step.

    Every step then works on the first rows of everything.

    Attributes:
        order: the sentences' numbers, ``(B,) int64``.
        rank: the inverse: every sentence's place, ``(B,) int64``.
        lengths: of the sentences in this order, ``(B,) int64``.
        taking_part: ``(L, B) bool``; what it selects is packed, step after step.
        counts: how many take part in each step; steps in which none does are left out.
    """

    def __init__(self, lengths: Tensor, steps: int) -> None:
        self.lengths, self.order = lengths.sort(descending=True, stable=True)
        self.rank = self.order.argsort()
        numbers = torch.arange(steps, device=lengths.device)
        self.taking_part = numbers[:, None] < self.lengths  # (L, 1) and (B,) -> (L, B)
        self.counts = [count for count in self.taking_part.sum(dim=1).tolist() if count]

    def pack(self, padded: Tensor) -> Tensor:
        """Select the rows of all words: ``(L, B, …)`` to ``(N, …)``."""
        return padded[:, self.order][self.taking_part]

    def reversal(self) -> Tensor:
        """Find, for every packed word, the word as far from its sentence's end: ``(N,) int64``."""
        step, place = self.taking_part.nonzero(as_tuple=True)  # (N,)
        counts = self.taking_part.sum(dim=1)
        starts = counts.cumsum(dim=0) - counts  # (L,)
        return starts[self.lengths[place] - 1 - step] + place


def _fast_loss(model: NMT, source: Tensor, source_lengths: Tensor, target: Tensor) -> Tensor:
    reading = _Schedule(source_lengths.to(source.device), len(source))
    writing = _Schedule((target[1:] != model.vocab.tgt["<pad>"]).sum(dim=0), len(target) - 1)
    annotations, (hidden, cell) = _encode(model, source, reading)
    if not writing.counts:
        return annotations.sum() * 0  # no word to predict, and nothing to learn from that
    size = model.hidden_size
    by_word, by_output = model.decoder.weight_ih.split([model.model_embeddings.embed_size, size], 1)
    by_annotation, by_hidden = model.combined_output_projection.weight.split([2 * size, size], 1)
    bias = model.decoder.bias_ih + model.decoder.bias_hh
    words = model.model_embeddings.target(writing.pack(target[:-1]))  # (N, E)
    # Each annotation's row where the decoder wants it: the longest translation first.
    step, place = reading.taking_part.nonzero(as_tuple=True)
    rows = writing.rank[reading.order[place]], step
    padding = torch.ones(len(writing.order), len(source), dtype=torch.bool, device=source.device)
    padding[rows] = False  # (B, S)
    outputs = decode_packed(
        functional.linear(words, by_word, bias),  # (N, 4H)
        writing.counts,
        _unpack(model.att_projection(annotations), rows, padding),  # (B, S, H)
        _unpack(functional.linear(annotations, by_annotation), rows, padding),
        padding,
        tuple(part[reading.rank][writing.order] for part in (hidden, cell)),
        torch.cat([by_output, model.decoder.weight_hh], dim=1),  # (4H, 2H)
        by_hidden,
        _dropout(model, writing),
    )
    return summed_cross_entropy(
        outputs, model.target_vocab_projection.weight, writing.pack(target[1:])
    )


def _encode(model: NMT, source: Tensor, reading: _Schedule) -> tuple[Tensor, State]:
    """Compute what `NMT.encode` does.

    Returns:
        annotations: packed, ``(N, 2H) float32``, for the words of the source.
        state: h_0 and c_0 in the schedule's order, each ``(B, H) float32``.
    """
    encoder, reversal = model.encoder, reading.reversal()
    words = model.model_embeddings.source(reading.pack(source))  # (N, E)
    there = functional.linear(words, encoder.weight_ih_l0, encoder.bias_ih_l0 + encoder.bias_hh_l0)
    back = functional.linear(
        words, encoder.weight_ih_l0_reverse, encoder.bias_ih_l0_reverse + encoder.bias_hh_l0_reverse
    )
    hiddens, last_hidden, last_cell = read_packed(
        torch.stack([there, back[reversal]]),  # (2, N, 4H)
        reading.counts,
        torch.stack([encoder.weight_hh_l0, encoder.weight_hh_l0_reverse]),
    )
    annotations = torch.cat([hiddens[0], hiddens[1][reversal]], dim=1)  # (N, 2H)
    return annotations, (
        model.h_projection(torch.cat([*last_hidden], dim=1)),  # (2, B, H) -> (B, 2H) -> (B, H)
        model.c_projection(torch.cat([*last_cell], dim=1)),
    )


def _unpack(packed: Tensor, rows: tuple[Tensor, Tensor], padding: Tensor) -> Tensor:
    """Put packed rows where they belong, ``(N, H)`` to ``(B, S, H)``, with zeros at padding."""
    return packed.new_zeros(*padding.shape, packed.shape[1]).index_put(rows, packed)


def _dropout(model: NMT, writing: _Schedule) -> Tensor | None:
    """Draw what to multiply the outputs with, ``(N, H) float32``.

    The random numbers are those of `NMT.step`: one draw a step for all translations in the batch's
    own order, also for those that have ended. So the same seed drops the same entries.
    """
    if not model.training or model.dropout.p == 0:
        return None
    weight = model.decoder.weight_hh
    ones = weight.new_ones(len(writing.order), model.hidden_size)
    return writing.pack(torch.stack([model.dropout(ones) for _ in writing.taking_part]))
