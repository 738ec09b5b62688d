"""Question 7: a small GPT that writes one character after the other.

A stack of transformer blocks turns the characters read so far into scores for the next one.
Sampling from these scores, appending, and asking again writes text.

Source: A. Radford et al., "Improving language understanding by generative pre-training" (2018),
section 3.1, without its positional embedding: here the network learns the order of the characters
only through the causal mask (position t sees t + 1 characters, whatever they are). The original
homework leaves it out too, and at a block size of ten it still spells words; adding one is a good
first experiment.

Shapes: `B` batch, `T` time, `C` channels, `V` vocabulary.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.attention import AttentionBlock


class TransformerBlock(nn.Module):
    """Attention, then one linear layer, each added to its input and normalised.

    Args:
        n_embd: the number of channels C.
        block_size: the longest sequence that the block can be given.
    """

    def __init__(self, n_embd: int, block_size: int) -> None:
        super().__init__()
        self.attention = AttentionBlock(n_embd, block_size)
        self.norm_1 = nn.LayerNorm(n_embd)
        self.linear = nn.Linear(n_embd, n_embd)
        self.norm_2 = nn.LayerNorm(n_embd)

    def forward(self, x: Tensor) -> Tensor:
        """Let the positions talk to each other, then think each for itself.

        Args:
            x: ``(B, T, C) float32`` with T at most the block size.

        Returns:
            ``(B, T, C) float32``.
        """
        # BEGIN SOLUTION q7.block: attention, a linear layer, each added and normalised
        # The sums let a gradient pass a block unchanged, so a deep stack can be trained at all.
        attended = self.norm_1(x + self.attention(x))
        # The residual starts from the normalised sum, not from x: the second half must not lose
        # what the attention found.
        return self.norm_2(attended + torch.relu(self.linear(attended)))
        # END SOLUTION q7.block


class CharacterGPT(nn.Module):
    """A language model over characters.

    Args:
        block_size: how many characters the model looks back on.
        n_embd: the number of channels C.
        n_layer: the number of transformer blocks.
        vocab_size: the number of different characters V.
    """

    def __init__(self, block_size: int, n_embd: int, n_layer: int, vocab_size: int) -> None:
        super().__init__()
        self.block_size = block_size
        self.embed = nn.Embedding(vocab_size, n_embd)
        blocks = [TransformerBlock(n_embd, block_size) for _ in range(n_layer)]
        self.transformer_blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(n_embd)
        self.output_layer = nn.Linear(n_embd, vocab_size, bias=False)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the homework's name
        """Score every character as the next one, at every position.

        Args:
            input: character ids, ``(B, T) int64`` in 0..V-1, with T at most the block size.

        Returns:
            Scores, ``(B, T, V) float32``; position t has seen characters 0..t.
        """
        # BEGIN SOLUTION q7.scores: embed, run the blocks, normalise, score
        channels = self.embed(input)  # (B, T) -> (B, T, C)
        channels = self.transformer_blocks(channels)
        # Scores without an activation, as in every classifier before: the loss does the softmax.
        return self.output_layer(self.norm(channels))  # (B, T, V)
        # END SOLUTION q7.scores

    def get_loss(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002
        """Measure how surprised the model is by the characters that really follow.

        Args:
            input: character ids, ``(B, T) int64``.
            target: the same text one character later, ``(B, T) int64``.

        Returns:
            The mean cross-entropy in nats, ``() float32``.
        """
        scores = self(input)
        # Every position is one prediction, so batch and time become one axis.
        return functional.cross_entropy(scores.flatten(0, 1), target.flatten())

    @torch.no_grad()
    def generate(
        self,
        idx: Tensor,
        max_new_tokens: int,
        *,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Write on, one character at a time.

        Args:
            idx: the characters so far, ``(B, T) int64`` with any T >= 1.
            max_new_tokens: how many characters to append.
            temperature: below 1 the likely characters become likelier, above 1 less so; 0 always
                takes the likeliest.
            generator: the source of the random draws; the global one without it.

        Returns:
            ``(B, T + max_new_tokens) int64``, which begins with ``idx``.
        """
        for _ in range(max_new_tokens):
            # The mask knows block_size positions, so the model sees the newest characters only.
            scores = self(idx[:, -self.block_size :])[:, -1]  # (B, T, V) -> (B, V)
            if temperature == 0:
                following = scores.argmax(dim=-1, keepdim=True)  # (B, 1)
            else:
                chances = torch.softmax(scores / temperature, dim=-1)
                following = torch.multinomial(chances, 1, generator=generator)  # (B, 1)
            idx = torch.cat([idx, following], dim=1)  # (B, T) -> (B, T + 1)
        return idx
