"""Usual slips in padding, in the embeddings and in the layers of the translator."""

from tests.mutants import Mutant

MODEL = "models/nmt/model.py"
VECTORS = "models/nmt/embeddings.py"
PADDING = "models/nmt/padding.py"

ROWS = "return [[*sent, *[pad_token] * (longest - len(sent))] for sent in sents]"
LONGEST = "longest = max(map(len, sents), default=0)"
SOURCE = 'nn.Embedding(len(vocab.src), embed_size, padding_idx=vocab.src["<pad>"])'
TARGET = 'nn.Embedding(len(vocab.tgt), embed_size, padding_idx=vocab.tgt["<pad>"])'
DECODER = "self.decoder = nn.LSTMCell(embed_size + hidden_size, hidden_size)"
ENCODER = "self.encoder = nn.LSTM(embed_size, hidden_size, bidirectional=True)"


def slip(
    file: str, name: str, edits: dict[str, str], fails: str, mistake: str = "", also: str = ""
) -> Mutant:
    names = (*fails.split(), *also.split())
    return Mutant(name, file, tuple(edits.items()), tuple(f"q11.{it}" for it in names), mistake)


PADDED = [
    slip(
        PADDING,
        "padding on the left",
        {ROWS: "return [[*[pad_token] * (longest - len(sent)), *sent] for sent in sents]"},
        "pad",
        "padded on the left",
    ),
    slip(
        PADDING,
        "padded to a fixed length",
        {LONGEST: "longest = 50"},
        "pad",
        "padded beyond the longest sentence",
    ),
    slip(
        PADDING,
        "one pad too many",
        {LONGEST: "longest = 1 + max(map(len, sents), default=0)"},
        "pad",
        "padded beyond the longest sentence",
    ),
    slip(
        PADDING,
        "the longest sentence first",
        {"for sent in sents]": "for sent in sorted(sents, key=len, reverse=True)]"},
        "pad",
        "the sentences change places",
    ),
    slip(
        PADDING,
        "a token of its own",
        {"[pad_token] *": "[0] *"},
        "pad",
        "another token than the given one",
    ),
    slip(
        PADDING,
        "as long as the shortest",
        {ROWS: "return [list(sent[: min(map(len, sents))]) for sent in sents]"},
        "pad",
        "cut to the shortest sentence",
    ),
    slip(PADDING, "nothing is filled up", {ROWS: "return [list(sent) for sent in sents]"}, "pad"),
    slip(
        PADDING,
        "empty sentences are left out",
        {"for sent in sents]": "for sent in sents if sent]"},
        "pad_edges",
    ),
    slip(
        PADDING,
        "a sentence alone is no list of sentences",
        {ROWS: f"{ROWS} if len(sents) > 1 else sents[0]"},
        "pad_edges",
    ),
    slip(
        PADDING,
        "the given lists are filled up",
        {
            ROWS: "for sent in sents:\n"
            "        sent.extend([pad_token] * (longest - len(sent)))\n"
            "    return sents"
        },
        "pad_input",
        "the given sentences are changed",
    ),
]

BUILT = [
    slip(
        VECTORS,
        "the embeddings are swapped",
        {f"source = {SOURCE}": f"source = {TARGET}", f"target = {TARGET}": f"target = {SOURCE}"},
        "embeddings",
        "source and target are swapped",
    ),
    slip(
        VECTORS,
        "one vocabulary for both",
        {f"target = {TARGET}": f"target = {SOURCE}"},
        "embeddings",
        "source and target are swapped",
    ),
    slip(
        VECTORS,
        "rows and columns are swapped",
        {
            f"source = {SOURCE}": "source = "
            'nn.Embedding(embed_size, len(vocab.src), padding_idx=vocab.src["<pad>"])'
        },
        "embeddings",
        "rows and columns are swapped",
    ),
    slip(
        VECTORS,
        "no padding index",
        {f"target = {TARGET}": "target = nn.Embedding(len(vocab.tgt), embed_size)"},
        "padding_row",
        "padding is a word like any other",
    ),
    slip(
        VECTORS,
        "another word is the padding",
        {f"source = {SOURCE}": "source = nn.Embedding(len(vocab.src), embed_size, padding_idx=3)"},
        "padding_row",
    ),
    slip(
        MODEL,
        "an encoder that reads one way",
        {ENCODER: "self.encoder = nn.LSTM(embed_size, hidden_size)"},
        "recurrent",
    ),
    slip(
        MODEL,
        "an encoder of two layers",
        {ENCODER: "self.encoder = nn.LSTM(embed_size, hidden_size, 2, bidirectional=True)"},
        "recurrent",
    ),
    slip(
        MODEL,
        "an encoder without a bias",
        {ENCODER: ENCODER.replace("bidirectional", "bias=False, bidirectional")},
        "recurrent",
    ),
    slip(
        MODEL,
        "a decoder that reads words only",
        {DECODER: "self.decoder = nn.LSTMCell(embed_size, hidden_size)"},
        "recurrent",
    ),
    slip(
        MODEL,
        "the combined projection gets 2H",
        {
            "combined_output_projection = nn.Linear(3 *": "combined_output_projection = "
            "nn.Linear(2 *"
        },
        "projections",
    ),
    slip(
        MODEL,
        "the words of the wrong language",
        {"nn.Linear(hidden_size, len(vocab.tgt)": "nn.Linear(hidden_size, len(vocab.src)"},
        "projections",
    ),
    slip(
        MODEL,
        "a bias where none belongs",
        {
            "self.att_projection = nn.Linear(2 * hidden_size, hidden_size, bias=False)": "self."
            "att_projection = nn.Linear(2 * hidden_size, hidden_size)"
        },
        "unbiased",
        "a bias where none belongs",
    ),
    slip(
        MODEL,
        "dropout forgets the rate",
        {"nn.Dropout(dropout_rate)": "nn.Dropout()"},
        "dropout",
        "a rate of its own",
    ),
    slip(
        MODEL,
        "dropout keeps what it should drop",
        {"nn.Dropout(dropout_rate)": "nn.Dropout(1 - dropout_rate)"},
        "dropout",
        "the share that stays instead of the one that goes",
    ),
    slip(
        MODEL,
        "no dropout",
        {"nn.Dropout(dropout_rate)": "nn.Dropout(0)"},
        "dropout",
        "nothing is dropped",
    ),
]

MUTANTS = [*PADDED, *BUILT]
