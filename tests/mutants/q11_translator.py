"""Usual slips in what the parts of the translator come to, and in beam search."""

from tests.mutants import Mutant
from tests.mutants.q11 import MODEL, slip

BEAM = "models/nmt/beam_search.py"
JOINED = "joined = torch.cat([word, output], dim=1)"
CHOSEN = 'return chosen.masked_fill(asked_for == self.vocab.tgt["<pad>"], 0).sum(dim=0)'
SUMMED = "scores = rows.scores[:, None] + log_chances"
ENDED = 'ended = word == model.vocab.tgt["</s>"]'
TEXT = "self.model.vocab.tgt.indices2words(ids[1:])"


def _model(name: str, edits: dict[str, str], fails: str, mistake: str = "") -> Mutant:
    return slip(MODEL, name, edits, fails, mistake)


MUTANTS = [
    _model(
        "pads in the loss",
        {CHOSEN: "return chosen.sum(dim=0)"},
        "forward",
        "padding counts as a word",
    ),
    _model(
        "the target is not shifted",
        {"asked_for = target_padded[1:]": "asked_for = target_padded[:-1]"},
        "forward",
    ),
    _model(
        "the loss instead of the log-probability",
        {CHOSEN: CHOSEN.replace("return ", "return -")},
        "forward",
        "the sign is turned round",
    ),
    _model(
        "the mean over the words",
        {
            CHOSEN: CHOSEN.replace(
                ".sum(dim=0)",
                '.sum(dim=0) / (asked_for != self.vocab.tgt["<pad>"]).sum(dim=0)',
            )
        },
        "forward",
        "the mean instead of the sum",
    ),
    _model(
        "a squeeze takes the batch of one away",
        {JOINED: "joined = torch.cat([word.squeeze(), output], dim=1)"},
        "alone",
    ),
    slip(
        BEAM,
        "the scores are not summed",
        {SUMMED: "scores = log_chances + 0 * rows.scores[:, None]"},
        "beam",
        "the last word's score alone",
    ),
    slip(
        BEAM,
        "finished hypotheses go on",
        {ENDED: "ended = torch.zeros_like(word, dtype=torch.bool)"},
        "beam",
        "the marks of a sentence are in the text",
    ),
    slip(
        BEAM,
        "the start stays in the text",
        {TEXT: "self.model.vocab.tgt.indices2words(ids)"},
        "beam",
    ),
]
