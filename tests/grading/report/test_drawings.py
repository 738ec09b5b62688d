from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from grading.report.drawings import DRAWINGS, RED, Digits, Drawing, Languages, Perceptron
from tests.grading.report.watching import WEIGHTS, answers, shown

EVERY_QUESTION = [pytest.param(question, id=question) for question in DRAWINGS]


def drawing(question: str) -> tuple[Drawing, Figure]:
    figure = Figure(figsize=(7, 7))
    FigureCanvasAgg(figure)
    return DRAWINGS[question](figure, shown(question)), figure


def pixels(figure: Figure) -> np.ndarray:
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("question", EVERY_QUESTION)
def test_new_answers_change_the_picture(question: str, tmp_path: Path) -> None:
    inputs, figure = shown(question), Figure(figsize=(7, 7))
    FigureCanvasAgg(figure)
    made = DRAWINGS[question](figure, inputs)
    before = pixels(figure)
    assert made.update(answers(question, inputs))
    assert (pixels(figure) != before).any()
    figure.savefig(tmp_path / f"{question}.png")


@pytest.mark.parametrize("question", EVERY_QUESTION)
@pytest.mark.parametrize(
    ("strange", "told"),
    [
        pytest.param(lambda scores: scores[:-1], "have the shape", id="short"),
        pytest.param(lambda scores: scores * torch.nan, "not finite", id="nan"),
        pytest.param(lambda scores: scores[None], "have the shape", id="extra-axis"),
    ],
)
def test_strange_answers_are_named_and_not_drawn(question, strange, told) -> None:  # type: ignore[no-untyped-def]
    made, figure = drawing(question)
    before = pixels(figure)
    assert told in made.update(strange(torch.ones(made.answers)))
    assert (pixels(figure) == before).all()


def test_the_decision_line_is_where_the_score_is_zero() -> None:
    made, _ = drawing("q1")
    assert isinstance(made, Perceptron)
    assert made.update(WEIGHTS) == "0 of 50 points on the wrong side"
    ends = np.column_stack([made.line.get_xdata(), made.line.get_ydata()])  # (2, 2)
    scores = ends @ WEIGHTS[:2, 0].numpy() + WEIGHTS[2, 0].item()
    assert np.abs(scores).max() < 1e-5
    assert np.linalg.norm(ends[1] - ends[0]) > 1


def test_weights_of_zero_have_no_line() -> None:
    made, _ = drawing("q1")
    assert "no line" in made.update(torch.tensor([[0.0], [0.0], [1.0]]))


def test_the_loss_of_a_perfect_curve_is_zero() -> None:
    made, _ = drawing("q2")
    assert made.update(torch.from_numpy(made.label)) == "loss 0.0000"


def test_a_wrong_digit_is_red_and_crossed_and_names_the_right_one() -> None:
    made, _ = drawing("q3")
    assert isinstance(made, Digits)
    scores = torch.eye(10)[torch.arange(25) % 10]
    scores[3] = scores[4]
    assert made.update(scores) == "24 of 25 shown are right"
    assert (made.texts[3].get_text(), made.texts[3].get_color()) == ("✗ 4, is 3", RED)
    assert made.texts[4].get_text() == "4"


def test_the_bars_of_a_word_fill_the_row() -> None:
    made, _ = drawing("q4")
    assert isinstance(made, Languages)
    made.update(torch.randn(10, 5) * 50)
    widths = np.array([[bar.get_width() for bar in bars] for bars in made.bars])  # (5, 10)
    assert np.allclose(widths.sum(axis=0), 1)


def test_words_are_spelled_with_their_language() -> None:
    made, _ = drawing("q4")
    labels = [label.get_text() for label in made.axes.get_yticklabels()]
    assert labels[0] == "house (English)"
    assert labels[9] == "książka (Polish)"
