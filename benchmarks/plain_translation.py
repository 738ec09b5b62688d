"""The baseline of `translation.py`: q11's translator as the homework's recipe has it.

Written from the homework's description, and nothing of ours is imported. The decoder joins a word's
embedding with its last output in every step, `decode` projects the annotations, the loss keeps the
log-probabilities of all words of the vocabulary for every step, and a search translates one
sentence at a time. The modules have the homework's names, so that the weights of `models.NMT` fit.

Shapes: `B` batch, `S` source words, `T` target words with `<s>` and `</s>`, `E` embedding width,
`H` hidden width, `V` target vocabulary, `R` beginnings of translations.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PAD, START, END = 0, 1, 2
CLIP_NORM = 5.0
State = tuple[Tensor, Tensor]
Batch = tuple[Tensor, list[int], Tensor]
"""Source ``(S, B)``, its lengths, the longest first, and target ``(T, B)``."""
Translation = tuple[list[int], float]
"""The ids of the words, and the score."""


class PlainTranslator(nn.Module):
    """Bidirectional LSTM, attention, and an LSTM that writes.

    Args:
        source_words: how many words the source language has.
        target_words: how many words V the target language has.
        embed_size: the width E of the embeddings.
        hidden_size: the width H of the LSTMs.
        dropout_rate: how much of every output is dropped.
    """

    def __init__(
        self,
        source_words: int,
        target_words: int,
        embed_size: int,
        hidden_size: int,
        dropout_rate: float,
    ) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.model_embeddings = nn.ModuleDict(
            {
                "source": nn.Embedding(source_words, embed_size, padding_idx=PAD),
                "target": nn.Embedding(target_words, embed_size, padding_idx=PAD),
            }
        )
        self.encoder = nn.LSTM(embed_size, hidden_size, bidirectional=True)
        self.decoder = nn.LSTMCell(embed_size + hidden_size, hidden_size)
        self.h_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.c_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.att_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)
        self.combined_output_projection = nn.Linear(3 * hidden_size, hidden_size, bias=False)
        self.target_vocab_projection = nn.Linear(hidden_size, target_words, bias=False)
        self.dropout = nn.Dropout(dropout_rate)

    def forward(self, source: Tensor, lengths: list[int], target: Tensor) -> Tensor:
        """Sum the log-probabilities of each translation, ``(B,)``."""
        annotations, state = self.encode(source, lengths)
        positions = torch.arange(len(source), device=source.device)
        padding = positions >= torch.tensor(lengths, device=source.device)[:, None]  # (B, S)
        outputs = self.decode(annotations, padding, state, target)
        scores = self.target_vocab_projection(outputs)
        log_chances = functional.log_softmax(scores, dim=-1)  # (T-1, B, V)
        real = (target != PAD).float()
        chosen = torch.gather(log_chances, index=target[1:].unsqueeze(-1), dim=-1).squeeze(-1)
        return (chosen * real[1:]).sum(dim=0)

    def encode(self, source: Tensor, lengths: list[int]) -> tuple[Tensor, State]:
        """Read ``(S, B)``; give the annotations, ``(B, S, 2H)``, and the decoder's first state."""
        embedded = self.model_embeddings["source"](source)
        read, (hidden, cell) = self.encoder(pack_padded_sequence(embedded, lengths))
        annotations, _ = pad_packed_sequence(read)
        first_hidden = self.h_projection(torch.cat((hidden[0], hidden[1]), dim=1))
        first_cell = self.c_projection(torch.cat((cell[0], cell[1]), dim=1))
        return annotations.permute(1, 0, 2), (first_hidden, first_cell)

    def decode(self, annotations: Tensor, padding: Tensor, state: State, target: Tensor) -> Tensor:
        """Read ``(T, B)`` word by word; give the outputs, ``(T-1, B, H)``."""
        keys = self.att_projection(annotations)
        embedded = self.model_embeddings["target"](target[:-1])
        output = torch.zeros(len(annotations), self.hidden_size).to(annotations)
        outputs = []
        for word in torch.split(embedded, 1):
            joined = torch.cat((word.squeeze(0), output), dim=-1)  # (B, E+H)
            state, output = self.step(joined, state, annotations, keys, padding)
            outputs.append(output)
        return torch.stack(outputs)

    def step(
        self,
        joined: Tensor,
        state: State,
        annotations: Tensor,
        keys: Tensor,
        padding: Tensor | None,
    ) -> tuple[State, Tensor]:
        """Read one word and the last output, ``(B, E+H)``; give the state and the next output."""
        state = self.decoder(joined, state)
        hidden = state[0]
        scores = torch.bmm(keys, hidden.unsqueeze(2)).squeeze(2)  # (B, S)
        if padding is not None:
            scores = scores.masked_fill(padding, -float("inf"))
        weights = functional.softmax(scores, dim=1)
        found = torch.bmm(weights.unsqueeze(1), annotations).squeeze(1)  # (B, 2H)
        combined = self.combined_output_projection(torch.cat((found, hidden), dim=1))
        return state, self.dropout(torch.tanh(combined))


def plain_step(model: PlainTranslator, optimizer: torch.optim.Optimizer, batch: Batch) -> Tensor:
    """Train on one batch and return its loss, a sentence's mean."""
    optimizer.zero_grad()
    loss = -model(*batch).sum() / len(batch[1])
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.detach()


def plain_steps(
    model: PlainTranslator, optimizer: torch.optim.Optimizer, batches: Iterable[Batch]
) -> float:
    """Train on batches and return the mean loss."""
    return torch.stack([plain_step(model, optimizer, batch) for batch in batches]).mean().item()


@torch.no_grad()
def plain_search(
    model: PlainTranslator, source: list[int], beam_size: int, most_words: int
) -> list[Translation]:
    """Translate one sentence by beam search; the best translation comes first.

    Args:
        model: the translator, in evaluation mode.
        source: the ids of the sentence's words.
        beam_size: how many beginnings to go on with; each that is complete leaves one fewer.
        most_words: of a translation, `</s>` included.
    """
    device = model.target_vocab_projection.weight.device
    annotations, state = model.encode(torch.tensor(source, device=device)[:, None], [len(source)])
    keys = model.att_projection(annotations)
    output = torch.zeros(1, model.hidden_size).to(annotations)
    beginnings, scores = [[START]], torch.zeros(1).to(annotations)
    complete: list[Translation] = []
    for _ in range(most_words):
        if len(complete) == beam_size:
            break
        count = len(beginnings)
        last = torch.tensor([words[-1] for words in beginnings], device=device)
        joined = torch.cat((model.model_embeddings["target"](last), output), dim=-1)
        state, output = model.step(
            joined,
            state,
            annotations.expand(count, -1, -1),
            keys.expand(count, -1, -1),
            None,
        )
        log_chances = functional.log_softmax(model.target_vocab_projection(output), dim=-1)
        candidates = (scores.unsqueeze(1) + log_chances).view(-1)  # (R V,)
        best, places = torch.topk(candidates, k=beam_size - len(complete))
        following, rows, kept = [], [], []
        for score, place in zip(best.tolist(), places.tolist(), strict=True):
            row, word = divmod(place, log_chances.shape[1])
            if word == END:
                complete.append((beginnings[row][1:], score))
            else:
                following.append([*beginnings[row], word])
                rows.append(row)
                kept.append(score)
        if not following:
            break
        chosen = torch.tensor(rows, device=device)
        state, output = (state[0][chosen], state[1][chosen]), output[chosen]
        beginnings, scores = following, best.new_tensor(kept)
    if not complete:
        complete.append((beginnings[0][1:], scores[0].item()))
    return sorted(complete, key=lambda found: -found[1])
