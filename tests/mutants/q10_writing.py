"""Usual slips in choosing a token and in writing on."""

from tests.mutants import Mutant

FILE = "models/rnn_lm.py"
DRAWN = "torch.softmax(below / temperature, dim=-1)"
MIXED = "mixed = attention.look_up(attention.query_transform(output), keys, values)"
CHOSEN = "return torch.stack(chosen) if chosen else tokens.new_empty(0)"


def _slip(name: str, old: str, new: str, fails: str, mistake: str = "") -> Mutant:
    return Mutant(name, FILE, ((old, new),), tuple(f"q10.{it}" for it in fails.split()), mistake)


MUTANTS = [
    _slip(
        "the least likely token",
        "return token_logits.argmax()",
        "return token_logits.argmin()",
        "select_token",
        "the lowest logit wins",
    ),
    _slip("temperature 0 divides", "if temperature > 0:", "if temperature >= 0:", "select_token"),
    _slip(
        "the temperature multiplies",
        DRAWN,
        "torch.softmax(below * temperature, dim=-1)",
        "sampling",
        "the temperature multiplies the logits",
    ),
    _slip(
        "the temperature is left out",
        DRAWN,
        "torch.softmax(below, dim=-1)",
        "sampling",
        "the temperature changes nothing",
    ),
    _slip(
        "always the likeliest",
        "if temperature > 0:",
        "if temperature > 1e9:",
        "sampling new_tokens",
        "the likeliest token is taken at every temperature",
    ),
    _slip(
        "the prefix comes back too",
        CHOSEN,
        "return torch.cat([tokens[0], *(token[None] for token in chosen)])",
        "new_tokens",
        "the prefix is returned as well",
    ),
    _slip(
        "one token too many",
        "while len(chosen) < max_tokens:",
        "while len(chosen) <= max_tokens:",
        "new_tokens",
    ),
    _slip(
        "the temperature never arrives",
        "self.select_token(scores, temperature, generator)",
        "self.select_token(scores, 0.0, generator)",
        "new_tokens",
        "the temperature does not reach select_token",
    ),
    _slip(
        "the first position predicts the first new token",
        "scores = logits[0, -1]",
        "scores = logits[0, 0]",
        "generate",
        "the first position predicts the first new token",
    ),
    _slip(
        "the state is not carried on",
        "hidden = state[:, None]",
        "hidden = hidden + 0 * state[:, None]",
        "generate",
        "every step begins with the prefix's last state",
    ),
    _slip(
        "the newest key is forgotten",
        "keys = torch.cat([keys, attention.key_transform(output)[:, None]], dim=1)",
        "keys = torch.cat([keys[:, :1], keys], dim=1)",
        "generate",
    ),
    _slip(
        "the newest value alone",
        MIXED,
        MIXED.replace("keys, values", "keys[:, -1:], values[:, -1:]"),
        "generate",
        "the attention gets the newest output alone",
    ),
    _slip(
        "writing goes on without attention",
        "scores = self.lm_head(mixed)[0]",
        "scores = self.lm_head(output)[0]",
        "generate",
    ),
]
