"""Question 11: translation from Spanish to English, one noun a file."""

from models.nmt.embeddings import ModelEmbeddings
from models.nmt.hypotheses import Hypothesis
from models.nmt.model import NMT
from models.nmt.padding import pad_sents
from models.nmt.vocabulary import Vocab, VocabEntry

__all__ = ["NMT", "Hypothesis", "ModelEmbeddings", "Vocab", "VocabEntry", "pad_sents"]
