"""Usual slips in the encoder of the translator, and in its masks."""

from tests.mutants.q11 import MODEL, slip

READ = "read, (last_hidden, last_cell) = self.encoder(packed)"
HIDDENS = "enc_hiddens, _ = pad_packed_sequence(\n            read, batch_first=True"
BOTH = "both_hidden = torch.cat([last_hidden[0], last_hidden[1]], dim=1)"
BOTH_CELLS = "both_cell = torch.cat([last_cell[0], last_cell[1]], dim=1)"
PROJECTED = "return enc_hiddens, (self.h_projection(both_hidden), self.c_projection(both_cell))"
MASKS = "return (positions >= lengths[:, None]).float()"

MUTANTS = [
    slip(
        MODEL,
        "the words come before the sentences",
        {HIDDENS: HIDDENS.replace("True", "False")},
        "encode_shape",
        "the words come before the sentences",
    ),
    slip(
        MODEL,
        "the first state is not projected",
        {PROJECTED: "return enc_hiddens, (both_hidden, both_cell)"},
        "encode_shape",
        "the state is not projected",
    ),
    slip(
        MODEL,
        "the directions are not joined",
        {PROJECTED: "return enc_hiddens, (last_hidden, last_cell)"},
        "encode_shape",
        "the directions are not joined",
    ),
    slip(
        MODEL,
        "the annotations' directions are swapped",
        {BOTH: f"enc_hiddens = torch.cat(enc_hiddens.chunk(2, 2)[::-1], 2)\n        {BOTH}"},
        "annotations",
        "the directions are swapped",
    ),
    slip(
        MODEL,
        "the sentence is read backwards",
        {"source(source_padded)": "source(source_padded.flip(0))"},
        "annotations first_state",
        "the sentence is read backwards",
    ),
    slip(
        MODEL,
        "forward and backward states are swapped",
        {BOTH: BOTH.replace("[0]", "[x]").replace("[1]", "[0]").replace("[x]", "[1]")},
        "first_state",
        "the directions are swapped",
    ),
    slip(
        MODEL,
        "the last backward state instead of the first",
        {BOTH: "both_hidden = enc_hiddens[:, -1]"},
        "first_state",
        "the backward state of the last word",
    ),
    slip(
        MODEL,
        "the states are reshaped, not joined",
        {BOTH_CELLS: "both_cell = last_cell.reshape(last_cell.shape[1], -1)"},
        "first_state",
        "sentences are mixed up",
    ),
    slip(
        MODEL,
        "one projection for both",
        {"self.c_projection(both_cell)": "self.h_projection(both_cell)"},
        "first_state",
        "the projections are swapped",
    ),
    slip(
        MODEL,
        "the cell comes from the hidden states",
        {BOTH_CELLS: "both_cell = both_hidden"},
        "first_state",
        "hidden state and cell are swapped",
    ),
    slip(
        MODEL,
        "an encoder that reads padding",
        {
            READ: READ.replace("packed", "embedded"),
            "enc_hiddens, _ = pad_packed_sequence(\n"
            "            read, batch_first=True, total_length=len(source_padded)\n"
            "        )": "enc_hiddens = read.movedim(0, 1)",
        },
        "encode_padding",
        "the padding is read as well",
    ),
    slip(
        MODEL,
        "the forward state behind the padding",
        {
            BOTH: "forward, backward = enc_hiddens.chunk(2, 2)\n"
            "        both_hidden = torch.cat([forward[:, -1], backward[:, 0]], dim=1)"
        },
        "encode_padding",
        "the state at the end of the padding",
    ),
    slip(
        MODEL,
        "masks of words, not of padding",
        {MASKS: MASKS.replace(">=", "<")},
        "masks",
        "words and padding are swapped",
        also="forward",
    ),
]
