import json
from html.parser import HTMLParser
from pathlib import Path

from grading.report.course_sites import edx_page, gradescope, write_edx, write_gradescope
from grading.results import Feedback, Status
from tests.grading.report.reports import end, ended, pending


def test_gradescope_gets_the_score_and_a_test_for_each_check() -> None:
    written = gradescope(ended(q6_causal=Status.FAILED))
    assert (written["score"], written["max_score"]) == (6, 7)
    assert "Total: 6/7" in written["output"]
    causal = written["tests"][3]
    assert causal["name"] == "q6.causal: No later input changes an output."
    assert (causal["score"], causal["max_score"], causal["status"]) == (0, 1, "failed")
    assert "think     Which entries" in causal["output"]
    assert [test["score"] for test in written["tests"]] == [2, 3, 1, 0, 0, 0]


def test_what_the_student_printed_reaches_neither_file() -> None:
    report = ended()
    end(report, "q6.causal", Status.FAILED, output="the secret of life")
    assert "secret" not in json.dumps(gradescope(report)) + edx_page(report)


class Tags(HTMLParser):
    """Collects the tags of a page and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed.pop() == tag


def test_every_word_of_the_edx_page_is_escaped() -> None:
    report = ended()
    report.warnings.append("<b>bold</b>")
    feedback = Feedback(got="</pre><script>alert(1)</script>")
    end(report, "q6.causal", Status.FAILED, feedback=feedback)
    page = edx_page(report)
    tags = Tags()
    tags.feed(page)
    assert not tags.unclosed
    assert set(tags.seen) == {"div", "section", "h3", "ul", "li", "pre", "span"}
    assert "&lt;script&gt;alert(1)" in page


def test_an_interrupted_run_is_called_so() -> None:
    assert "interrupted" in gradescope(pending())["output"]


def test_the_files_have_the_names_that_the_sites_expect(tmp_path: Path) -> None:
    report = ended(q6_causal=Status.FAILED)
    write_gradescope(report, tmp_path)
    write_edx(report, tmp_path)
    assert json.loads((tmp_path / "gradescope_response.json").read_text("utf-8"))["score"] == 6
    assert (tmp_path / "edx_grade").read_text("utf-8") == "6\n"
    assert "Total: 6/7" in (tmp_path / "edx_response.html").read_text("utf-8")
