"""Usual slips in a transformer block and in the language model around it."""

from tests.mutants import Mutant

FILE = "models/char_gpt.py"
FIRST = "attended = self.norm_1(x + self.attention(x))"
SECOND = "return self.norm_2(attended + torch.relu(self.linear(attended)))"
SCORES = "return self.output_layer(self.norm(channels))"
LOSS = "return functional.cross_entropy(scores.flatten(0, 1), target.flatten())"
SEEN = "idx[:, -self.block_size :]"
ROUNDS = "        for _ in range(max_new_tokens):\n"
APPEND = "idx = torch.cat([idx, following], dim=1)"


def _second(name: str, instead: str, mistake: str) -> Mutant:
    return Mutant(name, FILE, ((SECOND, f"return {instead}"),), ("q7.block",), mistake)


def _loss(name: str, instead: str, mistake: str) -> Mutant:
    return Mutant(f"loss: {name}", FILE, ((LOSS, f"return {instead}"),), ("q7.loss",), mistake)


MUTANTS = [
    Mutant(
        "the first residual is missing",
        FILE,
        ((FIRST, "attended = self.norm_1(self.attention(x))"),),
        fails=("q7.block",),
        mistake="the first residual is missing",
    ),
    Mutant(
        "normalised before",
        FILE,
        (
            (FIRST, "attended = x + self.attention(self.norm_1(x))"),
            (SECOND, "return attended + torch.relu(self.linear(self.norm_2(attended)))"),
        ),
        fails=("q7.block",),
        mistake="normalised before instead of after",
    ),
    Mutant(
        "the first norm is missing",
        FILE,
        ((FIRST, "attended = x + self.attention(x)"),),
        fails=("q7.block",),
        mistake="the first norm is missing",
    ),
    Mutant(
        "the norms are swapped",
        FILE,
        ((FIRST, FIRST.replace("norm_1", "norm_2")), (SECOND, SECOND.replace("norm_2", "norm_1"))),
        fails=("q7.block",),
        mistake="the two norms are swapped",
    ),
    Mutant(
        "a block without a linear layer",
        FILE,
        (
            ("        self.linear = nn.Linear(n_embd, n_embd)\n", ""),
            (SECOND, "return self.norm_2(attended + torch.relu(attended))"),
        ),
        fails=("q7.block",),
    ),
    _second(
        "the second residual is missing",
        "self.norm_2(torch.relu(self.linear(attended)))",
        "the second residual is missing",
    ),
    _second(
        "the second residual starts from x",
        "self.norm_2(x + torch.relu(self.linear(attended)))",
        "the second residual starts from the block's input",
    ),
    _second("no ReLU", "self.norm_2(attended + self.linear(attended))", "the ReLU is missing"),
    _second(
        "the ReLU after the sum",
        "self.norm_2(torch.relu(attended + self.linear(attended)))",
        "the ReLU comes after the sum",
    ),
    _second(
        "the second norm is missing",
        "attended + torch.relu(self.linear(attended))",
        "the second norm is missing",
    ),
    Mutant(
        "scores at the last position only",
        FILE,
        ((SCORES, "return self.output_layer(self.norm(channels))[:, -1]"),),
        fails=("q7.shape",),
        mistake="scores at one position only",
    ),
    Mutant(
        "channels instead of scores",
        FILE,
        ((SCORES, "return self.norm(channels)"),),
        fails=("q7.shape",),
    ),
    Mutant(
        "the mean of the whole text is added",
        FILE,
        ((SCORES, "return self.output_layer(self.norm(channels + channels.mean(1, True)))"),),
        fails=("q7.causal",),
    ),
    Mutant(
        "the blocks are left out",
        FILE,
        (("channels = self.transformer_blocks(channels)", "channels = channels * 1"),),
        fails=("q7.causal",),
    ),
    _loss(
        "the input is the target",
        "functional.cross_entropy(scores.flatten(0, 1), input.flatten())",
        "the input itself is taken as the target",
    ),
    _loss(
        "shifted once more",
        "functional.cross_entropy(scores[:, :-1].flatten(0, 1), target[:, 1:].flatten())",
        "the target is shifted once more",
    ),
    _loss(
        "summed",
        'functional.cross_entropy(scores.flatten(0, 1), target.flatten(), reduction="sum")',
        "the loss is summed instead of averaged",
    ),
    _loss(
        "the last position only",
        "functional.cross_entropy(scores[:, -1], target[:, -1])",
        "only the last position counts",
    ),
    _loss(
        "softmax twice",
        "functional.cross_entropy(scores.softmax(-1).flatten(0, 1), target.flatten())",
        "softmax is applied twice",
    ),
    Mutant(
        "generate drops the prompt",
        FILE,
        (("        return idx\n", "        return idx[:, -max_new_tokens:]\n"),),
        fails=("q7.generate",),
        mistake="the prompt is dropped",
    ),
    Mutant(
        "generate cuts the prompt",
        FILE,
        ((ROUNDS, f"        idx = {SEEN}\n{ROUNDS}"),),
        fails=("q7.generate",),
        mistake="the prompt is cut to the block",
    ),
    Mutant(
        "generate forgets the text",
        FILE,
        ((APPEND, f"idx = torch.cat([{SEEN}, following], dim=1)"),),
        fails=("q7.generate",),
        mistake="the text is cut to the block",
    ),
    Mutant(
        "generate does not cut what the model sees",
        FILE,
        ((f"scores = self({SEEN})", "scores = self(idx)"),),
        fails=("q7.generate",),
    ),
    Mutant(
        "generate writes backwards",
        FILE,
        ((APPEND, "idx = torch.cat([following, idx], dim=1)"),),
        fails=("q7.generate",),
    ),
    Mutant(
        "generate counts from one",
        FILE,
        (
            (
                "        return idx\n",
                "        return torch.cat([idx[:, :-1], idx[:, -1:] + 29], 1)\n",
            ),
        ),
        fails=("q7.generate",),
    ),
    Mutant(
        "the model learns to copy",
        FILE,
        ((LOSS, "return functional.cross_entropy(scores.flatten(0, 1), input.flatten())"),),
        fails=("q7.loss", "q7.learns"),
        mistake="the input itself is taken as the target",
    ),
]
