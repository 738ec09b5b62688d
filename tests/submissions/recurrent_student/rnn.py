"""The recurrent language model as a student may write it: one file, loops over single steps."""

import json
import time

import torch
from torch import nn
from transformers import AutoTokenizer

torch.manual_seed(10601)

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class SentenceDataset:
    def __init__(self, path):
        with open(path) as file:
            self.rows = [torch.tensor(row) for row in json.load(file)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, place):
        return self.rows[place]


class RNNCell(nn.Module):
    def __init__(self, input_dim, hidden_dim):
        super().__init__()
        self.i2h = nn.Linear(input_dim, hidden_dim)
        self.h2h = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, input, hidden_state):
        return torch.tanh(self.h2h(hidden_state) + self.i2h(input))


class RNN(nn.Module):
    def __init__(self, input_dim, hidden_dim):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.cell = RNNCell(input_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, hidden_dim)

    def step(self, input, hidden_prev=None):
        if hidden_prev is None:
            last = torch.zeros(input.shape[0], self.hidden_dim).to(input.device)
        else:
            last = hidden_prev[:, -1, :]
        new = self.cell(input, last)
        return new, self.out(new)

    def forward(self, sequence):
        hidden, outputs = None, []
        for t in range(sequence.shape[1]):
            new, output = self.step(sequence[:, t, :], hidden)
            new = new.unsqueeze(1)
            hidden = new if hidden is None else torch.cat((hidden, new), dim=1)
            outputs.append(output.unsqueeze(1))
        return hidden, torch.cat(outputs, dim=1)


class SelfAttention(nn.Module):
    def __init__(self, hidden_dim, key_dim, value_dim):
        super().__init__()
        self.key_dim = key_dim
        self.query_transform = nn.Linear(hidden_dim, key_dim)
        self.key_transform = nn.Linear(hidden_dim, key_dim)
        self.value_transform = nn.Linear(hidden_dim, value_dim)
        self.output_transform = nn.Linear(value_dim, hidden_dim)

    def step(self, y_all):
        query = self.query_transform(y_all[:, -1, :])
        keys, values = self.key_transform(y_all), self.value_transform(y_all)
        scores = torch.einsum("bd,btd->bt", query, keys) * self.key_dim**-0.5
        return self.output_transform(torch.einsum("bt,btd->bd", scores.softmax(1), values))

    def forward(self, y_all):
        steps = range(1, y_all.shape[1] + 1)
        return torch.stack([self.step(y_all[:, :t, :]) for t in steps], dim=1)


class RNNLanguageModel(nn.Module):
    def __init__(self, embed_dim, hidden_dim, vocab_size, key_dim=None, value_dim=None):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, embed_dim)
        self.rnn = RNN(embed_dim, hidden_dim)
        self.attention = SelfAttention(hidden_dim, key_dim or hidden_dim, value_dim or hidden_dim)
        self.lm_head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens):
        hidden, outputs = self.rnn(self.embeddings(tokens))
        return self.lm_head(self.attention(outputs)), hidden, outputs

    def select_token(self, token_logits, temperature):
        if temperature == 0:
            return torch.argmax(token_logits, dim=-1)
        return torch.multinomial(torch.softmax(token_logits / temperature, dim=-1), 1)[0]

    def generate(self, tokens, max_tokens=10, temperature=0.0):
        logits, hidden, outputs = self(tokens)
        following, new = logits[0, -1], []
        while True:
            token = self.select_token(following, temperature)
            new.append(token.item())
            if len(new) >= max_tokens:
                return torch.tensor(new)
            # No batch axis here: the cell broadcasts it against the states.
            state, output = self.rnn.step(self.embeddings(token), hidden)
            hidden = torch.cat((hidden, state.unsqueeze(1)), dim=1)
            outputs = torch.cat((outputs, output.unsqueeze(1)), dim=1)
            following = self.lm_head(self.attention.step(outputs))[0]


def train(lm, train_data, valid_data, loss_fn, optimizer, num_sequences, batch_size):
    lm = lm.to(DEVICE)
    lm.train()
    started = time.time()
    train_losses, valid_losses, running = [], [], 0.0
    val_index = max(int(num_sequences * 0.1) // batch_size, 1)
    for idx, sequence in enumerate(train_data):
        if idx == num_sequences // batch_size:
            break
        sequence = sequence.to(DEVICE)
        optimizer.zero_grad()
        logits, _, _ = lm(sequence)
        loss = loss_fn(logits[:, :-1, :].permute(0, 2, 1), sequence[:, 1:])
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
        if idx % val_index == 0:
            train_losses.append(round(running / (val_index if idx else 1), 6))
            running = 0.0
            print(f"batch {idx}, length {sequence.shape[1]}, {time.time() - started:.1f} s")
            valid_losses.append(round(validate(lm, valid_data, loss_fn), 6))
            lm.train()
    return train_losses, valid_losses


@torch.no_grad()
def validate(lm, dataset, loss_fn):
    lm.eval()
    for sequence in dataset:
        sequence = sequence.to(DEVICE)
        logits, _, _ = lm(sequence)
        # The first batch alone, as the homework has it.
        return loss_fn(logits[:, :-1, :].permute(0, 2, 1), sequence[:, 1:]).item()


def complete(lm, prefix, num_tokens=64, temperature=0.0):
    tokenizer = AutoTokenizer.from_pretrained("my_tokenizer")
    tokens = tokenizer.encode(prefix, add_special_tokens=False, return_tensors="pt")
    return tokenizer.decode(lm.generate(tokens.to(DEVICE), num_tokens, temperature))
