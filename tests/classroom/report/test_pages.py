"""The pages stand alone, say what is so, and never take a stranger's words for markup."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from classroom import gradebook
from classroom.policy import Policy
from grading.results import Status
from grading.schedule import _blocked
from tests.classroom.report import hostile
from tests.classroom.report.hostile import WORDS, write_class, write_hostile
from tests.classroom.synthetic import check, handed, marked, mistaken, people

VOID = {"meta", "input", "br", "rect", "path"}
TAGS = {"html", "head", "meta", "title", "style", "body", "a", "header", "main", "nav", "section"}
TAGS |= {"h1", "h2", "p", "ul", "li", "b", "br", "div", "span", "bdi", "figure", "figcaption"}
TAGS |= {"svg", "rect", "text", "path", "table", "caption", "thead", "tbody", "tr", "th", "td"}
TAGS |= {"button", "label", "input", "select", "option", "noscript", "script", "details", "summary"}


class Page(HTMLParser):
    """Reads a page: its elements, addresses, ids, words and scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.words = [], [], [], []
        self.attributes, self.scripts, self.open = set(), [], []
        self.security = self.look = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.tags.append(tag)
        self.attributes |= said.keys()
        self.ids += [said["id"]] if "id" in said else []
        self.links += [said[name] for name in ("href", "src", "action") if name in said]
        if said.get("http-equiv") == "Content-Security-Policy":
            self.security = said["content"]
        if tag == "script":
            self.scripts.append((said.get("type", ""), said.get("id", ""), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["script"]:
            kind, name, text = self.scripts.pop()
            self.scripts.append((kind, name, text + data))
        elif self.open[-1:] == ["style"]:
            self.look += data
        else:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    @property
    def data(self):
        """What the script of the page reads, by the element's id."""
        return {name: json.loads(text) for kind, name, text in self.scripts if kind}


def read(path):
    return Page(path.read_text(encoding="utf-8"))


def digest(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    out = tmp_path_factory.mktemp("usual")
    return out, write_class(out, 30)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    out = tmp_path_factory.mktemp("odd")
    return out, write_hostile(out)


@pytest.mark.parametrize("name", [pytest.param(n, id=n) for n in ("usual", "odd")])
def test_a_page_needs_and_allows_nothing_but_itself(request, name):
    out, _ = request.getfixturevalue(name)
    for path in [out / "index.html", *(out / "feedback").glob("*.html")]:
        page = read(path)
        (script,) = [text for kind, _, text in page.scripts if not kind]
        assert page.security == (
            f"default-src 'none'; script-src '{digest(script)}'; "
            f"style-src '{digest(page.look)}'; base-uri 'none'; form-action 'none'"
        )
        assert set(page.tags) <= TAGS
        assert len(page.ids) == len(set(page.ids))
        # No attribute runs anything or carries a look that the policy would refuse.
        assert not [each for each in page.attributes if each.startswith("on") or each == "style"]
        assert "url(" not in page.look
        assert "@import" not in page.look
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script)


def test_every_link_leads_somewhere(usual):
    out, _ = usual
    page = read(out / "index.html")
    for link in page.links:
        if link.startswith("#student/"):
            assert "data-" + link.removeprefix("#student/") in page.ids
        elif link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert (out / link).exists()
    students = [value for name, value in page.data.items() if name.startswith("data-")]
    assert len(students) == 31
    for student in students:
        assert (out / student["page"]).exists() == bool(student["attempts"])
        assert all((out / each["file"]).exists() for each in student["attempts"])


def test_a_strangers_words_stay_words(odd):
    out, book = odd
    page = read(out / "index.html")
    assert page.tags.count("script") == 2 + len(WORDS)
    assert "7 * 7" in page.text
    assert "49" not in page.text
    assert "</script><script>window.hacked = 1</script>" in page.text
    shown = page.text + json.dumps(page.data)
    for sign in ("\0", "\u202e", "\u200b", "\x1b"):
        assert sign not in shown
        assert json.dumps(sign)[1:-1] not in shown
    students = {key: value for key, value in page.data.items() if key.startswith("data-")}
    assert len(students) == len(WORDS) == len(book.rows)
    told = next(each for each in students.values() if each["name"] == WORDS[1])
    assert told["questions"][0]["checks"][0]["output"] == WORDS[1]
    assert {name for value in students.values() for name in value if "hacked" in name} == set()


def test_a_student_sees_no_hidden_check_but_the_policy(usual):
    out, book = usual
    staff = read(out / "index.html")
    row = next(row for row in book.rows if row.person.key == "s1000")
    text = (out / "feedback" / "s1000.html").read_text(encoding="utf-8")
    told = Page(text).data["mine"]
    assert "q6.scale" in staff.data["catalogue"]
    assert "q6.scale" in json.dumps(staff.data["data-s1000"])
    assert "q6.scale" not in text
    assert told["questions"][3]["concealed"] == 1
    assert told["total"] == staff.data["data-s1000"]["total"] == float(row.total)
    assert "Due 2026-10-03 23:59 (UTC), with an extension of 2 days." in told["policy"]
    assert "Some checks count but are not shown." in told["policy"]
    for other in ("s1001", "submissions/"):
        assert other not in text


def test_a_check_that_stands_on_a_hidden_one_does_not_give_it_away(tmp_path):
    rung = check("q6.values", 1, Status.FAILED, feedback=mistaken("no mask"))
    marks = marked("ada", rung, _blocked(check("q6.causal"), rung))
    gradebook.write(tmp_path, people("ada"), [handed("ada")], marks, Policy(hidden=("q6.values",)))
    assert "Mend q6.values first" in (tmp_path / "index.html").read_text(encoding="utf-8")
    told = (tmp_path / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "one that is not shown to pass first" in told
    assert "q6.values" not in told
    assert "no mask" not in told


def test_a_grader_fault_is_told_to_staff_alone(usual):
    out, book = usual
    faulty = next(row for row in book.rows if row.state.value == "needs a look")
    key = faulty.person.key
    assert "OSError" in json.dumps(read(out / "index.html").data[f"data-{key}"])
    told = (out / "feedback" / f"{key}.html").read_text(encoding="utf-8")
    assert "OSError" not in told
    assert "that is not your mistake" in told


def test_an_exception_for_nobody_is_pointed_out(tmp_path):
    people, attempts, marks, policy = hostile.a_class(3, hostile.late())
    hostile.write(tmp_path, people, attempts, marks, policy)
    text = read(tmp_path / "index.html").text
    assert "an exception for s1003, who is not in this class" in text
    assert "an exception for s1000" not in text


def test_an_empty_class_has_a_page_too(tmp_path):
    hostile.write(tmp_path, [], [], [], hostile.Policy())
    page = read(tmp_path / "index.html")
    assert "0 people" in page.text
    assert "Everybody passed every check" in page.text


def test_a_student_who_prints_much_is_cut_to_size(tmp_path):
    long = "<é>" * 4000
    wrong = hostile.Feedback(*[long] * 7)
    checks = [
        hostile.check(f"q1.c{n}", 1, hostile.Status.FAILED, feedback=wrong, output=long)
        for n in range(120)
    ]
    person = hostile.Person("ada", "Ada")
    attempt = hostile.HandedIn("ada", tmp_path, "ada")
    hostile.write(tmp_path, [person], [attempt], hostile.marked("ada", *checks), hostile.Policy())
    (data,) = [
        text for _, name, text in read(tmp_path / "index.html").scripts if name == "data-ada"
    ]
    assert len(data) < 20_000
    told = json.loads(data)["questions"][0]["checks"]
    assert len(told) == 120
    assert told[0]["got"].endswith("… (cut)")
    whole = json.loads((tmp_path / "submissions" / "ada.json").read_text(encoding="utf-8"))
    assert whole["questions"][0]["result"]["checks"][119]["output"] == long
