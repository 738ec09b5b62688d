"""Usual slips in the cell, the recurrent network, self-attention and the model."""

from tests.mutants import Mutant

FILE = "models/rnn_lm.py"
CELL = "return self.activation(self.i2h(input) + self.h2h(hidden_state))"
LAST = "last = hidden_prev[:, -1]"
STEP = "hidden = self.cell(input, last)\n        return hidden, self.out(hidden)"
STATE = "state = self.cell.activation(contribution + self.cell.h2h(state))"
STACK = "hidden = torch.stack(states, dim=1)  # T times (B, H) -> (B, T, H)\n"
OUTPUTS = STACK + "        return hidden, self.out(hidden)"
QUERY = "query = self.query_transform(y_all[:, -1])"
SHARES = "weights = torch.softmax(scores / math.sqrt(self.key_dim), dim=1)"
FOUND = "return self.output_transform(mixture)"
SCORES = "scores = queries @ keys.movedim(1, 2) / math.sqrt(self.key_dim)"
WEIGHTS = "weights = torch.softmax(scores.masked_fill(later, -math.inf), dim=-1)"
MIXED = "return self.output_transform(weights @ self.value_transform(y_all))"
LOGITS = "return self.lm_head(self.attention(outputs)), hidden, outputs"


def _slip(name: str, old: str, new: str, fails: str, mistake: str = "") -> Mutant:
    return Mutant(name, FILE, ((old, new),), tuple(f"q10.{it}" for it in fails.split()), mistake)


MUTANTS = [
    _slip(
        "the state's layer has no bias",
        "self.h2h = nn.Linear(hidden_dim, hidden_dim)",
        "self.h2h = nn.Linear(hidden_dim, hidden_dim, bias=False)",
        "cell_shape model_shape",
    ),
    _slip(
        "no activation",
        CELL,
        "return self.i2h(input) + self.h2h(hidden_state)",
        "cell",
        "the activation is missing",
    ),
    _slip(
        "the state is left out",
        CELL,
        "return self.activation(self.i2h(input))",
        "cell",
        "the last state is left out",
    ),
    _slip(
        "the first state instead of the newest",
        LAST,
        "last = hidden_prev[:, 0]",
        "rnn_step",
        "the oldest state is carried on",
    ),
    _slip(
        "all states at once",
        LAST,
        "last = hidden_prev.sum(dim=1)",
        "rnn_step",
        "the states so far are added up",
    ),
    _slip("states along the wrong axis", LAST, "last = hidden_prev[-1]", "rnn_step new_tokens"),
    _slip(
        "a step without the output layer",
        STEP,
        "hidden = self.cell(input, last)\n        return hidden, hidden",
        "rnn_step",
        "the output layer is left out",
    ),
    _slip(
        "a step returns output and state",
        STEP,
        "hidden = self.cell(input, last)\n        return self.out(hidden), hidden",
        "rnn_step",
        "state and output are swapped",
    ),
    _slip(
        "the hidden state is not carried",
        STATE,
        STATE.replace("state = ", "new = ").replace("(state))", "(state * 0))")
        + "\n            state = new",
        "rnn_forward",
        "every step begins anew",
    ),
    _slip(
        "forward without the output layer",
        OUTPUTS,
        STACK + "        return hidden, hidden",
        "rnn_forward",
        "the output layer is left out",
    ),
    _slip(
        "forward stacks along the batch",
        OUTPUTS,
        OUTPUTS.replace("dim=1", "dim=0"),
        "rnn_forward model_shape",
        "the states are stacked along the wrong axis",
    ),
    _slip(
        "forward gives the last state alone",
        OUTPUTS,
        "hidden = states[-1]\n        return hidden, self.out(hidden)",
        "rnn_forward model_shape",
        "only the last state is returned",
    ),
    _slip(
        "keys have no bias",
        "self.key_transform = nn.Linear(hidden_dim, key_dim)",
        "self.key_transform = nn.Linear(hidden_dim, key_dim, bias=False)",
        "attention_shape model_shape",
    ),
    _slip(
        "step: not scaled",
        SHARES,
        "weights = torch.softmax(scores, dim=1)",
        "attention_step",
        "not scaled",
    ),
    _slip(
        "step: scaled by dk",
        SHARES,
        "weights = torch.softmax(scores / self.key_dim, dim=1)",
        "attention_step",
        "scaled by dk instead of √dk",
    ),
    _slip(
        "step: the oldest position asks",
        QUERY,
        "query = self.query_transform(y_all[:, 0])",
        "attention_step",
        "the first position asks",
    ),
    _slip(
        "step: softmax over the batch",
        SHARES,
        "weights = torch.softmax(scores / math.sqrt(self.key_dim), dim=0)",
        "attention_step",
        "softmax over the batch",
    ),
    _slip(
        "step: no last projection",
        FOUND,
        "return mixture @ self.output_transform.weight.T",
        "attention_step",
    ),
    _slip(
        "not scaled",
        SCORES,
        "scores = queries @ keys.movedim(1, 2)",
        "attention_forward",
        "not scaled",
    ),
    _slip(
        "scaled by dk",
        SCORES,
        "scores = queries @ keys.movedim(1, 2) / self.key_dim",
        "attention_forward",
        "scaled by dk instead of √dk",
    ),
    _slip(
        "keys ask and queries answer",
        "queries, keys = self.query_transform(y_all), self.key_transform(y_all)",
        "keys, queries = self.query_transform(y_all), self.key_transform(y_all)",
        "attention_forward",
        "K Qᵀ instead of Q Kᵀ",
    ),
    _slip(
        "queries and values are swapped",
        "queries, keys = self.query_transform(y_all), self.key_transform(y_all)",
        "queries, keys = self.value_transform(y_all), self.key_transform(y_all)",
        "attention_forward causal new_tokens",
    ),
    _slip(
        "softmax over the queries",
        WEIGHTS,
        "weights = torch.softmax(scores.masked_fill(later, -math.inf), dim=-2)",
        "attention_forward causal",
        "softmax over the wrong axis",
    ),
    _slip(
        "no causality",
        WEIGHTS,
        "weights = torch.softmax(scores, dim=-1)",
        "causal",
        "the mask is missing",
    ),
    _slip(
        "the mask after the softmax",
        WEIGHTS,
        "weights = torch.softmax(scores, dim=-1).masked_fill(later, 0)",
        "causal",
        "the mask comes after the softmax",
    ),
    _slip(
        "the values are read backwards",
        MIXED,
        "return self.output_transform(weights @ self.value_transform(y_all.flip(1)))",
        "attention_forward causal",
    ),
    _slip(
        "the model gives no logits",
        LOGITS,
        "return self.attention(outputs), hidden, outputs",
        "model_shape",
    ),
    _slip(
        "keys from hidden states",
        LOGITS,
        "return self.lm_head(self.attention(hidden)), hidden, outputs",
        "logits",
        "the attention reads states, not outputs",
    ),
    _slip(
        "no attention",
        LOGITS,
        "return self.lm_head(outputs), hidden, outputs",
        "logits",
        "the attention is left out",
    ),
    _slip(
        "states in place of outputs",
        LOGITS,
        "return self.lm_head(self.attention(outputs)), hidden, hidden",
        "logits",
        "the states are returned twice",
    ),
    _slip(
        "outputs and states are swapped",
        LOGITS,
        "return self.lm_head(self.attention(outputs)), outputs, hidden",
        "logits",
        "states and outputs are swapped",
    ),
]
