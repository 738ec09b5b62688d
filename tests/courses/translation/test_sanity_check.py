"""The sanity checks pass for the solution and for nothing that is broken."""

import pytest
import torch

from courses.translation import sanity_check
from models import NMT

encode, decode, step = NMT.encode, NMT.decode, NMT.step


def told(question, capsys):
    code = sanity_check.main([question])
    return code, capsys.readouterr().out


@pytest.mark.parametrize(("question", "part"), list(sanity_check.CHECKS.items()))
@pytest.mark.parametrize("seed", ["0", "7"])
def test_the_solution_passes(question, part, seed, capsys):
    assert sanity_check.main([question, f"--seed={seed}"]) == 0
    output = capsys.readouterr().out
    assert output.splitlines()[-1] == f"All Sanity Checks Passed for Question {question}: {part}!"


def padding_read(self, source_padded, lengths):
    hiddens, state = encode(self, source_padded, [len(source_padded)] * len(lengths))
    return hiddens, state


def directions_swapped(self, source_padded, lengths):
    hiddens, (hidden, cell) = encode(self, source_padded, lengths)
    forward, backward = hiddens.chunk(2, dim=2)
    return torch.cat([backward, forward], dim=2), (hidden, cell)


def cell_projected_like_hidden(self, source_padded, lengths):
    hiddens, (hidden, _) = encode(self, source_padded, lengths)
    return hiddens, (hidden, hidden)


def time_first(self, source_padded, lengths):
    hiddens, state = encode(self, source_padded, lengths)
    return hiddens.transpose(0, 1), state


def no_state(self, source_padded, lengths):
    return encode(self, source_padded, lengths)[0]


def reads_the_last_word_too(self, hiddens, masks, state, target):
    return decode(self, hiddens, masks, state, torch.cat([target, target[-1:]]))


def keeps_the_first_state(self, hiddens, masks, state, target):
    real = self.step

    def forgetful(joined, _, *rest):
        return real(joined, state, *rest)

    self.step = forgetful
    return decode(self, hiddens, masks, state, target)


def no_input_feeding(self, hiddens, masks, state, target):
    real, size = self.step, self.hidden_size

    def unfed(joined, *rest):
        return real(torch.cat([joined[:, :-size], joined[:, -size:] * 0], dim=1), *rest)

    self.step = unfed
    return decode(self, hiddens, masks, state, target)


def keys_not_projected(self, hiddens, masks, state, target):
    real = self.step

    def unprojected(joined, dec_state, annotations, keys, enc_masks):
        return real(joined, dec_state, annotations, keys * 2, enc_masks)

    self.step = unprojected
    return decode(self, hiddens, masks, state, target)


def batch_first(self, hiddens, masks, state, target):
    return decode(self, hiddens, masks, state, target).transpose(0, 1)


def without_masks(self, joined, state, hiddens, keys, masks):
    return step(self, joined, state, hiddens, keys, None)


def masked_with_zero(self, joined, state, hiddens, keys, masks):
    new, output, scores = step(self, joined, state, hiddens, keys, masks)
    return new, output, scores.masked_fill(masks.bool(), 0)


def output_without_tanh(self, joined, state, hiddens, keys, masks):
    new, output, scores = step(self, joined, state, hiddens, keys, masks)
    return new, torch.atanh(output), scores


def attends_evenly(self, joined, state, hiddens, keys, masks):
    new, _, scores = step(self, joined, state, hiddens, keys, masks)
    return new, step(self, joined, state, hiddens, keys * 0, masks)[1], scores


def state_swapped(self, joined, state, hiddens, keys, masks):
    (hidden, cell), output, scores = step(self, joined, state, hiddens, keys, masks)
    return (cell, hidden), output, scores


BROKEN = [
    *(("1d", "encode", it) for it in (padding_read, directions_swapped, time_first, no_state)),
    ("1d", "encode", cell_projected_like_hidden),
    *(("1e", "decode", it) for it in (reads_the_last_word_too, keeps_the_first_state)),
    *(("1e", "decode", it) for it in (no_input_feeding, keys_not_projected, batch_first)),
    *(("1f", "step", it) for it in (without_masks, masked_with_zero, output_without_tanh)),
    *(("1f", "step", it) for it in (attends_evenly, state_swapped)),
]


@pytest.mark.parametrize(
    ("question", "method", "broken"), [pytest.param(*it, id=it[2].__name__) for it in BROKEN]
)
def test_a_mistake_is_found(question, method, broken, monkeypatch, capsys):
    monkeypatch.setattr(NMT, method, broken)
    code, output = told(question, capsys)
    assert code == 1
    assert "FAILED" in output
    assert "All Sanity Checks Passed" not in output


def test_decode_is_checked_before_step_is_written(monkeypatch, capsys):
    def unwritten(*_):
        raise NotImplementedError("q11.step")

    monkeypatch.setattr(NMT, "step", unwritten)
    assert told("1e", capsys)[0] == 0
    assert sanity_check.main(["1f"]) == 1
    assert "a part is not written yet: q11.step" in capsys.readouterr().err


def test_the_other_order_in_the_combined_output_is_right_too(monkeypatch, capsys):
    def state_first(self, joined, state, hiddens, keys, masks):
        weights = self.combined_output_projection.weight
        size = self.hidden_size
        with torch.no_grad():
            kept = weights.clone()
            weights.copy_(torch.cat([kept[:, size:], kept[:, :size]], dim=1))
            found = step(self, joined, state, hiddens, keys, masks)
            weights.copy_(kept)
        return found

    monkeypatch.setattr(NMT, "step", state_first)
    assert told("1f", capsys)[0] == 0


@pytest.mark.parametrize("words", [[], ["1g"], ["1d", "1e"], ["1d", "--seed=x"]])
def test_wrong_words_are_refused(words, capsys):
    assert sanity_check.main(words) == 2
    assert capsys.readouterr().err.startswith("sanity_check: ")
