"""Lines go to the question whose checks ask for them, whatever the layout."""

from __future__ import annotations

from pathlib import Path

from classroom.passages import OTHER, given, passages
from grading.submission import open_submission

ROOT = Path(__file__).resolve().parents[2]


def test_lines_go_to_the_question_whose_checks_name_them() -> None:
    ours = passages(ROOT / "tests" / "submissions" / "typical_student")
    assert "class PerceptronModel" in ours["q1"][0].text
    assert "class Attention(" in "".join(each.text for each in ours["q6"])
    everything = "".join(each.text for theirs in ours.values() for each in theirs)
    assert everything.count("class RegressionModel") == 1
    for question, name in (("q2", "def regression_loss"), ("q3", "def digitclassifier_loss")):
        assert name in "".join(each.text for each in ours[question])


def test_a_file_that_cannot_be_parsed_still_has_its_questions(tmp_path: Path) -> None:
    text = "class PerceptronModel:\n    def f(:\n\n\nx = (\n\nclass AttentionBlock:\n    pass\n"
    (tmp_path / "models.py").write_text(text)
    (tmp_path / "helper.py").write_bytes(b"def mine():\n    return '\xff'\n")
    found = passages(tmp_path)
    assert set(found) == {"q1", "q6", OTHER}
    assert found["q6"][0].line == 7


def test_the_regions_of_the_solution_are_not_among_what_was_given(tmp_path: Path) -> None:
    copy = open_submission(ROOT, tmp_path)
    known = "".join(each.text for theirs in given(copy).values() for each in theirs)
    assert "self.q_layer = nn.Linear(layer_size, layer_size)" in known
    assert "masked_fill(visible == 0" not in known
    assert "BEGIN SOLUTION" not in known
