"""The language model's command with little data, so that it needs neither network nor tokenizer."""

import json
from pathlib import Path

import pytest
import torch

VOCABULARY, LENGTH = 11, 7
USUAL = {
    "--train_data": "train.json",
    "--val_data": "valid.json",
    "--embed_dim": "5",
    "--hidden_dim": "8",
    "--dk": "3",
    "--dv": "2",
    "--num_sequences": "25",
    "--out": "out",
}


def token_lists(count, seed):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(VOCABULARY - 1, (count, LENGTH), generator=generator)
    tokens[0, 0] = VOCABULARY - 1  # so that the largest token is there
    return tokens.tolist()


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run the command as the homework does, in an empty folder but for 30 and 9 token lists."""
    from courses.recurrent_lm import rnn

    monkeypatch.chdir(tmp_path)
    Path("train.json").write_text(json.dumps(token_lists(30, 1)))
    Path("valid.json").write_text(json.dumps(token_lists(9, 2)))

    def run(*options, without=()):
        usual = {it: USUAL[it] for it in USUAL if it not in options and it not in without}
        return rnn.main([*(word for pair in usual.items() for word in pair), *options])

    return run
