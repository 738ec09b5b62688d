"""Everything in a folder of submissions is listed, graded or not, and nothing is lost."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from classroom.records import Person
from classroom.roster import Roster, read_roster
from classroom.submissions import Pile, read_submissions
from grading.options import UsageError

NOBODY = Roster()
CLASS = Roster([Person("ada", "Ada", "ada@x.org"), Person("hw_3", "Bob")], {"late work": "ada"})


def lay(folder: Path, *names: str) -> Path:
    """Make files and, where a name ends in a slash, folders."""
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("content")
    return folder


def told(pile: Pile) -> list[tuple[str, str, int, bool]]:
    return [(one.key, one.person, one.attempt, bool(one.trouble)) for one in pile.handed_in]


@pytest.mark.parametrize(
    ("roster", "names", "expected"),
    [
        pytest.param(
            NOBODY,
            ["ada.zip", "bob/models.py"],
            [("ada", "ada", 1, False), ("bob", "bob", 1, False)],
            id="zip-and-folder",
        ),
        pytest.param(
            NOBODY,
            ["ada_attempt2.zip", "ada.zip", "ada Attempt 10.zip"],
            [
                ("ada", "ada", 1, False),
                ("ada_attempt2", "ada", 2, False),
                ("ada Attempt 10", "ada", 10, False),
            ],
            id="attempts",
        ),
        pytest.param(NOBODY, ["ada_2.zip"], [("ada_2", "ada_2", 1, False)], id="number-alone"),
        pytest.param(CLASS, ["ADA_2.zip"], [("ADA_2", "ada", 2, False)], id="number-known"),
        pytest.param(CLASS, ["hw_3.zip"], [("hw_3", "hw_3", 1, False)], id="key-with-number"),
        pytest.param(CLASS, ["late work.zip"], [("late work", "ada", 1, False)], id="file"),
        pytest.param(NOBODY, ["ada/"], [("ada", "ada", 1, True)], id="empty-folder"),
        pytest.param(NOBODY, ["ada.rar"], [("ada.rar", "ada", 1, True)], id="no-zip"),
        pytest.param(NOBODY, ["ada/hw.zip"], [("ada", "ada", 1, False)], id="zip-in-folder"),
        pytest.param(
            NOBODY,
            ["ada/first.zip", "ada/second.zip"],
            [("ada_first", "ada", 1, False), ("ada_second", "ada", 2, False)],
            id="zips-in-folder",
        ),
        pytest.param(
            NOBODY,
            ["ada/hw_2.zip", "ada/hw_10.zip", "ada/hw.zip"],
            [
                ("ada_hw", "ada", 1, False),
                ("ada_hw_2", "ada", 2, False),
                ("ada_hw_10", "ada", 3, False),
            ],
            id="numbered-zips-in-folder",
        ),
        pytest.param(
            NOBODY,
            ["ada/x_attempt3.zip", "ada/y_attempt2.zip"],
            [("ada_y_attempt2", "ada", 2, False), ("ada_x_attempt3", "ada", 3, False)],
            id="attempts-in-folder",
        ),
        pytest.param(
            NOBODY,
            ["ada/hw/models.py", "ada/old.zip"],
            [("ada", "ada", 1, False)],
            id="homework-beside-a-zip",
        ),
        pytest.param(
            NOBODY,
            ["ada.zip", "ada/models.py", "Ada.ZIP"],
            [("Ada", "Ada", 1, False), ("ada.zip", "ada", 1, False), ("ada~2", "ada", 2, False)],
            id="duplicates",
        ),
        pytest.param(
            NOBODY,
            [".DS_Store", "__MACOSX/x", "roster.csv", "ada.zip"],
            [("ada", "ada", 1, False)],
            id="litter",
        ),
    ],
)
def test_entries_become_attempts(
    tmp_path: Path, roster: Roster, names: list[str], expected: list[tuple[str, str, int, bool]]
) -> None:
    assert told(read_submissions(lay(tmp_path, *names), roster)) == expected


def test_the_time_says_which_of_several_zips_came_last(tmp_path: Path) -> None:
    lay(tmp_path, "ada/first.zip", "ada/final.zip")
    lines = "ada_first,2026-10-01T10:00Z\nada_final,2026-10-02T10:00Z\n"
    (tmp_path / "handed_in.csv").write_text(f"submission,at\n{lines}")
    pile = read_submissions(tmp_path, NOBODY)
    assert [one.key for one in pile.handed_in] == ["ada_first", "ada_final"]


def test_a_time_belongs_to_one_entry_and_one_of_none_is_told(tmp_path: Path) -> None:
    for who in ("ada", "bob"):
        lay(tmp_path, f"{who}/v1.zip", f"{who}/v2.zip")
    lay(tmp_path, "cy/hw.zip", "dan/models.py")
    names = ("v1.zip", "ada/v2.zip", "bob_v1", "cy", "dan", "eve")
    lines = "\n".join(f"{name},2026-10-01T10:00Z" for name in names)
    (tmp_path / "handed_in.csv").write_text(f"submission,at\n{lines}\n")
    pile = read_submissions(tmp_path, NOBODY)
    assert {one.key for one in pile.handed_in if one.at} == {"ada_v2", "bob_v1", "cy", "dan"}
    assert pile.remarks == [
        "handed_in.csv: eve: no submission has this name",
        "handed_in.csv: v1.zip: no submission has this name",
    ]


def test_what_is_odd_is_told(tmp_path: Path) -> None:
    lay(tmp_path, "eve.zip", "ada.zip", "ada/models.py", "notes.txt")
    remarks = "\n".join(read_submissions(tmp_path, CLASS).remarks)
    assert "eve: nobody on the roster goes by this name" in remarks
    assert "ada.zip: ada has the same name; both are graded, this one as ada.zip" in remarks
    assert "notes.txt: passed over" in remarks


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf_8_is_read_as_latin_1(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/J\xfcrgen.zip")).write_text("content")
    (one,) = read_submissions(tmp_path, NOBODY).handed_in
    assert (one.key, one.person) == ("Jürgen", "Jürgen")
    assert one.path.read_text() == "content"


def test_a_name_whose_accents_stand_apart_is_the_same_name(tmp_path: Path) -> None:
    """macOS writes names in NFD, people type them in NFC."""
    lay(tmp_path, "jose\u0301.zip", "Jose\u0301_attempt2.zip", "zoe\u0308.zip")
    text = "submission,at\njos\u00e9.zip,2026-10-01T10:00Z\nzoe\u0308,2026-10-02T10:00Z\n"
    (tmp_path / "handed_in.csv").write_text(text, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("key\njose\u0301\n", encoding="utf-8")
    pile = read_submissions(tmp_path, read_roster(tmp_path / "roster.csv"))
    assert told(pile) == [
        ("jos\u00e9", "jos\u00e9", 1, False),
        ("Jos\u00e9_attempt2", "jos\u00e9", 2, False),
        ("zo\u00eb", "zo\u00eb", 1, False),
    ]
    assert [one.at is not None for one in pile.handed_in] == [True, False, True]
    assert pile.remarks == ["zo\u00eb: nobody on the roster goes by this name"]


def test_no_folder_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        read_submissions(tmp_path / "none", NOBODY)
    with pytest.raises(UsageError, match="holds no submission"):
        read_submissions(tmp_path, NOBODY)


METADATA = """---
submission_11:
  :submitters:
  - :name: Ada L
    :sid: ada
    :email: ada@x.org
  :created_at: 2026-03-01 10:00:00.5 Z
  :score: 3.0
  :history:
  - :id: 9
    :created_at: 2026-02-28 10:00:00 Z
submission_12:
  :submitters:
  - :name: Bob
    :email: bob@x.org
  - :name: Cy
    :email: cy@x.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone 2026-03-02 10:00:00 Z
submission_13:
  :submitters: []
"""


def test_an_export_of_gradescope_says_who_when_and_which_attempt(tmp_path: Path) -> None:
    lay(tmp_path, "submission_11/models.py", "submission_12/models.py", "submission_99/models.py")
    (tmp_path / "submission_metadata.yml").write_text(METADATA)
    pile = read_submissions(tmp_path, CLASS)
    assert told(pile) == [
        ("submission_11", "ada", 2, False),
        ("submission_12_bob@x.org", "bob@x.org", 1, False),
        ("submission_12_cy@x.org", "cy@x.org", 1, False),
        ("submission_13", "submission_13", 1, True),
    ]
    assert pile.handed_in[0].at == datetime(2026, 3, 1, 10, 0, 0, 500000, timezone.utc)
    assert "submission_99: passed over" in "\n".join(pile.remarks)


def test_metadata_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    lay(tmp_path, "submission_11/models.py")
    (tmp_path / "submission_metadata.yml").write_text(": [")
    with pytest.raises(UsageError, match="cannot be read"):
        read_submissions(tmp_path, NOBODY)
