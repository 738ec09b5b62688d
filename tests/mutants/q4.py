"""Usual slips in reading words letter by letter."""

from tests.mutants import Mutant

FILE = "models/language_id.py"
LOOP = "for letter, is_there in zip(letters, is_letter, strict=True):"
READ = "read = torch.relu(letter + self.from_hidden(hidden))  # (B, H)"
KEEP = "hidden = torch.where(is_there, read, hidden)"
SCORE = "return self.output(hidden)  # (B, 5)"
LOSS = """# BEGIN SOLUTION q4.loss: the cross-entropy
    return functional.cross_entropy(scores, one_hot)"""
TRAIN = "# BEGIN SOLUTION q4.training: minimise the loss, watch the validation accuracy"
PADDED_TRAINING = """optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(2):
        for batch in DataLoader(dataset, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            languageid_loss(model(batch["x"].movedim(0, 1)), batch["label"]).backward()
            optimizer.step()
    return"""

CARRIED = "the hidden state is not carried on, so only the last letter counts"
CONFUSED = "letters and words are confused"
OVERWRITTEN = "padded rows overwrite the state"


def _loss(name: str, instead: str, mistake: str) -> Mutant:
    edit = (LOSS, f"return {instead}")
    return Mutant(f"loss: {name}", "losses.py", (edit,), fails=("q4.loss",), mistake=mistake)


MUTANTS = [
    Mutant(
        "one row of scores a letter instead of a word",
        FILE,
        ((SCORE, "return self.output(letters).sum(1)"),),
        fails=("q4.shapes",),
        mistake=CONFUSED,
    ),
    Mutant(
        "scores after every letter",
        FILE,
        ((SCORE, "return self.output(letters)"),),
        fails=("q4.shapes",),
        mistake="scores after every letter",
    ),
    Mutant(
        "the batch axis is lost",
        FILE,
        ((SCORE, "return self.output(hidden).squeeze()"),),
        fails=("q4.shapes",),
        mistake="the batch axis is lost",
    ),
    Mutant(
        "only words of ten letters",
        FILE,
        ((LOOP, LOOP.replace("zip(letters", "zip(letters[:10].unflatten(0, (10, -1))[:, 0]")),),
        fails=("q4.shapes",),
    ),
    Mutant(
        "the hidden state travels from word to word",
        FILE,
        (
            (LOOP, "for word in range(xs.shape[1]):"),
            (READ, "hidden = torch.relu(letters[:, word] + self.from_hidden(hidden[:1]))"),
            (
                KEEP,
                "letters = torch.cat([letters[:, :word], hidden[:, None], "
                "letters[:, word + 1 :]], dim=1)",
            ),
            (SCORE, "return self.output(letters[-1])"),
        ),
        fails=("q4.batch", "q4.positions"),
        mistake=CONFUSED,
    ),
    Mutant(
        "softmax over the words of the batch",
        FILE,
        ((SCORE, "return self.output(hidden).softmax(dim=0)"),),
        fails=("q4.batch",),
        mistake=CONFUSED,
    ),
    Mutant(
        "the hidden state is not carried on",
        FILE,
        ((READ, "read = torch.relu(letter)"),),
        fails=("q4.positions",),
        mistake=CARRIED,
    ),
    Mutant(
        "only the first letter is read",
        FILE,
        ((LOOP, "for letter, is_there in [(letters[0], is_letter[0])]:"),),
        fails=("q4.positions",),
        mistake="only the first letter is read",
    ),
    Mutant(
        "the letters go in as numbers",
        FILE,
        (
            (
                "letters = self.from_letter(xs)",
                "letters = self.from_letter.weight.T[xs.argmax(2)]",
            ),
        ),
        fails=("q4.positions",),
        mistake="no gradient reaches the letters",
    ),
    Mutant(
        "the last letter is left out",
        FILE,
        (
            (
                LOOP,
                LOOP.replace("zip(letters", "zip(letters[: max(1, len(xs) - 1)]").replace(
                    "True", "False"
                ),
            ),
        ),
        fails=("q4.positions",),
    ),
    Mutant(
        "rows of zeros make the state zero",
        FILE,
        ((KEEP, "hidden = read * is_there"),),
        fails=("q4.padding",),
        mistake=OVERWRITTEN,
    ),
    Mutant(
        "a bag of letters",
        FILE,
        ((READ, "read = hidden + torch.relu(letter)"),),
        fails=("q4.order",),
        mistake="a bag of letters: their order is lost",
    ),
    _loss(
        "summed",
        'functional.cross_entropy(scores, one_hot, reduction="sum")',
        "the loss is summed instead of averaged",
    ),
    _loss(
        "one number a word",
        'functional.cross_entropy(scores, one_hot, reduction="none")',
        "the loss is not averaged",
    ),
    _loss(
        "softmax twice",
        "functional.cross_entropy(scores.softmax(dim=1), one_hot)",
        "softmax is applied twice",
    ),
    _loss(
        "arguments swapped",
        "functional.cross_entropy(one_hot, scores)",
        "prediction and target are swapped",
    ),
    Mutant(
        "training returns at once",
        "train.py",
        ((TRAIN, "return"),),
        fails=("q4.learns",),
    ),
    Mutant(
        "padding changes the answer",
        FILE,
        ((KEEP, "hidden = read"),),
        fails=("q4.learns",),
        mistake="padding changes the answer",
        also=(("train.py", TRAIN, PADDED_TRAINING),),
    ),
]
