"""Usual slips in a step of the decoder."""

from tests.mutants import Mutant
from tests.mutants.q11 import MODEL, slip

READ = "dec_state = self.decoder(Ybar_t, dec_state)"
SCORES = "e_t = (dec_hidden[:, None] @ enc_hiddens_proj.mT)[:, 0]"
MASKED = "e_t = e_t.masked_fill(enc_masks.bool(), -math.inf)"
SHARES = "alpha_t = torch.softmax(e_t, dim=1)"
V = "self.combined_output_projection(u_t)"
U = "u_t = torch.cat([a_t, dec_hidden], dim=1)"
OUTPUT = "combined_output = self.dropout(torch.tanh(self.combined_output_projection(u_t)))"
RETURNED = "return dec_state, combined_output, e_t"


def _model(name: str, edits: dict[str, str], fails: str, mistake: str = "") -> Mutant:
    return slip(MODEL, name, edits, fails, mistake)


MUTANTS = [
    _model(
        "the scores keep an axis",
        {RETURNED: "return dec_state, combined_output, e_t[:, :, None]"},
        "step_shape",
        "an axis of size 1 is left",
    ),
    _model(
        "u comes out without a projection",
        {OUTPUT: "combined_output = self.dropout(torch.tanh(u_t))"},
        "step_shape",
        "what is joined is not projected",
    ),
    _model(
        "the state before is not used",
        {READ: "dec_state = self.decoder(Ybar_t)"},
        "step_state",
        "the state before is not used",
    ),
    _model(
        "the state is returned as it was",
        {
            READ: "before, dec_state = dec_state, self.decoder(Ybar_t, dec_state)",
            RETURNED: "return before, combined_output, e_t",
        },
        "step_state",
        "the state stays as it was",
    ),
    _model(
        "cell and hidden state are returned",
        {RETURNED: "return (dec_state[1], dec_hidden), combined_output, e_t"},
        "step_state",
        "hidden state and cell are swapped",
    ),
    _model("padding is not masked", {MASKED: "pass"}, "scores even", "padding is not masked"),
    _model(
        "the mask is inverted",
        {MASKED: MASKED.replace("enc_masks.bool()", "~enc_masks.bool()")},
        "scores even",
        "the mask is the wrong way round",
    ),
    _model(
        "the mask comes after the softmax",
        {
            MASKED: "pass",
            SHARES: f"{SHARES}\n        if enc_masks is not None:\n"
            "            alpha_t = alpha_t * (1 - enc_masks)",
        },
        "scores even",
        "padding is not masked",
    ),
    _model(
        "the scores are scaled",
        {SCORES: f"{SCORES} / math.sqrt(self.hidden_size)"},
        "scores",
        "the scores are scaled",
    ),
    _model(
        "the state before asks",
        {
            READ: f"asking = dec_state[0]\n        {READ}",
            SCORES: SCORES.replace("dec_hidden", "asking"),
        },
        "scores",
        "the state before the step asks",
    ),
    _model(
        "the cell asks",
        {SCORES: SCORES.replace("dec_hidden", "dec_state[1]")},
        "scores",
        "the cell asks, not the hidden state",
    ),
    _model(
        "shares instead of scores",
        {
            MASKED: f"{MASKED}\n            none = e_t.isinf()",
            RETURNED: "return dec_state, combined_output, alpha_t.masked_fill(none, -math.inf)",
        },
        "scores",
        "shares instead of scores",
    ),
    _model(
        "softmax over the batch",
        {SHARES: "alpha_t = torch.softmax(e_t, dim=0)"},
        "combined even",
        "softmax over the batch",
    ),
    _model(
        "only what is returned is masked",
        {
            MASKED: "shown = e_t.masked_fill(enc_masks.bool(), -math.inf)",
            RETURNED: "return dec_state, combined_output, shown if enc_masks is not None else e_t",
        },
        "combined even",
        "padding is not masked",
    ),
    _model(
        "the tanh is missing",
        {OUTPUT: "combined_output = self.dropout(self.combined_output_projection(u_t))"},
        "combined even",
        "the tanh is missing",
    ),
    _model(
        "the cell is combined",
        {U: "u_t = torch.cat([a_t, dec_state[1]], dim=1)"},
        "combined",
        "the cell is combined",
    ),
    _model(
        "dropout that never rests",
        {
            OUTPUT: "combined_output = nn.functional.dropout(\n"
            "            torch.tanh(self.combined_output_projection(u_t)), self.dropout_rate\n"
            "        )"
        },
        "combined even",
        "dropout also in evaluation",
    ),
    _model(
        "dropout before the tanh",
        {OUTPUT: f"combined_output = torch.tanh(self.dropout({V}))"},
        "step_dropout",
        "dropout comes before the tanh",
    ),
    _model(
        "a step without dropout",
        {OUTPUT: "combined_output = torch.tanh(self.combined_output_projection(u_t))"},
        "step_dropout",
        "nothing is dropped",
    ),
    _model(
        "dropout of what is joined",
        {
            OUTPUT: "u_t = self.dropout(u_t)\n"
            "        combined_output = torch.tanh(self.combined_output_projection(u_t))"
        },
        "step_dropout",
    ),
]
