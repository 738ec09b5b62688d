"""The translator, as a student hands it in: written for PyTorch 1.3, with u_t = [h_t; a_t]."""

from collections import namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from model_embeddings import ModelEmbeddings
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from vocab import Vocab

Hypothesis = namedtuple("Hypothesis", ["value", "score"])


class NMT(nn.Module):
    """Reads a sentence with an LSTM in both directions and writes another with attention."""

    def __init__(self, embed_size, hidden_size, vocab: Vocab, dropout_rate=0.2):
        super().__init__()
        self.model_embeddings = ModelEmbeddings(embed_size, vocab)
        self.hidden_size = hidden_size
        self.dropout_rate = dropout_rate
        self.vocab = vocab
        self.encoder = nn.LSTM(embed_size, hidden_size, num_layers=1, bias=True, bidirectional=True)
        self.decoder = nn.LSTMCell(embed_size + hidden_size, hidden_size, bias=True)
        self.h_projection = nn.Linear(hidden_size * 2, hidden_size, bias=False)
        self.c_projection = nn.Linear(hidden_size * 2, hidden_size, bias=False)
        self.att_projection = nn.Linear(hidden_size * 2, hidden_size, bias=False)
        self.combined_output_projection = nn.Linear(hidden_size * 3, hidden_size, bias=False)
        self.target_vocab_projection = nn.Linear(hidden_size, len(vocab.tgt), bias=False)
        self.dropout = nn.Dropout(p=dropout_rate)

    def forward(self, source: list[list[str]], target: list[list[str]]):
        source_lengths = [len(sent) for sent in source]
        source_padded = self.vocab.src.to_input_tensor(source, device=self.device)
        target_padded = self.vocab.tgt.to_input_tensor(target, device=self.device)
        enc_hiddens, dec_init_state = self.encode(source_padded, source_lengths)
        enc_masks = self.generate_sent_masks(enc_hiddens, source_lengths)
        combined_outputs = self.decode(enc_hiddens, enc_masks, dec_init_state, target_padded)
        P = F.log_softmax(self.target_vocab_projection(combined_outputs), dim=-1)
        real = (target_padded != self.vocab.tgt["<pad>"]).float()
        gold = torch.gather(P, index=target_padded[1:].unsqueeze(-1), dim=-1).squeeze(-1)
        return (gold * real[1:]).sum(dim=0)

    def encode(self, source_padded, source_lengths) -> tuple[torch.Tensor, tuple]:
        X = self.model_embeddings.source(source_padded)
        packed = pack_padded_sequence(X, source_lengths)
        hiddens, (last_hidden, last_cell) = self.encoder(packed)
        enc_hiddens, _ = pad_packed_sequence(hiddens)
        enc_hiddens = enc_hiddens.permute(1, 0, 2)
        init_hidden = self.h_projection(torch.cat((last_hidden[0], last_hidden[1]), 1))
        init_cell = self.c_projection(torch.cat((last_cell[0], last_cell[1]), 1))
        return enc_hiddens, (init_hidden, init_cell)

    def decode(self, enc_hiddens, enc_masks, dec_init_state, target_padded):
        target_padded = target_padded[:-1]
        dec_state = dec_init_state
        batch_size = enc_hiddens.size(0)
        o_prev = torch.zeros(batch_size, self.hidden_size, device=self.device)
        combined_outputs = []
        enc_hiddens_proj = self.att_projection(enc_hiddens)
        Y = self.model_embeddings.target(target_padded)
        for Y_t in torch.split(Y, 1, dim=0):
            Y_t = torch.squeeze(Y_t, 0)
            Ybar_t = torch.cat((Y_t, o_prev), dim=1)
            dec_state, o_t, _ = self.step(
                Ybar_t, dec_state, enc_hiddens, enc_hiddens_proj, enc_masks
            )
            combined_outputs.append(o_t)
            o_prev = o_t
        return torch.stack(combined_outputs, dim=0)

    def step(self, Ybar_t, dec_state, enc_hiddens, enc_hiddens_proj, enc_masks):
        dec_state = self.decoder(Ybar_t, dec_state)
        dec_hidden, _dec_cell = dec_state
        e_t = torch.bmm(enc_hiddens_proj, dec_hidden.unsqueeze(2)).squeeze(2)
        if enc_masks is not None:
            e_t.data.masked_fill_(enc_masks.byte(), -float("inf"))
        alpha_t = F.softmax(e_t, dim=1)
        a_t = torch.bmm(alpha_t.unsqueeze(1), enc_hiddens).squeeze(1)
        U_t = torch.cat((dec_hidden, a_t), dim=1)
        V_t = self.combined_output_projection(U_t)
        O_t = self.dropout(torch.tanh(V_t))
        return dec_state, O_t, e_t

    def generate_sent_masks(self, enc_hiddens, source_lengths):
        enc_masks = torch.zeros(enc_hiddens.size(0), enc_hiddens.size(1), dtype=torch.float)
        for number, length in enumerate(source_lengths):
            enc_masks[number, length:] = 1
        return enc_masks.to(self.device)

    def beam_search(self, src_sent, beam_size=5, max_decoding_time_step=70):
        source = self.vocab.src.to_input_tensor([src_sent], self.device)
        encodings, state = self.encode(source, [len(src_sent)])
        keys = self.att_projection(encodings)
        attended = torch.zeros(1, self.hidden_size, device=self.device)
        hypotheses = [["<s>"]]
        scores = torch.zeros(1, device=self.device)
        completed = []
        t = 0
        while len(completed) < beam_size and t < max_decoding_time_step:
            t += 1
            count = len(hypotheses)
            last = [self.vocab.tgt[hypothesis[-1]] for hypothesis in hypotheses]
            embedded = self.model_embeddings.target(torch.tensor(last, device=self.device))
            x = torch.cat([embedded, attended], dim=-1)
            (h_t, c_t), att_t, _ = self.step(
                x,
                state,
                encodings.expand(count, encodings.size(1), encodings.size(2)),
                keys.expand(count, keys.size(1), keys.size(2)),
                enc_masks=None,
            )
            log_p_t = F.log_softmax(self.target_vocab_projection(att_t), dim=-1)
            going_on = (scores.unsqueeze(1).expand_as(log_p_t) + log_p_t).view(-1)
            top_scores, top_places = torch.topk(going_on, k=beam_size - len(completed))
            top_rows = top_places / len(self.vocab.tgt)
            top_words = top_places % len(self.vocab.tgt)
            new_hypotheses, new_rows, new_scores = [], [], []
            for row, word, score in zip(top_rows, top_words, top_scores, strict=False):
                text = self.vocab.tgt.id2word[word.item()]
                longer = hypotheses[row] + [text]
                if text == "</s>":
                    completed.append(Hypothesis(value=longer[1:-1], score=score.item()))
                else:
                    new_hypotheses.append(longer)
                    new_rows.append(row)
                    new_scores.append(score)
            if len(completed) == beam_size:
                break
            rows = torch.tensor(new_rows, dtype=torch.long, device=self.device)
            state = (h_t[rows], c_t[rows])
            attended = att_t[rows]
            hypotheses = new_hypotheses
            scores = torch.tensor(new_scores, dtype=torch.float, device=self.device)
        if len(completed) == 0:
            completed.append(Hypothesis(value=hypotheses[0][1:], score=scores[0].item()))
        completed.sort(key=lambda hypothesis: hypothesis.score, reverse=True)
        return completed

    @property
    def device(self):
        return self.model_embeddings.source.weight.device
