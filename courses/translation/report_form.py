"""The form for the error analysis: a text file beside the report, for any editor."""

CLASSES = {
    "A phrase is repeated or put in the wrong place": 'as in "another favorite of my favorites"',
    "A construction is carried over word by word": 'as in "more reading" for "más leído"',
    "A word is not in the vocabulary": "a name, a number, a rare word; the model writes <unk>",
    "A word has several meanings": 'as "manzana", an apple or a block of houses',
    "The model says what it saw most often": "as \"women's room\" for the teachers' lounge",
    "Numbers, units and forms of writing": "as hectares that become acres",
}
OTHERS = {
    "Something is left out": "a part of the source has no translation",
    "Something is invented": "a part of the translation has no source",
    "Words come again and again": "the decoder is caught in a loop",
    "Who did it, when, and whether at all": "a subject, a tense or a negation is lost",
    "Something else": "which none of these names",
}
QUESTIONS = (
    "Line of the source file",
    "(a) Source sentence",
    "(b) Reference translation",
    "(c) The model's translation",
    "(d) What is wrong",
    "(e) Why the model may have done it: a construction of the language, a limit of the model",
    "(f) How the system could be changed so that it goes right",
)


def form() -> str:
    """Write the empty form."""
    own = "\n".join(f"- {question}:" for question in QUESTIONS)
    return "\n".join(
        [
            "# Error analysis",
            "",
            "An error is not just another wording than the reference's: something must be wrong.",
            "",
            "## Two errors of this model",
            "",
            "They differ in kind from each other and from the kinds that the homework shows.",
            "",
            f"### First\n\n{own}\n",
            f"### Second\n\n{own}\n",
            "## Kinds of errors that the homework shows",
            "",
            _headings(CLASSES),
            "## Other kinds",
            "",
            _headings(OTHERS),
        ]
    )


def _headings(classes: dict[str, str]) -> str:
    return "\n".join(f"### {name}\n\n{note}\n\n- Lines:\n" for name, note in classes.items())
