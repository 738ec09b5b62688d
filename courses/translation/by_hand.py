"""The translator's equations word by word in float64, to compare a solution with.

Nothing here is batched, padded or fast, and nothing comes from the solution but its weights: every
sentence is read alone, so that there is no padding that could leak. Equation numbers are the
homework's.

Shapes: `S` source words, `E` embedding width, `H` hidden width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from torch import nn

Array: TypeAlias = np.ndarray
State: TypeAlias = tuple[Array, Array]


def weight(parameter: nn.Parameter) -> Array:
    """Copy a weight as float64."""
    return parameter.detach().double().cpu().numpy().copy()


def lstm_step(word: Array, state: State, layer: nn.Module, ending: str = "") -> State:
    """Make one step of an LSTM, with its gates in PyTorch's order: input, forget, cell, output.

    Args:
        word: what is read, ``(D,)``.
        state: hidden state and cell, each ``(H,)``.
        layer: an `nn.LSTM` or `nn.LSTMCell`.
        ending: of the names of the layer's weights.
    """
    by_word, by_hidden, bias, more_bias = (
        weight(getattr(layer, name + ending))
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    hidden, cell = state
    enter, forget, new, out = np.split(by_word @ word + bias + by_hidden @ hidden + more_bias, 4)
    cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(new)
    return _sigmoid(out) * np.tanh(cell), cell


def encode(model: nn.Module, ids: Sequence[int]) -> tuple[Array, State]:
    """Read one sentence (equations 1 to 4).

    Returns:
        The annotations, ``(S, 2H)``, and the decoder's first state, each ``(H,)``.
    """
    words = weight(model.model_embeddings.source.weight)[list(ids)]  # (S, E)
    size = model.h_projection.weight.shape[0]
    readings, last = [], []
    for ending, ordered in (("_l0", words), ("_l0_reverse", words[::-1])):
        state, hiddens = (np.zeros(size), np.zeros(size)), []
        for word in ordered:
            state = lstm_step(word, state, model.encoder, ending)
            hiddens.append(state[0])
        readings.append(hiddens if ending == "_l0" else hiddens[::-1])
        last.append(state)
    annotations = np.concatenate(readings, axis=1)  # (S, 2H)
    hidden, cell = (np.concatenate([there, back]) for there, back in zip(*last, strict=True))
    return annotations, (
        weight(model.h_projection.weight) @ hidden,
        weight(model.c_projection.weight) @ cell,
    )


def step(
    model: nn.Module, joined: Array, state: State, annotations: Array, *, state_first: bool = False
) -> tuple[State, Array, Array]:
    """Read one target word of one sentence (equations 6 to 12, without dropout).

    Args:
        model: gives the weights.
        joined: the word's embedding and the last output, ``(E+H,)``.
        state: each ``(H,)``.
        annotations: of the sentence's real words, ``(S, 2H)``.
        state_first: take u = [h; a] and not [a; h]; the weights are free, so both are right.

    Returns:
        The next state, the combined output, ``(H,)``, and the scores, ``(S,)``.
    """
    hidden, cell = lstm_step(joined, state, model.decoder)
    scores = annotations @ weight(model.att_projection.weight).T @ hidden  # equation 7
    alphas = np.exp(scores - scores.max())
    attended = (alphas / alphas.sum()) @ annotations  # equations 8 and 9
    parts = (hidden, attended) if state_first else (attended, hidden)
    output = np.tanh(weight(model.combined_output_projection.weight) @ np.concatenate(parts))
    return (hidden, cell), output, scores


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))
