"""The words of both languages, as the homework hands them out."""

import json

import torch
from utils import pad_sents


class VocabEntry:
    """Words and numbers of one language."""

    def __init__(self, word2id=None):
        self.word2id = word2id or {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}
        self.unk_id = self.word2id["<unk>"]
        self.id2word = {number: word for word, number in self.word2id.items()}

    def __getitem__(self, word):
        return self.word2id.get(word, self.unk_id)

    def __len__(self):
        return len(self.word2id)

    def words2indices(self, sents):
        return [[self[word] for word in sent] for sent in sents]

    def to_input_tensor(self, sents, device):
        padded = pad_sents(self.words2indices(sents), self["<pad>"])
        return torch.t(torch.tensor(padded, dtype=torch.long, device=device))


class Vocab:
    """Both languages."""

    def __init__(self, src_vocab, tgt_vocab):
        self.src = src_vocab
        self.tgt = tgt_vocab

    @staticmethod
    def load(file_path):
        with open(file_path, encoding="utf-8") as source:
            entry = json.load(source)
        return Vocab(VocabEntry(entry["src_word2id"]), VocabEntry(entry["tgt_word2id"]))
