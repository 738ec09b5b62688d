"""A translator that knows a few words, and what it might have written."""

from models import NMT, Vocab

SOURCE = ["la casa es roja", "el gato come", "un perro <b>raro</b>", "la casa", "", "a " * 60]
TARGET = ["the house is red", "the cat eats", "a strange dog", "the house", "", "b " * 60]
OUTPUT = ["the house is red", "the cat <unk>", "", "house the house", "", "b " * 8]


def lists(lines):
    return [line.split() for line in lines]


def small_model(*more, attention="multiplicative"):
    sources, targets = ([line.split() for line in [*side, *more]] for side in (SOURCE, TARGET))
    return NMT(5, 7, Vocab.build(sources[:2], targets[:2], 50, 1), attention=attention).eval()
