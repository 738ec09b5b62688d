"""Usual slips in decode."""

from tests.mutants import Mutant
from tests.mutants.q11 import MODEL, slip

DROPPED = "target_padded = target_padded[:-1]"
KEYS = "enc_hiddens_proj = self.att_projection(enc_hiddens)"
FIRST = "output = enc_hiddens.new_zeros(len(enc_hiddens), self.hidden_size)"
JOINED = "joined = torch.cat([word, output], dim=1)"
STEP = """dec_state, output, _ = self.step(
                joined, dec_state, enc_hiddens, enc_hiddens_proj, enc_masks
            )"""
STACK = "return torch.stack(outputs)"


def _model(name: str, edits: dict[str, str], fails: str, mistake: str = "") -> Mutant:
    return slip(MODEL, name, edits, fails, mistake)


MUTANTS = [
    _model(
        "the last target word is read as well",
        {f"{DROPPED}  # nothing": "# nothing"},
        "decode_calls",
        "the last word is read as well",
    ),
    _model(
        "step is never called",
        {
            STEP: "dec_state = self.decoder(joined, dec_state)\n            output = dec_state[0]",
        },
        "decode_calls",
        "step is never called",
    ),
    _model(
        "one step too few",
        {"embedded.unbind(dim=0)": "embedded[:-1].unbind(dim=0)"},
        "decode_calls",
    ),
    _model(
        "the outputs along the wrong axis",
        {STACK: "return torch.stack(outputs, dim=1)"},
        "decode_calls",
        "stacked along the wrong axis",
    ),
    _model(
        "the outputs joined, not stacked",
        {STACK: "return torch.cat(outputs)"},
        "decode_calls",
        "joined instead of stacked",
    ),
    _model(
        "the states are collected",
        {"outputs.append(output)": "outputs.append(dec_state[0])"},
        "decode_calls",
        "the states instead of the outputs",
    ),
    _model(
        "the last output is not fed",
        {JOINED: "joined = torch.cat([word, torch.zeros_like(output)], dim=1)"},
        "decode_inputs",
        "the last output is not fed",
    ),
    _model(
        "the state is fed",
        {JOINED: "joined = torch.cat([word, dec_state[0]], dim=1)"},
        "decode_inputs",
        "the state is fed, not the output",
    ),
    _model(
        "the output before the word",
        {JOINED: "joined = torch.cat([output, word], dim=1)"},
        "decode_inputs",
        "the output comes before the word",
    ),
    _model(
        "the first state as o_0",
        {FIRST: "output = dec_state[0]"},
        "decode_inputs",
        "the first state serves as o_0",
    ),
    _model(
        "the first target word is dropped",
        {DROPPED: "target_padded = target_padded[1:]"},
        "decode_inputs",
        "the first word is dropped, not the last",
    ),
    _model(
        "vectors of the wrong language",
        {
            "embedded = self.model_embeddings.target(target_padded)": "source = "
            "self.model_embeddings.source\n"
            "        embedded = source(target_padded.clamp(max=source.num_embeddings - 1))"
        },
        "decode_inputs",
        "the source's vectors for target words",
    ),
    _model(
        "every step begins anew",
        {STEP: STEP.replace("dec_state, output, _", "_, output, _")},
        "decode_states",
        "every step begins anew",
    ),
    _model(
        "the keys are those of other words",
        {KEYS: "enc_hiddens_proj = self.att_projection(enc_hiddens.flip(1))"},
        "decode_states",
    ),
    _model(
        "decode turns the mask round",
        {STEP: STEP.replace("enc_masks", "1 - enc_masks")},
        "decode_states",
        "the mask is turned round",
    ),
]
