"""Question 9: a decoder-only transformer that writes text (problem 4; given, nothing to write).

Several attention heads look back at once, each for something else; then every position thinks for
itself. A stack of such blocks on top of token and position embeddings scores the next character.

Source: A. Vaswani et al., "Attention is all you need" (2017), sections 3.1 to 3.3, without the
encoder; A. Radford et al., "Language models are unsupervised multitask learners" (2019), section
2.3, for where the norms stand.

Every attention has two paths over the same parameters. The one to read (``fast=False``) asks one
head after the other, as question 6 does it. The fast one, which is the default, computes all heads
at once; both agree up to the rounding of float32.

Shapes: `B` batch, `T` time, `C` channels, `N` heads, `D` channels of one head, `V` vocabulary.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.attention import AttentionBlock


class Head(AttentionBlock):
    """One head: question 6's attention from C channels to D, without biases.

    Args:
        n_embd: the number of channels C that it reads.
        head_size: the number of channels D that it writes.
        block_size: the longest sequence that the head can be given.
        dropout: the share of the attention weights that is set to zero in training.
    """

    def __init__(self, n_embd: int, head_size: int, block_size: int, dropout: float = 0.0) -> None:
        # Queries and keys have D channels, so the block's layer size, by which it scales, is D.
        super().__init__(head_size, block_size)
        self.k_layer = nn.Linear(n_embd, head_size, bias=False)
        self.q_layer = nn.Linear(n_embd, head_size, bias=False)
        self.v_layer = nn.Linear(n_embd, head_size, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Replace every position by a mixture of the values that it may see.

        Args:
            x: ``(B, T, C) float32`` with T at most the block size.

        Returns:
            ``(B, T, D) float32``; position t depends on positions 0..t only.
        """
        weights = self.dropout(self.attention_weights(x))  # (B, T, T)
        return weights @ self.v_layer(x)  # (B, T, T) @ (B, T, D) -> (B, T, D)


class MultiHeadAttention(nn.Module):
    """Several heads side by side, then one linear layer that mixes what they found.

    Source: Vaswani et al. (2017), section 3.2.2.

    Args:
        n_embd: the number of channels C, a multiple of the number of heads.
        n_head: the number of heads N; each has D = C / N channels.
        block_size: the longest sequence.
        dropout: the share that is set to zero in training, of the attention weights and of the
            result.
        fast: compute all heads at once instead of one after the other.
    """

    def __init__(
        self, n_embd: int, n_head: int, block_size: int, dropout: float = 0.0, *, fast: bool = True
    ) -> None:
        super().__init__()
        if n_embd % n_head:
            raise ValueError(
                f"n_embd is {n_embd} and n_head {n_head}: give a width that the heads can share "
                "evenly"
            )
        head_size = n_embd // n_head
        self.heads = nn.ModuleList(
            Head(n_embd, head_size, block_size, dropout) for _ in range(n_head)
        )
        self.projection = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.fast = fast

    def forward(self, x: Tensor) -> Tensor:
        """Let every head look back, and mix their answers.

        Args:
            x: ``(B, T, C) float32`` with T at most the block size.

        Returns:
            ``(B, T, C) float32``; position t depends on positions 0..t only.
        """
        if self.fast:
            answers = self._all_at_once(x)
        else:
            answers = torch.cat(
                [head(x) for head in self.heads], dim=-1
            )  # N (B, T, D) -> (B, T, C)
        return self.dropout(self.projection(answers))

    def _all_at_once(self, x: Tensor) -> Tensor:
        """The heads' answers from one matrix product and PyTorch's attention, ``(B, T, C)``.

        A small product costs hardly less than a large one: most of its time goes into starting it.
        """
        batch, time, channels = x.shape
        count = len(self.heads)
        kinds = ("q_layer", "k_layer", "v_layer")
        # First every head's queries, then all keys, then all values.
        weight = torch.cat([getattr(head, kind).weight for kind in kinds for head in self.heads])
        projected = functional.linear(x, weight)  # (B, T, C) -> (B, T, 3C)
        split = projected.view(batch, time, 3, count, channels // count)  # (B, T, 3, N, D)
        queries, keys, values = split.permute(2, 0, 3, 1, 4).unbind()  # 3 times (B, N, T, D)
        # It scales by sqrt(D) and masks as question 6 does. Unlike nn.Dropout, it drops weights
        # outside training too, unless it is told not to.
        dropped = self.dropout.p if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(
            queries, keys, values, dropout_p=dropped, is_causal=True
        )
        return mixed.transpose(1, 2).reshape(batch, time, channels)  # (B, N, T, D) -> (B, T, C)


class FeedForward(nn.Module):
    """Two linear layers, the first four times as wide as its input, for each position alone.

    Source: Vaswani et al. (2017), section 3.3, equation 2.

    Args:
        n_embd: the number of channels C.
        dropout: the share of the result that is set to zero in training.
    """

    def __init__(self, n_embd: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map every position by itself, ``(B, T, C) float32`` to the same shape."""
        return self.layers(x)


class Block(nn.Module):
    """Attention, then the feed-forward network, each added to its input.

    Where the norms stand is a choice. Vaswani et al. (2017, section 5.4 and figure 1) normalise
    the sum: ``norm(x + f(x))``. Radford et al. (2019, section 2.3) normalise what goes into each
    part, ``x + f(norm(x))``, which is the default here: the sums then lead straight from the loss
    to the first layer, and a deep stack trains without a warm-up of the learning rate. R. Xiong et
    al., "On layer normalization in the transformer architecture" (2020), compare both.

    Args:
        n_embd: the number of channels C, a multiple of the number of heads.
        n_head: the number of heads.
        block_size: the longest sequence.
        dropout: the share that is set to zero in training.
        pre_norm: normalise the input of each part; otherwise the sum after it.
        fast: compute all heads at once.
    """

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        block_size: int,
        dropout: float = 0.0,
        *,
        pre_norm: bool = True,
        fast: bool = True,
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout, fast=fast)
        self.feed_forward = FeedForward(n_embd, dropout)
        self.norm_1 = nn.LayerNorm(n_embd)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.pre_norm = pre_norm

    def forward(self, x: Tensor) -> Tensor:
        """Let the positions talk to each other, then think each for itself.

        Args:
            x: ``(B, T, C) float32`` with T at most the block size.

        Returns:
            ``(B, T, C) float32``.
        """
        if self.pre_norm:
            x = x + self.attention(self.norm_1(x))
            return x + self.feed_forward(self.norm_2(x))
        x = self.norm_1(x + self.attention(x))
        return self.norm_2(x + self.feed_forward(x))


class BigramLanguageModel(nn.Module):
    """A language model of transformer blocks; without them it would know pairs of tokens only.

    Args:
        vocab_size: the number of different tokens V.
        block_size: how many tokens the model looks back on.
        n_embd: the number of channels C, a multiple of the number of heads.
        n_head: the number of heads in a block.
        n_layer: the number of blocks.
        dropout: the share that is set to zero in training.
        pre_norm: where the norms stand, see `Block`.
        fast: compute all heads at once.
    """

    def __init__(
        self,
        vocab_size: int,
        block_size: int,
        n_embd: int,
        n_head: int,
        n_layer: int,
        dropout: float = 0.0,
        *,
        pre_norm: bool = True,
        fast: bool = True,
    ) -> None:
        super().__init__()
        self.block_size = block_size
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        # Attention itself cannot tell in which order it sees the tokens.
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(
            *(
                Block(n_embd, n_head, block_size, dropout, pre_norm=pre_norm, fast=fast)
                for _ in range(n_layer)
            )
        )
        # Nothing has normalised the sums of a pre-norm stack yet; a post-norm block ends with it.
        self.norm = nn.LayerNorm(n_embd) if pre_norm else nn.Identity()
        self.output_layer = nn.Linear(n_embd, vocab_size)

    def forward(
        self, tokens: Tensor, targets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Score every token as the next one, at every position.

        Args:
            tokens: ``(B, T) int64`` in 0..V-1, with T at most the block size.
            targets: the tokens that follow, ``(B, T) int64``.

        Returns:
            logits: ``(B, T, V) float32``; position t has seen tokens 0..t.
            loss: the mean cross-entropy in nats, ``() float32``; None without targets.

        Raises:
            ValueError: when the sequence is longer than the block size.
        """
        time = tokens.shape[1]
        if time > self.block_size:
            raise ValueError(
                f"tokens has {time} positions; give at most the block size, {self.block_size}"
            )
        positions = self.position_embedding.weight[:time]  # (T, C)
        x = self.token_embedding(tokens) + positions  # (B, T) -> (B, T, C)
        logits = self.output_layer(self.norm(self.blocks(x)))  # (B, T, V)
        if targets is None:
            return logits, None
        # Every position is one prediction, so batch and time become one axis.
        return logits, functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def generate(
        self,
        tokens: Tensor,
        max_new_tokens: int,
        *,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Write on, one token at a time.

        Args:
            tokens: the text so far, ``(B, T) int64`` with any T >= 1.
            max_new_tokens: how many tokens to append.
            temperature: below 1 the likely tokens become likelier, above 1 less so; 0 always takes
                the likeliest.
            generator: the source of the random draws; the global one without it.

        Returns:
            ``(B, T + max_new_tokens) int64``, which begins with ``tokens``.
        """
        for _ in range(max_new_tokens):
            logits, _ = self(tokens[:, -self.block_size :])  # there are no positions beyond
            latest = logits[:, -1]  # (B, T, V) -> (B, V)
            if temperature == 0:
                following = latest.argmax(dim=-1, keepdim=True)  # (B, 1)
            else:
                chances = torch.softmax(latest / temperature, dim=-1)
                following = torch.multinomial(chances, 1, generator=generator)  # (B, 1)
            tokens = torch.cat([tokens, following], dim=1)  # (B, T) -> (B, T + 1)
        return tokens
