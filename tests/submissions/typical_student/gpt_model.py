"""What a student hands in for fun: the language model, in a file of its own."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, relu, softmax

from models import Attention


class Transformer_Block(nn.Module):
    def __init__(self, n_embd, block_size):
        super().__init__()
        self.attn_block = Attention(n_embd, block_size)
        self.norm_1 = nn.LayerNorm(n_embd)
        self.linear_1 = nn.Linear(n_embd, n_embd)
        self.norm_2 = nn.LayerNorm(n_embd)

    def forward(self, x):
        step3 = self.norm_1(self.attn_block(x) + x)
        step4 = relu(self.linear_1(step3))
        return self.norm_2(step3 + step4)


class Character_GPT(nn.Module):
    def __init__(self, block_size, n_embd, n_layer, vocab_size):
        super().__init__()
        self.block_size = block_size
        self.embed = nn.Embedding(vocab_size, n_embd)
        self.transformer_blocks = nn.ModuleList(
            [Transformer_Block(n_embd, block_size) for _ in range(n_layer)]
        )
        self.norm = nn.LayerNorm(n_embd)
        self.output_layer = nn.Linear(n_embd, vocab_size, bias=False)

    def forward(self, input):
        x = self.embed(input)
        for block in self.transformer_blocks:
            x = block(x)
        return self.output_layer(self.norm(x))

    def get_loss(self, input, target):
        output = self(input)
        return cross_entropy(output.view(-1, output.size(-1)), target.reshape(-1))

    @torch.no_grad()
    def generate(self, idx, max_new_tokens):
        for _ in range(max_new_tokens):
            context = idx
            if idx.size(1) > self.block_size:
                context = idx[:, -self.block_size :]
            probabilities = softmax(self(context)[:, -1, :], dim=-1)
            following = torch.multinomial(probabilities, num_samples=1)
            idx = torch.cat((idx, following), dim=1)
        return idx
