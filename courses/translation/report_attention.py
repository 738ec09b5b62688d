"""Where a translator looks while it writes: the attention of every word of a translation.

The translation is given and read word by word as in training, so the weights are those with which
the model would have written it.

Shapes: `S` source words, `T` written words with ``</s>``, `H` hidden width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from courses.translation.report_cases import UNKNOWN, Case
from models import NMT


@dataclass(frozen=True)
class Looks:
    """The attention of one sentence.

    Attributes:
        case: the sentence.
        written: the words of its translation and ``</s>``.
        weights: a row for each of them: how much it looked at each source word, 0..1.
    """

    case: Case
    written: list[str]
    weights: list[list[float]]

    def strongest(self) -> list[tuple[str, str, float]]:
        """For every written word the source word that it looked at most, and how much."""
        rows = []
        for word, row in zip(self.written, self.weights, strict=True):
            at = max(range(len(row)), key=row.__getitem__)
            rows.append((word, self.case.source[at], row[at]))
        return rows

    def replaced(self) -> list[tuple[str, bool]]:
        """The translation with the source word that was looked at most in place of every `<unk>`.

        M.-T. Luong et al. (2015), section 3, https://arxiv.org/abs/1410.8206.

        Returns:
            The words, and whether the model itself wrote each.
        """
        pairs = self.strongest()[:-1]  # </s> is no word of the translation
        return [(looked, False) if word == UNKNOWN else (word, True) for word, looked, _ in pairs]


def look(model: NMT, case: Case) -> Looks:
    """Find the attention of a sentence of at least one word."""
    weights = attention_weights(model, case.source, case.output)
    # A model whose training went wrong may have weights that are no numbers.
    return Looks(case, [*case.output, "</s>"], torch.nan_to_num(weights).tolist())


@torch.no_grad()
def attention_weights(model: NMT, source: Sequence[str], output: Sequence[str]) -> Tensor:
    """Compute the attention of every word of a given translation.

    Args:
        model: the translator, in eval mode.
        source: at least one word.
        output: the words of the translation, without ``<s>`` and ``</s>``; may be none.

    Returns:
        ``(T, S) float32``; each row sums to 1.

    Raises:
        ValueError: if the source has no words.
    """
    if not source:
        raise ValueError("the source has no words; there is nothing to look at")
    lengths = [len(source)]
    enc_hiddens, state = model.encode(
        model.vocab.src.to_input_tensor([source], model.device), lengths
    )
    keys = model.att_projection(enc_hiddens)
    masks = model.generate_sent_masks(enc_hiddens, lengths)
    ids = model.vocab.tgt.to_input_tensor([["<s>", *output]], model.device)  # (T, 1)
    combined = enc_hiddens.new_zeros(1, model.hidden_size)
    rows = []
    for embedded in model.model_embeddings.target(ids):
        joined = torch.cat([embedded, combined], dim=1)  # (1, E), (1, H) -> (1, E+H)
        state, combined, scores = model.step(joined, state, enc_hiddens, keys, masks)
        rows.append(torch.softmax(scores, dim=1)[0])
    return torch.stack(rows)
