"""A class of any size with everything that a report has to show, the same every time."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from classroom.policy import Attempts, Forbidden, Policy
from classroom.records import Mark, Person
from grading.results import Feedback, Status
from tests.classroom.synthetic import check, handed, marked

CHECKS = {
    "q1": ("exists", "step", "separates", "margin", "learns"),
    "q3": ("exists", "shapes", "loss", "learns"),
    "q5": ("exists", "tiny", "padding", "stride", "gradient", "learns"),
    "q6": ("shapes", "values", "causal", "scale"),
    "q10": ("cell", "forward", "attention", "sampling", "writing"),
}
POINTS = {"q10": 11, "q3": 5}
CLAIMS = {
    "q6.causal": "No position's output changes when a later input changes.",
    "q5.padding": "A padded convolution keeps the size of its input, and sees zeros beyond it.",
    "q3.learns": "The trained network tells digits apart that it has never seen.",
}
MISTAKES = ("no mask", "scaled by d, not by its root", "softmax over the wrong axis")
FIRST = ("Ada", "Bao", "Chidi", "Dana", "Émile", "Fatima", "Grace", "Hồng", "Ivan", "Jürgen")
LAST = ("Ng", "Okafor", "Petrov", "Quist", "Rossi", "Sørensen", "Tanaka", "Ünal", "Vogel", "Wu")
ENDS = (Status.FAILED, Status.FAILED, Status.CRASHED, Status.TIMED_OUT, Status.NOT_STARTED)


def a_class(count, late, **more):
    """People, what they handed in, their marks, and a policy with a bit of everything.

    Args:
        count: of people on the roster.
        late: the rules for handing in late.
        more: other parts of the policy.
    """
    draw = random.Random(8)
    people, attempts, marks = [], [], []
    for number in range(count):
        key = f"s{1000 + number}"
        name = f"{FIRST[number % 10]} {LAST[number // 10 % 10]}"
        people.append(Person(key, name, f"{key}@example.org", "AB"[number % 2]))
        if number % 15 == 14:
            continue
        skill = draw.betavariate(3, 1.2)
        if number % 20 == 7:
            attempts.append(handed(key, days=0, trouble="is no zip: File is not a zip file"))
            continue
        for attempt in range(1, 2 + (number % 4 == 0)):
            name = key if attempt == 1 else f"{key}_attempt{attempt}"
            days = max(-2, draw.gauss(-1, 2)) + attempt - 1
            attempts.append(replace(handed(name, key, attempt=attempt), at=late.deadline))
            attempts[-1] = handed(name, key, attempt=attempt, days=round(days, 2))
            marks += _marks(name, draw, skill, number)
    stranger = handed("unknown_17", days=-1)
    marks += _marks(stranger.key, draw, 0.9, 3)
    policy = Policy(
        title="Homework 5",
        late=late,
        attempts=Attempts(3, "best"),
        forbidden=Forbidden("deduct", late.per_day),
        hidden=("q6.scale",),
        **more,
    )
    return people, [*attempts, stranger], marks, policy


def _marks(key, draw, skill, number):
    if number % 23 == 9:
        lost = [Mark(key, "q10", trouble="three workers were lost over it")]
        questions = [question for question in CHECKS if question != "q10"]
    else:
        lost, questions = [], list(CHECKS)
    found = []
    for question in questions:
        blocked = False
        for place, noun in enumerate(CHECKS[question]):
            made = _check(f"{question}.{noun}", draw, skill, place, blocked)
            blocked = blocked or (place < 2 and made.status is not Status.PASSED)
            found.append(made)
    if number % 29 == 5:
        found[0] = replace(found[0], status=Status.GRADER_FAULT, feedback=Feedback(got="OSError"))
    level = "namespace" if number % 11 else "kernel"
    return [*marked(key, *found, isolation=level), *lost]


def _check(name, draw, skill, place, blocked):
    points = POINTS.get(name.partition(".")[0], 1 if place else 0)
    made = check(name, points, seconds=round(draw.expovariate(0.7), 2), seed=7)
    made = replace(made, claim=CLAIMS.get(name, made.claim))
    if blocked:
        return replace(made, status=Status.SKIPPED, feedback=Feedback(got="q stands on a rung"))
    if name.endswith(".learns"):
        top = 0.5 + 0.48 * skill
        curve = tuple((e / 2, round(top * (1 - math.exp(-0.5 - e / 6)), 4)) for e in range(30))
        made = replace(made, curve=curve, note=f"accuracy {100 * curve[-1][1]:.1f} %")
    if name == "q6.values" and draw.random() < 0.1:
        used = "models.py:12 uses scaled_dot_product_attention"
        made = replace(made, note=f"{used}; expected no use of scaled_dot_product_attention")
    if draw.random() < 0.25 + 0.72 * skill:
        return made
    mistake = draw.choice(MISTAKES) if name.startswith("q6") and draw.random() < 0.7 else ""
    return replace(
        made,
        status=draw.choice(ENDS),
        output="epoch 1: loss 2.31\nepoch 2: loss 1.97\n",
        feedback=Feedback(
            tried="the same sequence with only positions 4..6 replaced",
            expected="outputs at positions 0..3 that stay as they are",
            got="at (1, 2, 0) 0.3127 instead of -0.0881",
            think="Which entries of the score matrix let position 2 see position 5?",
            mistake=mistake,
            where="models.py:41",
            smallest="B=1, T=2, E=2",
        ),
    )
