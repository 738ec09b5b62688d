"""A roster is read as spreadsheets and course sites write it, and refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom.records import Person
from classroom.roster import read_roster
from grading.options import UsageError


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("key,name,email,section\nada,Ada L,ada@x.org,A\n", id="plain"),
        pytest.param("\ufeffKey,Name,E-Mail,Section\r\nada,Ada L,ada@x.org,A\r\n", id="excel"),
        pytest.param("key;name;email;section\nada;Ada L;ada@x.org;A\n\n;;;\n", id="semicolons"),
        pytest.param("SID\tname\temail\tgroup\nada\tAda L\tada@x.org\tA\n", id="tabs"),
        pytest.param(
            "First Name,Last Name,SID,Email,Role,Sections\nAda,L,ada,ada@x.org,Student,A\n",
            id="gradescope",
        ),
        pytest.param(
            "key,name,email,section\nada,Ada L,ada@x.org,A\n".encode("utf-16"), id="utf-16"
        ),
    ],
)
def test_the_usual_forms_are_understood(tmp_path: Path, content: str | bytes) -> None:
    roster = read_roster(written(tmp_path, content))
    assert roster.people == [Person("ada", "Ada L", "ada@x.org", "A")]


def test_an_address_serves_as_key(tmp_path: Path) -> None:
    roster = read_roster(written(tmp_path, 'email,name\nada@x.org,"Lovelace, Ada"\n'))
    assert roster.people == [Person("ada@x.org", "Lovelace, Ada", "ada@x.org")]


def test_a_person_is_found_by_everything_that_names_them(tmp_path: Path) -> None:
    text = "key,email,file\n7,ada@x.org,hw-ada.zip|late.zip\n8,bob@x.org,\n9,bob@y.org,\n"
    roster = read_roster(written(tmp_path, text))
    for name in ("7", "ADA@x.org", "ada", "hw-ada", "Late"):
        found = roster.find(name)
        assert found is not None, name
        assert found.key == "7"
    assert roster.find("bob") is None, "two people have this name"
    assert roster.find("") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("key,name\n", "names no one", id="header-only"),
        pytest.param("who,what\nada,x\n", ":1 names the columns 'who', 'what'", id="columns"),
        pytest.param("key,name\nada,A\n,B\n", ":3 names no one", id="no-key"),
        pytest.param("key\nada\nbob\nADA\n", ":4 and line 2 have the same 'ADA'", id="twice"),
        pytest.param("key,name\nada,L,Ada\n", ":2 has 3 cells", id="cells"),
        pytest.param('key,name\nada,"A\n', "no CSV", id="quote"),
        pytest.param("key,file\na,x.zip\nb,x.zip\n", ":3 gives 'x' to a second person", id="file"),
        pytest.param(b"key,name\nada,A\nbob,\xfc\n", ":3 is not UTF-8", id="latin-1"),
    ],
)
def test_a_wrong_roster_is_refused_with_its_line(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        read_roster(written(tmp_path, content))
    assert said in str(refusal.value)


def test_a_roster_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
