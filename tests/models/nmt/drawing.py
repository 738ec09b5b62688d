"""Small models and sentences drawn at random."""

import random

from models import NMT, Vocab, VocabEntry
from models.nmt.vocabulary import SPECIAL


def entry(prefix, words):
    """A vocabulary of so many words besides the special ones."""
    names = [*SPECIAL, *(f"{prefix}{at}" for at in range(words))]
    return VocabEntry({name: at for at, name in enumerate(names)})


def small_vocab(source_words=11, target_words=13):
    return Vocab(entry("s", source_words), entry("t", target_words))


def small_model(embed_size=5, hidden_size=7, vocab=None, **options):
    return NMT(embed_size, hidden_size, small_vocab() if vocab is None else vocab, **options)


def sentences(draw, words, lengths):
    """One sentence of each length."""
    names = [word for word in words if not word.startswith("<")]
    return [draw.choices(names, k=length) for length in lengths]


def batch(vocab, size, longest, seed=0, target_longest=None):
    """Sources, longest first, and their translations from `<s>` to `</s>`."""
    draw = random.Random(seed)
    lengths = sorted((draw.randint(1, longest) for _ in range(size)), reverse=True)
    targets = [draw.randint(0, target_longest or longest) for _ in range(size)]
    source = sentences(draw, vocab.src, lengths)
    return source, [["<s>", *sent, "</s>"] for sent in sentences(draw, vocab.tgt, targets)]


def on_paper(vocab, source, target):
    """A batch as the tensors that `NMT.encode` and `NMT.decode` read."""
    lengths = [len(sent) for sent in source]
    return vocab.src.to_input_tensor(source), lengths, vocab.tgt.to_input_tensor(target)
