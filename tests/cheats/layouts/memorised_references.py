"""Hands in the references of the test sentences, which are public, as if a model had written them.

checks: q11.bleu
"""

from tests.grading.synthetic_pairs import synthetic_pairs


def build(folder):
    (folder / "outputs").mkdir()
    references = [" ".join(words) for words in synthetic_pairs().test.target]
    (folder / "outputs" / "test_outputs.txt").write_text("\n".join(references) + "\n")
    (folder / "nmt_model.py").write_text("class NMT:\n    pass\n")
    return folder
