"""What `translation.py` trains on and searches with: sentences, and a model that needs no training.

Shapes: `H` hidden width.
"""

from __future__ import annotations

import random

import torch

from data import load
from data.fetching import FetchError
from data.sentence_pairs import SentencePairs
from models.nmt import NMT, Vocab


def sentence_pairs(to_learn: int, to_translate: int) -> tuple[SentencePairs, SentencePairs]:
    """Sentences to learn from and sentences to translate, real ones where there are any."""
    try:
        found = load("es_en")
    except FetchError:
        print("sentences: drawn; python -m data es_en says how to get real ones")
        draw = random.Random(0)
        drawn = (drawn_pairs(draw, count) for count in (to_learn, to_translate))
        return next(drawn), next(drawn)
    print(f"sentences: {found.edition.name}")
    parts = ((found.train, to_learn), (found.test, to_translate))
    cut = (SentencePairs(it.source[:count], it.target[:count]) for it, count in parts)
    return next(cut), next(cut)


def drawn_pairs(draw: random.Random, count: int) -> SentencePairs:
    """Draw sentences: 14 words in the mean, and a word the rarer the larger its number."""
    words = [f"w{number}" for number in range(9000)]
    weights = [1 / (number + 3) for number in range(len(words))]

    def sentence(length: float) -> list[str]:
        return draw.choices(words, weights, k=max(1, min(80, round(length))))

    lengths = [draw.lognormvariate(2.4, 0.7) for _ in range(count)]
    return SentencePairs([sentence(it) for it in lengths], [sentence(0.92 * it) for it in lengths])


@torch.no_grad()
def counting_model(width: int, vocab: Vocab) -> NMT:
    """A random model whose translations are about as long as their sentences.

    Cell 0 of the left-to-right reading goes up by a little with every word. The decoder begins
    with that number and goes down with every word. The score of `</s>` is minus what is left.
    """
    model = NMT(width, width, vocab, 0.3)
    encoder, decoder = model.encoder, model.decoder
    gates = torch.tensor([9.0, 9.0, 0.02, 9.0])  # open, open, by how much, open
    # Rows 0, H, 2H and 3H make the four gates of cell 0.
    for weight in (encoder.weight_ih_l0, encoder.weight_hh_l0, encoder.bias_hh_l0):
        weight[::width] = 0
    for weight in (decoder.weight_ih, decoder.weight_hh, decoder.bias_hh):
        weight[::width] = 0
    encoder.bias_ih_l0[::width] = gates
    decoder.bias_ih[::width] = gates * torch.tensor([1, 1, -1, 1])
    for weight, column in ((model.c_projection.weight, 0),
                           (model.combined_output_projection.weight, 2 * width)):  # fmt: skip
        weight[0] = 0
        weight[0, column] = 1
    model.target_vocab_projection.weight[:, 0] = 0
    model.target_vocab_projection.weight[vocab.tgt.end_id] = 0
    model.target_vocab_projection.weight[vocab.tgt.end_id, 0] = -30
    return model
