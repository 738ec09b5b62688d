"""What the sanity checks ask of encode, decode and step, and how they tell what is wrong.

Every check gives pairs of a failure ("" if there is none) and the claim that was looked at. Sizes
are pairwise different, and weights random: a swapped or transposed part cannot go unnoticed.

Shapes: `B` batch, `S` source words, `T` target words, `E` embedding width, `H` hidden width.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from courses.translation import by_hand
from models import NMT, Vocab, VocabEntry

Found: TypeAlias = Iterator[tuple[str, str]]

EMBED, HIDDEN, SOURCE_WORDS, TARGET_WORDS = 3, 5, 17, 19
LENGTHS = (7, 4, 4, 1)  # of the source sentences, the longest first
TARGETS = 6  # target words of each sentence
TOLERANCE = 1e-5


def make_model(seed: int) -> NMT:
    """Make a small translator with random weights and no dropout."""
    torch.manual_seed(seed)
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    entries = (
        VocabEntry({word: at for at, word in enumerate([*special, *map(str, range(4, size))])})
        for size in (SOURCE_WORDS, TARGET_WORDS)
    )
    model = NMT(EMBED, HIDDEN, Vocab(*entries), dropout_rate=0.0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.5)
    return model.eval()


def draw_sources() -> tuple[Tensor, list[list[int]]]:
    """Draw sentences: padded, ``(S, B) int64``, and one list of ids each."""
    sents = [torch.randint(4, SOURCE_WORDS, (length,)).tolist() for length in LENGTHS]
    padded = [sent + [0] * (LENGTHS[0] - len(sent)) for sent in sents]
    return torch.tensor(padded).T.contiguous(), sents


@torch.no_grad()
def check_encode(seed: int) -> Found:
    """Compare `NMT.encode` with every sentence read alone."""
    model = make_model(seed)
    padded, sents = draw_sources()
    answer = model.encode(padded, list(LENGTHS))
    wrong = not isinstance(answer, tuple) or len(answer) != 2 or len(answer[1]) != 2
    yield "return (enc_hiddens, (h_0, c_0))" if wrong else "", "what encode returns"
    if wrong:
        return
    hiddens, states = answer
    alone = [by_hand.encode(model, sent) for sent in sents]
    expected = np.zeros((len(sents), LENGTHS[0], 2 * HIDDEN))
    for at, (found, _) in enumerate(alone):
        expected[at, : len(found)] = found
    yield differs(hiddens, expected), "enc_hiddens: both readings of every word, zero at padding"
    for at, name in enumerate(("h_0", "c_0")):
        want = np.stack([state[at] for _, state in alone])
        yield differs(states[at], want), f"{name}: projected from the end of both readings"


class FakeStep:
    """A step that is easy to predict, and remembers what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *arguments: Any) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor]:
        """Take the homework's five arguments and combine an output from them."""
        if len(arguments) != 5:
            raise ValueError(
                f"decode calls step with {len(arguments)} positional arguments; expected five: "
                "Ybar_t, dec_state, enc_hiddens, enc_hiddens_proj, enc_masks"
            )
        self.calls.append(arguments)
        joined, (hidden, cell), _, projected, _ = arguments
        new = torch.tanh(hidden + joined[:, :HIDDEN]), cell * 0.5 + 1
        return new, torch.tanh(new[0] + joined[:, -HIDDEN:]), projected[..., 0]


@torch.no_grad()
def check_decode(seed: int) -> Found:
    """Compare `NMT.decode`, with a fake step, with what such steps have to give."""
    model = make_model(seed)
    batch = len(LENGTHS)
    hiddens = torch.randn(batch, LENGTHS[0], 2 * HIDDEN)
    state = torch.randn(batch, HIDDEN), torch.randn(batch, HIDDEN)
    masks = (torch.arange(LENGTHS[0]) >= torch.tensor(LENGTHS)[:, None]).float()
    target = torch.randint(3, TARGET_WORDS, (TARGETS, batch))
    fake = FakeStep()
    model.step = fake  # an attribute of this one model, which hides the method
    outputs = model.decode(hiddens, masks, state, target)
    claim = "step is called once for each target word but the last"
    many = "" if len(fake.calls) == TARGETS - 1 else f"it is called {len(fake.calls)} times"
    yield many and f"{many}, not {TARGETS - 1}", claim
    if many:
        return
    words = by_hand.weight(model.model_embeddings.target.weight)[target.numpy()]  # (T, B, E)
    hidden, output, expected = state[0].double().numpy(), np.zeros((batch, HIDDEN)), []
    joined_differ = ""
    for call, word in zip(fake.calls, words, strict=False):
        joined = np.concatenate([word, output], axis=1)  # (B, E), (B, H) -> (B, E+H)
        joined_differ = joined_differ or differs(call[0], joined)
        hidden = np.tanh(hidden + joined[:, :HIDDEN])
        output = np.tanh(hidden + joined[:, -HIDDEN:])
        expected.append(output)
    yield joined_differ, "Ybar_t: the word's embedding, then the last combined output (first 0)"
    keys = hiddens.double().numpy() @ by_hand.weight(model.att_projection.weight).T
    for call in fake.calls[-1:]:
        yield differs(call[2], hiddens.double().numpy()), "enc_hiddens is handed to step"
        yield differs(call[3], keys), "enc_hiddens_proj is handed to step"
        yield differs(call[4], masks.double().numpy()), "enc_masks is handed to step"
    yield differs(outputs, np.stack(expected)), "the outputs of all steps, stacked, (T-1, B, H)"


@torch.no_grad()
def check_step(seed: int) -> Found:
    """Compare `NMT.step` with one step of every sentence alone."""
    model = make_model(seed)
    batch = len(LENGTHS)
    joined = torch.randn(batch, EMBED + HIDDEN)
    state = torch.randn(batch, HIDDEN), torch.randn(batch, HIDDEN)
    hiddens = torch.randn(batch, LENGTHS[0], 2 * HIDDEN)  # not zero at padding: masks have to work
    masks = (torch.arange(LENGTHS[0]) >= torch.tensor(LENGTHS)[:, None]).float()
    projected = hiddens @ model.att_projection.weight.T
    new_state, output, scores = model.step(joined, state, hiddens, projected, masks)
    numbers = [part.double().numpy() for part in (joined, *state, hiddens)]
    alone = {
        first: [
            by_hand.step(
                model,
                numbers[0][at],
                (numbers[1][at], numbers[2][at]),
                numbers[3][at, :length],
                state_first=first,
            )
            for at, length in enumerate(LENGTHS)
        ]
        for first in (False, True)
    }
    for at, name in enumerate(("hidden state", "cell")):
        want = np.stack([one[0][at] for one in alone[False]])
        yield differs(new_state[at], want), f"dec_state: the {name} after the word"
    want = np.full((batch, LENGTHS[0]), -np.inf)
    for at, one in enumerate(alone[False]):
        want[at, : len(one[2])] = one[2]
    yield differs(scores, want), "e_t: the scores, minus infinity at padding"
    either = [differs(output, np.stack([one[1] for one in alone[first]])) for first in alone]
    yield (
        "" if not all(either) else either[0],
        "O_t: tanh(W_u [a_t; h_t]), attention without padding",
    )


def differs(got: Any, want: np.ndarray) -> str:
    """Say where a tensor is farthest from what it should be; nothing if it is close."""
    if not isinstance(got, Tensor):
        return f"expected a tensor, got {type(got).__name__}"
    if tuple(got.shape) != want.shape:
        return f"expected the shape {want.shape}, got {tuple(got.shape)}"
    have = got.detach().double().numpy()
    with np.errstate(invalid="ignore"):
        distance = np.where(have == want, 0.0, np.abs(have - want))  # inf - inf is no number
    distance = np.where(np.isnan(distance), np.inf, distance)
    worst = np.unravel_index(distance.argmax(), distance.shape)
    if distance[worst] <= TOLERANCE:
        return ""
    place = ", ".join(map(str, map(int, worst)))
    return f"at [{place}] expected {want[worst]:.4f}, got {have[worst]:.4f}"
