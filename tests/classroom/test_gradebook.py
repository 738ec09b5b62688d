"""The gradebook has a row for everybody, and says what the policy makes of what was found."""

import csv
import json
from fractions import Fraction

import pytest

from classroom.gradebook import write
from classroom.lateness import Late
from classroom.policy import Attempts, Forbidden, Policy
from classroom.records import HandedIn, Mark, Person
from grading.results import Status
from tests.classroom.synthetic import DUE, FAILED, check, handed, marked, people


def table(book):
    with book.table.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def row_of(book, key):
    return next(row for row in table(book) if row["key"] == key)


def test_everybody_has_a_row(tmp_path):
    attempts = [handed("ada"), handed("stranger"), handed("torn", "bob", trouble="no zip")]
    marks = [
        *marked("ada", check("q1.a", 2), check("q1.b", 3, FAILED), check("q10.a", 5)),
        *marked("stranger", check("q2.a", 4)),
    ]
    book = write(tmp_path, people("ada", "bob", "eve"), attempts, marks, Policy())
    rows = table(book)
    assert [row["key"] for row in rows] == ["ada", "bob", "eve", "stranger"]
    assert [row["status"] for row in rows] == [
        "not all graded",
        "could not be opened",
        "nothing handed in",
        "not all graded",
    ]
    assert [row["on_roster"] for row in rows] == ["yes", "yes", "yes", "no"]
    assert "not on the roster" in rows[3]["remarks"]
    assert "no zip" in rows[1]["remarks"]
    assert [rows[0][name] for name in ("q1", "q2", "q10", "total", "out_of")] == [
        *("2", "", "5", "7", "14")
    ]
    names = list(rows[0])
    assert names.index("q1") < names.index("q2") < names.index("q10") < names.index("total")


def test_without_a_roster_nobody_is_unknown(tmp_path):
    book = write(tmp_path, [], [handed("ada")], marked("ada", check("q1.a")), Policy())
    assert row_of(book, "ada")["on_roster"] == "yes"
    assert row_of(book, "ada")["status"] == "graded"


def test_a_grader_that_failed_is_nobodys_fault_and_needs_a_look(tmp_path):
    marks = marked("ada", check("q1.a", 2, Status.GRADER_FAULT))
    book = write(tmp_path, people("ada"), [handed("ada")], marks, Policy())
    assert row_of(book, "ada")["status"] == "needs a look"
    assert "q1.a: the grader itself failed" in row_of(book, "ada")["remarks"]


def test_a_question_without_a_result_is_empty_and_says_why(tmp_path):
    marks = [*marked("ada", check("q1.a")), Mark("ada", "q2", trouble="the worker was lost")]
    book = write(tmp_path, people("ada"), [handed("ada")], marks, Policy())
    row = row_of(book, "ada")
    assert (row["q2"], row["status"]) == ("", "not all graded")
    assert "q2: the worker was lost" in row["remarks"]


def test_the_best_attempt_is_not_known_while_one_is_not_graded(tmp_path):
    attempts = [handed("old", "ada", attempt=1), handed("new", "ada", attempt=2)]
    marks = [*marked("old", check("q1.a")), Mark("new", "q1", trouble="the worker was lost")]
    for counts in ("last", "best"):
        policy = Policy(attempts=Attempts(counts=counts))
        row = row_of(write(tmp_path, people("ada"), attempts, marks, policy), "ada")
        assert row["status"] == "not all graded"


def test_weights_points_and_the_scale_of_the_total(tmp_path):
    marks = marked("ada", check("q1.a", 2), check("q1.b", 2, FAILED), check("q2.a", 5))
    policy = Policy(weights={"q1": Fraction(3)}, points={"q2": Fraction(8)}, out_of=Fraction(100))
    row = row_of(write(tmp_path, [], [handed("ada")], marks, policy), "ada")
    assert [row[name] for name in ("q1", "q2", "total", "out_of")] == ["6", "8", "70", "100"]


def test_a_question_for_fun_can_be_given_points_for_its_checks(tmp_path):
    marks = marked("ada", check("q7.a", 0), check("q7.b", 0, FAILED))
    assert row_of(write(tmp_path, [], [handed("ada")], marks, Policy()), "ada")["q7"] == "0"
    policy = Policy(points={"q7": Fraction(5)})
    assert row_of(write(tmp_path, [], [handed("ada")], marks, policy), "ada")["q7"] == "2.5"


@pytest.mark.parametrize(
    ("counts", "limit", "attempt", "total"),
    [
        pytest.param("last", None, "4", "1", id="last"),
        pytest.param("best", None, "3", "3", id="best"),
        pytest.param("best", 2, "1", "2", id="best-of-two-is-the-first-of-equals"),
        pytest.param("last", 2, "2", "2", id="last-of-two"),
    ],
)
def test_the_attempt_that_counts(tmp_path, counts, limit, attempt, total):
    attempts = [
        handed(f"ada_{number}", "ada", attempt=number, trouble="torn" * (number == 5))
        for number in range(1, 6)
    ]
    marks = []
    for number, points in enumerate((2, 2, 3, 1), start=1):
        right = [check(f"q1.{place}", 1, FAILED) for place in range(points, 3)]
        marks += marked(f"ada_{number}", *(check(f"q1.p{i}") for i in range(points)), *right)
    policy = Policy(attempts=Attempts(limit, counts))
    row = row_of(write(tmp_path, people("ada"), attempts[::-1], marks, policy), "ada")
    assert (row["attempt"], row["total"], row["attempts"]) == (attempt, total, "5")
    assert "could not be opened: 1" in row["remarks"]
    assert ("beyond the limit, which do not count: 2" in row["remarks"]) == (limit == 2)


def test_an_attempt_that_cannot_be_opened_uses_up_none_of_the_limit(tmp_path):
    attempts = [
        handed("torn", "ada", attempt=1, trouble="no zip"),
        handed("whole", "ada", attempt=2),
    ]
    marks = marked("whole", check("q1.a"))
    policy = Policy(attempts=Attempts(limit=1))
    row = row_of(write(tmp_path, people("ada"), attempts, marks, policy), "ada")
    assert (row["status"], row["attempt"], row["total"]) == ("graded", "2", "1")


def test_a_lone_attempt_beyond_the_limit_needs_a_look(tmp_path):
    marks = marked("ada", check("q1.a"))
    for attempt, status in ((5, "graded"), (9, "needs a look")):
        policy = Policy(attempts=Attempts(limit=5))
        attempts = [handed("ada", attempt=attempt)]
        row = row_of(write(tmp_path, people("ada"), attempts, marks, policy), "ada")
        assert row["status"] == status
        assert ("beyond the limit, which do not count: 1" in row["remarks"]) == (attempt > 5)


def test_the_number_of_an_attempt_tells_how_many_came_before(tmp_path):
    attempts = [handed("ada"), handed("ada_attempt6", "ada", attempt=6)]
    marks = [*marked("ada", check("q1.a", 2)), *marked("ada_attempt6", check("q1.a", 2))]
    policy = Policy(attempts=Attempts(limit=5))
    row = row_of(write(tmp_path, people("ada"), attempts, marks, policy), "ada")
    assert (row["status"], row["attempt"]) == ("graded", "1")


def test_an_attempt_that_nothing_is_known_of_is_not_graded(tmp_path):
    row = row_of(write(tmp_path, people("ada"), [handed("ada")], [], Policy()), "ada")
    assert (row["status"], row["total"]) == ("not all graded", "0")


def test_marks_of_what_is_no_longer_there_add_no_column(tmp_path):
    marks = [*marked("ada", check("q1.a")), *marked("gone", check("q2.a"))]
    row = row_of(write(tmp_path, people("ada"), [handed("ada")], marks, Policy()), "ada")
    assert (row["status"], row["out_of"]) == ("graded", "1")
    assert "q2" not in row


def test_the_best_attempt_is_the_best_after_what_lateness_costs(tmp_path):
    attempts = [
        handed("one", "ada", attempt=1, days=0),
        handed("two", "ada", attempt=2, days=3),
    ]
    marks = [
        *marked("one", check("q1.a", 8), check("q1.b", 2, FAILED)),
        *marked("two", check("q1.a", 8), check("q1.b", 2)),
    ]
    late = Late(DUE, Fraction(1, 10), grace_days=0)
    policy = Policy(late=late, attempts=Attempts(counts="best"))
    row = row_of(write(tmp_path, people("ada"), attempts, marks, policy), "ada")
    assert (row["attempt"], row["total"], row["late_days"]) == ("1", "8", "0")
    policy = Policy(late=late)
    row = row_of(write(tmp_path, people("ada"), attempts, marks, policy), "ada")
    assert (row["attempt"], row["total"], row["late_penalty"], row["late_days"]) == (
        *("2", "7", "3", "3"),
    )


NOTE = "accuracy 97 %\nmodels.py:3 uses conv2d; expected no use of conv1d, conv2d, conv3d"


@pytest.mark.parametrize(
    ("policy", "total"),
    [
        pytest.param(Forbidden(), "5", id="report"),
        pytest.param(Forbidden("deduct", Fraction(1, 4)), "4.5", id="deduct"),
        pytest.param(Forbidden("zero"), "3", id="zero"),
    ],
)
def test_what_a_forbidden_use_costs(tmp_path, policy, total):
    marks = marked("ada", check("q6.a", 2, note=NOTE), check("q6.b", 3, note="accuracy 97 %"))
    row = row_of(write(tmp_path, [], [handed("ada")], marks, Policy(forbidden=policy)), "ada")
    assert row["total"] == total
    assert ("q6.a: a forbidden use costs points" in row["remarks"]) == (total != "5")


def test_the_wording_of_every_rule_is_recognised_as_a_use():
    from grading.outcomes import judge_uses
    from grading.rules import PATH, Rule, load_rules, uses_in
    from grading.rules import Policy as Cost

    for rule in load_rules(PATH):
        warning = Rule(rule.kind, rule.questions, Cost.WARN, rule.names, rule.allowed)
        said = judge_uses(warning, [{"name": "x", "file": "models.py", "line": 3}])
        assert uses_in("\n".join(["accuracy 97 %", *said])) == said


HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1"),  # noqa: RUF001
    'x";=cmd()|"/c calc"!A1',
    "a,=1+1",
    "a\n=1+1",
    "a\0b",
]


@pytest.mark.parametrize("name", [pytest.param(name, id=repr(name)) for name in HOSTILE])
def test_no_name_becomes_a_formula(tmp_path, name):
    book = write(
        tmp_path,
        [Person(name, name, name, name)],
        [HandedIn(name, tmp_path, name)],
        marked(name, check("q1.a", 1)),
        Policy(),
    )
    raw = book.table.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = table(book)
    for column in ("key", "name", "email", "section", "submission"):
        assert not row[column].lstrip().startswith(tuple("=+-@＝＋－＠"))  # noqa: RUF001
        assert "\n" not in row[column]
    assert row["total"] == "1"
    # A sheet that splits at semicolons sees quotes around every text, and so no new cell.
    assert all(text.startswith('"') for text in raw.decode("utf-8-sig").splitlines())


KEYS = ["../up", "a/b", "a\\b", "con", "CON.txt", ".hidden", "Ada", "ada", "ä" * 200, "", "a:b"]
KEYS += ["a\0b", "x.", "x ", "-", "name-0123456789abcdef", "ok.name_1@x.org", "\udcff"]


def test_every_key_gets_a_file_of_its_own(tmp_path):
    attempts = [handed(key, "ada", attempt=place + 1) for place, key in enumerate(KEYS)]
    marks = [mark for key in KEYS for mark in marked(key, check("q1.a"))]
    write(tmp_path / "out", people("ada"), attempts, marks, Policy())
    files = sorted((tmp_path / "out" / "submissions").iterdir())
    assert sorted(json.loads(file.read_text())["submission"] for file in files) == sorted(KEYS)
    assert len({file.name.lower() for file in files}) == len(KEYS)
    assert (tmp_path / "out" / "submissions" / "ok.name_1@x.org.json").exists()
    assert all(file.name.isascii() and len(file.name) < 120 for file in files)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_tells_all_of_an_attempt(tmp_path):
    marks = marked("ada", check("q6.a", 2, FAILED, note=NOTE, output="hello"), check("q6.b", 1))
    policy = Policy(hidden=("q6.b",), late=Late(DUE, Fraction(1, 10)))
    write(tmp_path, people("ada"), [handed("ada", days=2)], marks, policy)
    told = json.loads((tmp_path / "submissions" / "ada.json").read_text(encoding="utf-8"))
    assert (told["total"], told["out_of"], told["late_days"], told["kept"]) == (0.8, 3, 2, 0.8)
    assert told["questions"][0]["result"]["checks"][0]["output"] == "hello"
    assert told["hidden"] == ["q6.b"]
    assert told["questions"][0]["run"]["isolation"] == "namespace"


def test_writing_twice_gives_the_same_files_and_leaves_no_old_ones(tmp_path):
    def written():
        return {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    marks = marked("ada", check("q1.a"))
    write(tmp_path, people("ada"), [handed("ada")], marks, Policy())
    first = written()
    write(tmp_path, people("ada"), [handed("ada"), handed("bob")], marks, Policy())
    assert written() != first
    write(tmp_path, people("ada"), [handed("ada")], marks, Policy())
    assert written() == first
