"""A translator in float32, as students may write it: several orders of the same operations."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

Tensors = dict[str, Tensor]
State = tuple[Tensor, Tensor]
Cell = Callable[[Tensors, str, str, Tensor, State], State]


def by_library(weights: Tensors, head: str, end: str, x: Tensor, state: State) -> State:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return torch.lstm_cell(x, state, *(weights[f"{head}{name}{end}"] for name in names))


def joined(weights: Tensors, head: str, end: str, x: Tensor, state: State) -> State:
    both = torch.cat([weights[f"{head}weight_hh{end}"], weights[f"{head}weight_ih{end}"]], 1)
    bias = weights[f"{head}bias_ih{end}"] + weights[f"{head}bias_hh{end}"]
    return gated(torch.cat([state[0], x], 1) @ both.T + bias, state)


def apart(weights: Tensors, head: str, end: str, x: Tensor, state: State) -> State:
    read = functional.linear(x, weights[f"{head}weight_ih{end}"], weights[f"{head}bias_ih{end}"])
    kept = torch.einsum("bh,gh->bg", state[0], weights[f"{head}weight_hh{end}"])
    return gated(kept + weights[f"{head}bias_hh{end}"] + read, state)


def gated(gates: Tensor, state: State) -> State:
    put, keep, new, out = gates.chunk(4, 1)
    cell = keep.sigmoid() * state[1] + put.sigmoid() * new.tanh()
    return out.sigmoid() * cell.tanh(), cell


CELLS: list[Cell] = [by_library, joined, apart]


def encode_packed(weights: Tensors, source: Tensor, lengths: list[int]) -> tuple[Tensor, ...]:
    """Annotations, and the joined last states of both directions, by PyTorch's own network."""
    embed, hidden = weights["sizes"].tolist()[:2]
    network = nn.LSTM(embed, hidden, bidirectional=True)
    network.load_state_dict(
        {k.removeprefix("encoder."): v for k, v in weights.items() if k.startswith("encoder.")}
    )
    vectors = weights["model_embeddings.source.weight"][source]
    read, last = network(pack_padded_sequence(vectors, torch.tensor(lengths)))
    notes, _ = pad_packed_sequence(read, batch_first=True, total_length=len(source))
    return notes, torch.cat([*last[0]], 1), torch.cat([*last[1]], 1)


def encode_one_by_one(
    weights: Tensors, source: Tensor, lengths: list[int], cell: Cell
) -> tuple[Tensor, ...]:
    """The same with a loop over words and sentences."""
    hidden, found = int(weights["sizes"][1]), []
    for column, length in enumerate(lengths):
        vectors = weights["model_embeddings.source.weight"][source[:length, column]]
        sides = []
        for end, order in (("_l0", range(length)), ("_l0_reverse", range(length - 1, -1, -1))):
            state, states = (torch.zeros(1, hidden), torch.zeros(1, hidden)), {}
            for place in order:
                state = cell(weights, "encoder.", end, vectors[place][None], state)
                states[place] = state[0]
            sides.append((torch.cat([states[place] for place in range(length)]), state))
        notes = torch.cat([side[0] for side in sides], 1)
        notes = functional.pad(notes, (0, 0, 0, len(source) - length))[None]
        ends = (torch.cat([side[1][part] for side in sides], 1) for part in (0, 1))
        found.append((notes, *ends))
    return tuple(torch.cat(parts) for parts in zip(*found, strict=True))


def encode(weights: Tensors, source: Tensor, lengths: list[int], way: int) -> tuple[Tensor, ...]:
    if way % 3 == 0:
        return encode_packed(weights, source, lengths)
    return encode_one_by_one(weights, source, lengths, CELLS[way % 3])


def first_state(weights: Tensors, hidden: Tensor, cell: Tensor) -> State:
    return hidden @ weights["h_projection.weight"].T, cell @ weights["c_projection.weight"].T


def score_by_batches(keys: Tensor, hidden: Tensor) -> Tensor:
    return torch.bmm(keys, hidden.unsqueeze(2)).squeeze(2)


def score_by_sum(keys: Tensor, hidden: Tensor) -> Tensor:
    return (keys * hidden[:, None]).sum(2)


def score_unprojected(keys: Tensor, hidden: Tensor) -> Tensor:
    return torch.einsum("bh,bsh->bs", hidden, keys)


SCORES = [score_by_batches, score_by_sum, score_unprojected]


def attend(scores: Tensor, notes: Tensor, way: int) -> Tensor:
    if way % 2:
        powers = (scores - scores.amax(1, keepdim=True)).exp()
        return (powers[:, :, None] * notes).sum(1) / powers.sum(1, keepdim=True)
    return torch.bmm(scores.softmax(1).unsqueeze(1), notes).squeeze(1)


def combine(weights: Tensors, attended: Tensor, hidden: Tensor, way: int) -> Tensor:
    """Before the tanh; u is [a; h] or [h; a], which is as good."""
    parts = [attended, hidden] if way % 2 else [hidden, attended]
    return torch.cat(parts, 1) @ weights["combined_output_projection.weight"].T


def step(
    weights: Tensors,
    x: Tensor,
    state: State,
    notes: Tensor,
    keys: Tensor,
    padding: Tensor,
    way: int,
) -> tuple[State, Tensor, Tensor]:
    """The next state, the combined output before the tanh, and the masked scores."""
    state = CELLS[way % 3](weights, "decoder.", "", x, state)
    scores = SCORES[way // 3 % 3](keys, state[0])
    scores = scores.masked_fill(padding, -1e9 if way % 5 == 0 else -math.inf)
    return state, combine(weights, attend(scores, notes, way), state[0], way // 2), scores


def forward(
    weights: Tensors, source: Tensor, lengths: list[int], target: list[list[int]], way: int
) -> Tensor:
    """The log-probabilities of translations from `<s>` to `</s>`, (B,)."""
    notes, hidden, cell = encode(weights, source, lengths, way)
    padding = torch.arange(len(source)) >= torch.tensor(lengths)[:, None]
    state, output = (
        first_state(weights, hidden, cell),
        torch.zeros(len(lengths), len(hidden.T) // 2),
    )
    keys, total = notes @ weights["att_projection.weight"].T, torch.zeros(len(lengths))
    longest = max(map(len, target))
    words = torch.tensor([[*one, *[0] * (longest - len(one))] for one in target]).T
    for word, following in pairwise(words):
        x = torch.cat([weights["model_embeddings.target.weight"][word], output], 1)
        state, before, _ = step(weights, x, state, notes, keys, padding, way)
        output = before.tanh()
        chances = (output @ weights["target_vocab_projection.weight"].T).log_softmax(1)
        total += chances.gather(1, following[:, None])[:, 0] * (following > 0)
    return total
