"""Every file's fate is decided by the first rule that names it, and none is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from handout.manifest import (
    RULES,
    Kind,
    Rule,
    UnknownFileError,
    files_below,
    rule_for,
    sort_out,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("models/attention.py", Kind.STUB, id="model"),
        pytest.param("train.py", Kind.STUB, id="train"),
        pytest.param("train_lm.py", Kind.STUB, id="train-lm"),
        pytest.param("grading/checks/q6_attention.py", Kind.GIVEN, id="check"),
        pytest.param("handout/collect.py", Kind.GIVEN, id="collect"),
        pytest.param("handout/regions.py", Kind.STAFF, id="regions"),
        pytest.param("tests/mutants/q6.py", Kind.STAFF, id="mutant"),
        pytest.param("README.md", Kind.STAFF, id="staff-readme"),
        pytest.param("handout/texts/README.md", Kind.BUILT, id="students-readme"),
        pytest.param("models/deeper/secret.py", None, id="below-a-pattern-for-one-level"),
        pytest.param("notes.txt", None, id="unknown"),
    ],
)
def test_the_first_rule_decides(path: str, kind: Kind | None) -> None:
    rule = rule_for(path)
    assert (rule.kind if rule else None) is kind


def test_a_file_that_no_rule_names_is_refused() -> None:
    with pytest.raises(UnknownFileError, match=r"answers\.txt, solutions/q1\.py"):
        sort_out(["train.py", "solutions/q1.py", "answers.txt"])


def test_every_rule_still_names_a_file() -> None:
    paths = files_below(ROOT)
    idle = [rule.pattern for rule in RULES if not any(rule_for(path) is rule for path in paths)]
    assert not idle


def test_outside_git_ignored_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("__pycache__/\n*.pyc\ndata/cache/\n")
    for name in ("a.py", "b.pyc", "x/__pycache__/c.py", "data/cache/d", "data/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(files_below(tmp_path)) == [".gitignore", "a.py", "data/e.py"]


def test_a_pattern_with_a_slash_at_its_end_names_all_below() -> None:
    rule = Rule("grading/", Kind.GIVEN)
    assert rule.matches("grading/worker/kit.py")
    assert not rule.matches("grading.py")
