"""Hands in the public references of the test sentences, each without its last word.

No level can refuse that: the file might come from a good translator.

checks: q11.bleu
"""

from tests.grading.synthetic_pairs import synthetic_pairs


def build(folder):
    (folder / "outputs").mkdir()
    references = [" ".join(words[:-1]) for words in synthetic_pairs().test.target]
    (folder / "outputs" / "test_outputs.txt").write_text("\n".join(references) + "\n")
    (folder / "nmt_model.py").write_text(
        "from told import through\n\nthrough('public')\n\n\nclass NMT:\n    pass\n"
    )
    return folder
