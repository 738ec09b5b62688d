from pathlib import Path
from xml.etree import ElementTree

from grading.report.junit import junit, write_junit
from grading.results import Feedback, Status
from tests.grading.report.reports import end, ended, pending


def test_every_check_is_a_case_in_its_questions_suite() -> None:
    whole = junit(ended())
    assert [suite.get("name") for suite in whole.iter("testsuite")] == [
        "q3 Digit classification",
        "q6 Attention",
        "q7 Character GPT",
    ]
    names = [case.get("name", "").partition(":")[0] for case in whole.iter("testcase")]
    assert names == [check.id for check in ended().checks]


def test_what_did_not_pass_is_a_failure_an_error_or_skipped_and_counted() -> None:
    report = ended()
    end(report, "q3.shapes", Status.FAILED)
    end(report, "q3.learns", Status.NOT_STARTED)
    end(report, "q6.values", Status.TIMED_OUT)
    end(report, "q6.causal", Status.SKIPPED)
    whole = junit(report)
    counts = {name: whole.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "6", "failures": "2", "errors": "1", "skipped": "1"}
    kinds = {
        case.get("name", "").partition(":")[0]: case[0].tag
        for case in whole.iter("testcase")
        if len(case)
    }
    assert kinds == {
        "q3.shapes": "failure",
        "q3.learns": "failure",
        "q6.values": "error",
        "q6.causal": "skipped",
    }


def test_nothing_that_was_not_run_counts_as_passed() -> None:
    assert junit(pending()).get("skipped") == "6"


def test_the_file_can_be_read_whatever_a_student_made_it_say(tmp_path: Path) -> None:
    report = ended()
    nasty = "\x00\x1b[31m</failure>&\ud800\ufffe]]>"
    end(report, "q6.causal", Status.FAILED, feedback=Feedback(got=nasty), output="the secret")
    write_junit(report, tmp_path / "deep" / "junit.xml")
    text = (tmp_path / "deep" / "junit.xml").read_text(encoding="utf-8")
    failure = ElementTree.fromstring(text).find(".//failure")  # noqa: S314 - our own file
    assert failure is not None
    assert failure.get("message") == "</failure>&]]>"
    assert "the secret" not in text
