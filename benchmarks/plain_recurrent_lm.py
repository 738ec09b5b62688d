"""The baselines of `recurrent_lm.py`: the same language model in two other ways, and a plain loop.

`Recipe` does what the homework recommends: one step after the other, in the network and in the
attention. `Library` leaves both to PyTorch. Nothing of ours is imported. Both take the weights of
`models.RNNLanguageModel` and compute the same.

Shapes: `B` batch, `T` time, `t` steps so far, `E` embedding and `H` hidden width, `V` vocabulary.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class RecipeCell(nn.Module):
    """One step of the recurrent network."""

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(input_dim, hidden_dim)
        self.h2h = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        """Add both projections, ``(B, E)`` and ``(B, H)`` to ``(B, H)``."""
        return torch.relu(self.i2h(x) + self.h2h(state))


class RecipeRNN(nn.Module):
    """A forward pass that is its step, T times, each with all hidden states so far."""

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.cell = RecipeCell(input_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, hidden_dim)

    def step(self, x: Tensor, hidden_prev: Tensor | None) -> tuple[Tensor, Tensor]:
        """Read one input, ``(B, E)``, after ``(B, t - 1, H)``."""
        if hidden_prev is None:
            last = torch.zeros(x.shape[0], self.hidden_dim, dtype=x.dtype, device=x.device)
        else:
            last = hidden_prev[:, -1, :]
        hidden = self.cell(x, last)
        return hidden, self.out(hidden)

    def forward(self, sequence: Tensor) -> tuple[Tensor, Tensor]:
        """Read ``(B, T, E)``; states and outputs ``(B, T, H)``."""
        states, outputs = None, []
        for position in range(sequence.shape[1]):
            hidden, output = self.step(sequence[:, position, :], states)
            hidden = hidden.unsqueeze(1)
            states = hidden if states is None else torch.cat([states, hidden], dim=1)
            outputs.append(output)
        return states, torch.stack(outputs, dim=1)


class RecipeAttention(nn.Module):
    """A forward pass that is its step, T times, each with all outputs so far."""

    def __init__(self, hidden_dim: int, key_dim: int, value_dim: int) -> None:
        super().__init__()
        self.key_dim = key_dim
        self.query_transform = nn.Linear(hidden_dim, key_dim)
        self.key_transform = nn.Linear(hidden_dim, key_dim)
        self.value_transform = nn.Linear(hidden_dim, value_dim)
        self.output_transform = nn.Linear(value_dim, hidden_dim)

    def step(self, y_all: Tensor) -> Tensor:
        """Attend from the last of ``(B, t, H)`` to all of them, ``(B, H)``."""
        query = self.query_transform(y_all[:, -1:, :])
        keys, values = self.key_transform(y_all), self.value_transform(y_all)
        scores = query @ keys.transpose(1, 2) / math.sqrt(self.key_dim)
        weights = functional.softmax(scores, dim=-1)
        return self.output_transform(weights @ values).squeeze(1)

    def forward(self, y_all: Tensor) -> Tensor:
        """Attend from everywhere, ``(B, T, H)`` to the same."""
        steps = range(1, y_all.shape[1] + 1)
        return torch.cat([self.step(y_all[:, :t, :]).unsqueeze(1) for t in steps], dim=1)


class Recipe(nn.Module):
    """The homework's recipe; its modules have the homework's names."""

    def __init__(self, width: int, vocab_size: int) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, width)
        self.rnn = RecipeRNN(width, width)
        self.attention = RecipeAttention(width, width, width)
        self.lm_head = nn.Linear(width, vocab_size)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Score ``(B, T)`` tokens: logits ``(B, T, V)``, states and outputs ``(B, T, H)``."""
        hidden, outputs = self.rnn(self.embeddings(tokens))
        return self.lm_head(self.attention(outputs)), hidden, outputs


class Library(nn.Module):
    """The model on `nn.RNN` and `scaled_dot_product_attention`, which the homework forbids."""

    def __init__(self, width: int, vocab_size: int) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, width)
        self.rnn = nn.RNN(width, width, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(width, width)
        self.query_transform = nn.Linear(width, width)
        self.key_transform = nn.Linear(width, width)
        self.value_transform = nn.Linear(width, width)
        self.output_transform = nn.Linear(width, width)
        self.lm_head = nn.Linear(width, vocab_size)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Score ``(B, T)`` tokens: logits ``(B, T, V)``, states and outputs ``(B, T, H)``."""
        hidden, _ = self.rnn(self.embeddings(tokens))
        outputs = self.out(hidden)
        mixed = functional.scaled_dot_product_attention(
            self.query_transform(outputs),
            self.key_transform(outputs),
            self.value_transform(outputs),
            is_causal=True,
        )
        return self.lm_head(self.output_transform(mixed)), hidden, outputs


def library_name(name: str) -> str:
    """Translate the name of a parameter of the homework's model to that of `Library`."""
    for layer, suffix in (("i2h", "ih_l0"), ("h2h", "hh_l0")):
        for kind in ("weight", "bias"):
            if name == f"rnn.cell.{layer}.{kind}":
                return f"rnn.{kind}_{suffix}"
    return name.removeprefix("attention.").replace("rnn.out.", "out.")


def plain_step(model: nn.Module, optimizer: torch.optim.Optimizer, tokens: Tensor) -> Tensor:
    """Train on one batch of tokens, ``(B, T)``, and return its loss."""
    optimizer.zero_grad()
    logits = model(tokens)[0]
    scores = logits[:, :-1, :].reshape(-1, logits.shape[-1])
    loss = functional.cross_entropy(scores, tokens[:, 1:].reshape(-1))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.detach()


def plain_steps(model: nn.Module, optimizer: torch.optim.Optimizer, batches: list[Tensor]) -> float:
    """Train on batches of tokens, ``(B, T)`` each, and return the mean loss."""
    return torch.stack([plain_step(model, optimizer, tokens) for tokens in batches]).mean().item()


@torch.no_grad()
def plain_text(model: nn.Module, tokens: Tensor, count: int) -> Tensor:
    """Write on by reading everything again for every token, ``(1, L)`` to ``(count,)``."""
    for _ in range(count):
        following = model(tokens)[0][:, -1, :].argmax(dim=-1, keepdim=True)
        tokens = torch.cat([tokens, following], dim=1)
    return tokens[0, -count:]
