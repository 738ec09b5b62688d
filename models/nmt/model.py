"""Question 11: a translator: bidirectional LSTM encoder, attention, LSTM decoder.

The encoder reads the source sentence in both directions and annotates every word. The decoder
writes the translation word by word; before each word its attention looks for the annotations that
matter now, and what it combined from them goes into its next step as well.

`forward` is the homework's path, through `decode` and `step`. `loss` is the same number computed
from the same parameters with fewer and larger products, for training.

Sources: M.-T. Luong et al. (2015), sections 3.1 and 3.3, https://arxiv.org/abs/1508.04025; D.
Bahdanau et al. (2015), https://arxiv.org/abs/1409.0473. Equation numbers are the homework's.

Shapes: `B` batch, `S` source words, `T` target words with `<s>` and `</s>`, `E` embedding width,
`H` hidden width, `V` target vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from models.nmt.attention import ATTENTIONS, AdditiveScore, AttentionName, SumOfDirections
from models.nmt.beam_search import beam_search_batch
from models.nmt.checkpoint import load_model, save_model
from models.nmt.embeddings import ModelEmbeddings
from models.nmt.hypotheses import Hypothesis
from models.nmt.training_loss import translation_loss
from models.nmt.vocabulary import Vocab

State = tuple[Tensor, Tensor]
"""The decoder's hidden state and cell, each ``(B, H) float32``."""


class NMT(nn.Module):
    """A sequence-to-sequence model with attention.

    The layers are made in the homework's order: in another, a seed would draw other weights.

    Args:
        embed_size: the width E of the embeddings.
        hidden_size: the width H of the LSTMs.
        vocab: the words of both languages.
        dropout_rate: how much of every combined output is dropped in training.
        attention: see `models.nmt.attention`; the homework's is multiplicative.

    Raises:
        ValueError: if there is no such attention.
    """

    encoder: nn.LSTM
    decoder: nn.LSTMCell
    h_projection: nn.Linear
    c_projection: nn.Linear
    att_projection: nn.Module
    combined_output_projection: nn.Linear
    target_vocab_projection: nn.Linear
    dropout: nn.Dropout

    def __init__(
        self,
        embed_size: int,
        hidden_size: int,
        vocab: Vocab,
        dropout_rate: float = 0.2,
        attention: AttentionName = "multiplicative",
    ) -> None:
        super().__init__()
        if attention not in ATTENTIONS:
            raise ValueError(f"attention is {attention!r}; choose one of {', '.join(ATTENTIONS)}")
        self.model_embeddings = ModelEmbeddings(embed_size, vocab)
        self.hidden_size, self.dropout_rate = hidden_size, dropout_rate
        self.vocab = vocab
        self.attention = attention
        # BEGIN SOLUTION q11.layers: encoder, decoder, projections and dropout
        self.encoder = nn.LSTM(embed_size, hidden_size, bidirectional=True)
        # The decoder reads a word together with its own last combined output (input feeding).
        self.decoder = nn.LSTMCell(embed_size + hidden_size, hidden_size)
        self.h_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.c_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.att_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.combined_output_projection = nn.Linear(3 * hidden_size, hidden_size, bias=False)
        self.target_vocab_projection = nn.Linear(hidden_size, len(vocab.tgt), bias=False)
        self.dropout = nn.Dropout(dropout_rate)
        # END SOLUTION q11.layers
        # The other attentions come last, so that they change nothing about what is drawn above.
        self.additive_score = AdditiveScore(hidden_size) if attention == "additive" else None
        if attention == "dot":
            self.att_projection = SumOfDirections()

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return self.model_embeddings.source.weight.device

    def forward(self, source: Sequence[Sequence[str]], target: Sequence[Sequence[str]]) -> Tensor:
        """Measure how likely translations are.

        Args:
            source: B sentences of at least one word, as lists of words.
            target: their translations, each from `<s>` to `</s>`.

        Returns:
            The sum of the log-probabilities of a translation's words after `<s>`, ``(B,) float32``.
        """
        lengths = [len(sent) for sent in source]
        source_padded = self.vocab.src.to_input_tensor(source, self.device)  # (S, B)
        target_padded = self.vocab.tgt.to_input_tensor(target, self.device)  # (T, B)
        enc_hiddens, dec_init_state = self.encode(source_padded, lengths)
        enc_masks = self.generate_sent_masks(enc_hiddens, lengths)
        outputs = self.decode(enc_hiddens, enc_masks, dec_init_state, target_padded)
        logits = self.target_vocab_projection(outputs)  # (T-1, B, V)
        # Under autocast the logits have half the digits, too few for a sum over V words.
        log_chances = torch.log_softmax(logits.to(self.target_vocab_projection.weight.dtype), -1)
        # Step t has read the words up to t and is asked for the one after it.
        asked_for = target_padded[1:]  # (T-1, B)
        chosen = log_chances.gather(2, asked_for[:, :, None])[:, :, 0]  # (T-1, B)
        return chosen.masked_fill(asked_for == self.vocab.tgt["<pad>"], 0).sum(dim=0)

    def loss(
        self,
        source_padded: Tensor,
        source_lengths: Sequence[int] | Tensor,
        target_padded: Tensor,
    ) -> Tensor:
        """Minus the sum of what `forward` returns, fast; see `models.nmt.training_loss`."""
        return translation_loss(self, source_padded, source_lengths, target_padded)

    def encode(
        self, source_padded: Tensor, source_lengths: Sequence[int] | Tensor
    ) -> tuple[Tensor, State]:
        """Annotate every source word and propose the decoder's first state.

        Args:
            source_padded: ``(S, B) int64`` word ids, padded at the bottom.
            source_lengths: B true lengths, each in 1..S, on the CPU. In training the longest comes
                first; other orders are right as well.

        Returns:
            enc_hiddens: the annotations, ``(B, S, 2H) float32``; zero wherever there is padding.
            dec_init_state: h_0 and c_0, each ``(B, H) float32``.
        """
        # BEGIN SOLUTION q11.encode: read both ways, never the padding
        embedded = self.model_embeddings.source(source_padded)  # (S, B) -> (S, B, E)
        # Packed sentences end where their words end: the right-to-left reading begins at the last
        # word and not in the padding, and a sentence's neighbours in the batch change nothing.
        packed = pack_padded_sequence(
            embedded, torch.as_tensor(source_lengths, device="cpu"), enforce_sorted=False
        )
        read, (last_hidden, last_cell) = self.encoder(packed)
        enc_hiddens, _ = pad_packed_sequence(
            read, batch_first=True, total_length=len(source_padded)
        )  # (B, S, 2H)
        # What each direction knew at its end: left to right after the last word, right to left
        # after the first. Equations 3 and 4 write them in some order; W_h and W_c are free.
        both_hidden = torch.cat([last_hidden[0], last_hidden[1]], dim=1)  # (2, B, H) -> (B, 2H)
        both_cell = torch.cat([last_cell[0], last_cell[1]], dim=1)
        return enc_hiddens, (self.h_projection(both_hidden), self.c_projection(both_cell))
        # END SOLUTION q11.encode

    def generate_sent_masks(
        self, enc_hiddens: Tensor, source_lengths: Sequence[int] | Tensor
    ) -> Tensor:
        """Mark the padding.

        Args:
            enc_hiddens: the annotations, ``(B, S, 2H) float32``; only their shape counts.
            source_lengths: B true lengths.

        Returns:
            ``(B, S) float32``: 1 at padding, 0 at words.
        """
        lengths = torch.as_tensor(source_lengths, device=enc_hiddens.device)
        positions = torch.arange(enc_hiddens.shape[1], device=enc_hiddens.device)
        return (positions >= lengths[:, None]).float()  # (S,) and (B, 1) -> (B, S)

    def decode(
        self, enc_hiddens: Tensor, enc_masks: Tensor, dec_init_state: State, target_padded: Tensor
    ) -> Tensor:
        """Read the translation word by word and combine an output after each.

        Args:
            enc_hiddens: the annotations, ``(B, S, 2H) float32``.
            enc_masks: ``(B, S) float32``, 1 at padding.
            dec_init_state: h_0 and c_0, each ``(B, H) float32``.
            target_padded: ``(T, B) int64`` word ids from `<s>` to `</s>`, padded at the bottom.

        Returns:
            The combined outputs o_1 to o_{T-1}, ``(T-1, B, H) float32``.
        """
        # BEGIN SOLUTION q11.decode: one step for each target word but the last
        target_padded = target_padded[:-1]  # nothing follows the last word that could be learned
        enc_hiddens_proj = self.att_projection(enc_hiddens)  # (B, S, 2H) -> (B, S, H)
        embedded = self.model_embeddings.target(target_padded)  # (T-1, B) -> (T-1, B, E)
        dec_state = dec_init_state
        output = enc_hiddens.new_zeros(len(enc_hiddens), self.hidden_size)  # o_0
        outputs = []
        for word in embedded.unbind(dim=0):
            joined = torch.cat([word, output], dim=1)  # (B, E), (B, H) -> (B, E+H)
            dec_state, output, _ = self.step(
                joined, dec_state, enc_hiddens, enc_hiddens_proj, enc_masks
            )
            outputs.append(output)
        return torch.stack(outputs)  # T-1 times (B, H) -> (T-1, B, H)
        # END SOLUTION q11.decode

    def step(
        self,
        Ybar_t: Tensor,  # noqa: N803 - the homework's name
        dec_state: State,
        enc_hiddens: Tensor,
        enc_hiddens_proj: Tensor,
        enc_masks: Tensor | None,
    ) -> tuple[State, Tensor, Tensor]:
        """Read one more target word.

        Args:
            Ybar_t: the word's embedding and the last combined output, ``(B, E+H) float32``.
            dec_state: the decoder's last state.
            enc_hiddens: the annotations, ``(B, S, 2H) float32``.
            enc_hiddens_proj: their projections, the attention's keys, ``(B, S, H) float32``.
            enc_masks: ``(B, S) float32``, 1 at padding; None if there is none.

        Returns:
            dec_state: the decoder's next state.
            combined_output: o_t, ``(B, H) float32``.
            e_t: the attention's scores, ``(B, S) float32``, -inf at padding.
        """
        # BEGIN SOLUTION q11.step: read, score, attend, combine
        dec_state = self.decoder(Ybar_t, dec_state)  # equation 6
        dec_hidden, _ = dec_state
        if self.additive_score is None:  # equation 7
            # A row times a matrix: a matrix times a column is far slower in some libraries.
            e_t = (dec_hidden[:, None] @ enc_hiddens_proj.mT)[:, 0]  # (B, 1, S) -> (B, S)
        else:
            e_t = self.additive_score(enc_hiddens_proj, dec_hidden)
        if enc_masks is not None:
            # Minus infinity before the softmax is exactly nothing after it.
            e_t = e_t.masked_fill(enc_masks.bool(), -math.inf)
        alpha_t = torch.softmax(e_t, dim=1)  # equation 8: over the source words
        a_t = (alpha_t[:, None] @ enc_hiddens)[:, 0]  # equation 9: (B, 1, 2H) -> (B, 2H)
        u_t = torch.cat([a_t, dec_hidden], dim=1)  # equation 10: (B, 3H)
        combined_output = self.dropout(torch.tanh(self.combined_output_projection(u_t)))  # 11, 12
        return dec_state, combined_output, e_t
        # END SOLUTION q11.step

    def beam_search(
        self, src_sent: Sequence[str], beam_size: int = 5, max_decoding_time_step: int = 70
    ) -> list[Hypothesis]:
        """Translate one sentence; see `models.nmt.beam_search`."""
        return self.beam_search_batch([src_sent], beam_size, max_decoding_time_step)[0]

    def beam_search_batch(
        self,
        src_sents: Sequence[Sequence[str]],
        beam_size: int = 5,
        max_decoding_time_step: int = 70,
        length_penalty: float | None = None,
    ) -> list[list[Hypothesis]]:
        """Translate sentences, many at once; see `models.nmt.beam_search`."""
        return beam_search_batch(self, src_sents, beam_size, max_decoding_time_step, length_penalty)

    def save(self, path: str | Path) -> None:
        """Write the model to a file; see `models.nmt.checkpoint`."""
        save_model(self, path)

    @classmethod
    def load(cls, path: str | Path) -> NMT:
        """Read a model that `save` wrote, on the CPU; see `models.nmt.checkpoint`."""
        return load_model(cls, path)
