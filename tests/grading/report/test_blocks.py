import pytest

from grading.report.blocks import Manner, check_lines, question_block
from grading.results import CheckResult, Feedback, QuestionResult, Status
from tests.grading.report.reports import NO_MASK, ended


def told(check: CheckResult, manner: Manner | None = None) -> str:
    return "\n".join(line.text for line in check_lines(check, manner or Manner()))


def causal(status: Status = Status.FAILED, **details: object) -> CheckResult:
    details = {"feedback": NO_MASK, **details}
    return CheckResult("q6.causal", "Nothing later counts.", 1, status, **details)  # type: ignore[arg-type]


def test_a_passed_check_is_one_line() -> None:
    assert told(causal(Status.PASSED, feedback=Feedback())) == (
        "*** PASS: q6.causal (1/1) Nothing later counts."
    )


def test_a_failed_check_tells_the_four_fields_and_how_to_run_it_again() -> None:
    assert told(causal()).split("\n") == [
        "*** FAIL: q6.causal (0/1) Nothing later counts.",
        "    tried     the same sequence with only positions 4..6 replaced",
        "    expected  outputs at positions 0..3 within 1e-5 of what they were",
        "    got       0.41 more at [0, 2, 1]",
        "    think     Which entries of the score matrix let position 2 see position 5?",
        "    mistake   no mask",
        "    where     models.py:31",
        "    run again: python autograder.py -q q6.causal",
    ]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        pytest.param(Status.NOT_STARTED, "NOT STARTED", id="stub"),
        pytest.param(Status.CRASHED, "CRASHED", id="crash"),
        pytest.param(Status.TIMED_OUT, "TIMED OUT", id="time"),
        pytest.param(Status.GRADER_FAULT, "GRADER FAULT", id="ours"),
        pytest.param(Status.SKIPPED, "SKIPPED", id="broken-rung"),
        pytest.param(Status.PENDING, "NOT RUN", id="interrupted"),
    ],
)
def test_every_way_to_end_has_its_own_word(status: Status, verdict: str) -> None:
    assert told(causal(status)).startswith(f"*** {verdict}: q6.causal (0/1)")


def test_a_skipped_check_says_only_what_it_needs() -> None:
    skipped = causal(Status.SKIPPED, feedback=Feedback("t", "q6.values to pass first", "g", "h"))
    assert told(skipped).split("\n") == [
        "*** SKIPPED: q6.causal (0/1) Nothing later counts.",
        "    needs     q6.values to pass first",
    ]


def test_what_was_tried_is_left_out_where_it_only_repeats_the_claim() -> None:
    text = told(causal(feedback=Feedback(tried="to check this: Nothing later counts.", got="x")))
    assert "tried" not in text


def test_the_command_to_run_again_names_the_submission() -> None:
    text = told(causal(), Manner(arguments=" --submission 'my hw'"))
    assert text.endswith("run again: python autograder.py -q q6.causal --submission 'my hw'")


def test_a_note_stands_below_the_claim_also_when_it_passed() -> None:
    text = told(causal(Status.PASSED, feedback=Feedback(), note="accuracy 98.2 %"))
    assert text.endswith("\n    note      accuracy 98.2 %")


def test_prints_of_the_student_are_marked_and_cannot_pose_as_ours() -> None:
    output = "\x1b[2J### Question q6: 2/2 ###\nTotal: 25/25\n"
    text = told(causal(output=output), Manner(prints=True))
    assert "    | ### Question q6: 2/2 ###\n    | Total: 25/25\n" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("manner", "mentioned"),
    [
        pytest.param(Manner(), "your code printed 2 lines; -v shows them", id="default"),
        pytest.param(Manner(muted=True), "", id="mute"),
        pytest.param(Manner(prints=True, muted=True), "", id="mute-and-verbose"),
    ],
)
def test_prints_are_hidden_unless_asked_for(manner: Manner, mentioned: str) -> None:
    text = told(causal(output="one\ntwo\n"), manner)
    assert "| one" not in text
    assert mentioned in text
    assert mentioned or "printed" not in text


FLOOD = "".join(f"line {n}\n" for n in range(1920)) + "li\n[1,234 more bytes were printed]"


def test_a_flood_that_was_cut_is_not_counted_as_if_it_were_whole() -> None:
    assert "your code printed more than 1,920 lines; -v" in told(causal(output=FLOOD))


def test_only_the_ends_of_a_flood_are_shown() -> None:
    lines = told(causal(output=FLOOD), Manner(prints=True)).split("\n")
    assert sum(line.startswith("    | ") for line in lines) == 40
    assert "    ... 1,882 lines left out ..." in lines
    assert "    | line 19" in lines
    assert "    | [1,234 more bytes were printed]" in lines


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        pytest.param("no answer after 20 s at train.py:21", False, id="same"),
        pytest.param("no answer after 20 s at train.py:211", True, id="another-line"),
        pytest.param("no answer after 20 s", True, id="none"),
    ],
)
def test_a_place_is_named_once(got: str, shown: bool) -> None:
    text = told(causal(Status.TIMED_OUT, feedback=Feedback(got=got, where="train.py:21")))
    assert ("where" in text) == shown


def test_a_field_cannot_pose_as_a_landmark() -> None:
    text = told(causal(feedback=Feedback(got="x\nTotal: 25/25\n### Question q1: 5/5 ###")))
    assert "\nTotal" not in text
    assert "\n###" not in text


def test_one_mistake_that_fails_many_checks_is_told_once() -> None:
    report = ended(q3_shapes=Status.CRASHED, q3_learns=Status.CRASHED)
    lines = [line.text for line in question_block(report.questions[0], Manner())]
    assert sum("think" in line for line in lines) == 1
    assert "    for the same reason as q3.shapes above" in lines
    assert sum("run again" in line for line in lines) == 1


def test_a_block_begins_and_ends_with_its_landmarks() -> None:
    lines = [line.text for line in question_block(ended().questions[0], Manner())]
    assert lines[:2] == ["Question q3", "==========="]
    assert "### Question q3: 5/5 ###" in lines


def test_a_question_without_points_says_how_many_checks_passed() -> None:
    question = QuestionResult("q0", "Warm-up", [CheckResult("q0.a", "A.", 0, Status.PASSED)])
    lines = [line.text for line in question_block(question, Manner())]
    assert "### Question q0: 0/0 ###" in lines
    assert "worth no points: 1 of 1 check passed" in lines


def test_the_character_gpt_is_for_fun() -> None:
    report = ended(q7_generates=Status.FAILED)
    lines = [line.text for line in question_block(report.questions[2], Manner())]
    assert "for fun: 1 of 2 checks passed" in lines


def test_no_line_is_wider_than_asked() -> None:
    feedback = Feedback("t " * 90, "e" * 300, "g " * 120, "think " * 40)
    lines = check_lines(causal(feedback=feedback, output="o" * 500), Manner(prints=True, width=60))
    assert max(len(line.text) for line in lines) <= 60
