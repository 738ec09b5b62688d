"""What the live windows show: one drawing for each of q1 to q5.

A drawing is made from the inputs of a check and redrawn from the model's answers to them.
Colours are Okabe and Ito's, told apart with every kind of colour vision, and nothing is said by
colour alone (https://jfly.uni-koeln.de/color/).

Shapes: `N` points, `B` words or digits, `L` letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from data.words import LANGUAGES, decode

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
PALETTE = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9")
SIDE = 28
GAP = 10


def array(tensor: Tensor) -> Array:
    """A tensor of any device as float64."""
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)


class Drawing:
    """A figure that follows one check.

    Args:
        figure: empty; belongs to the drawing from now on.
        inputs: ``x`` and ``label``.

    Attributes:
        answers: the shape that the model's answers must have to be drawn.
    """

    def __init__(self, figure: Figure, inputs: dict[str, Tensor]) -> None:
        self.axes = figure.add_subplot()
        self.x, self.label = array(inputs["x"]), array(inputs["label"])
        self.answers: tuple[int, ...] = self.label.shape

    def update(self, scores: Tensor) -> str:
        """Draw the answers.

        Returns:
            A few words for the title. Answers of another shape, or not finite, are not drawn.
        """
        values = array(scores)
        if values.shape != self.answers:
            return f"answers have the shape {values.shape}, expected {self.answers}"
        if not np.isfinite(values).all():
            return "answers are not finite"
        return self.draw(values)

    def draw(self, scores: Array) -> str:
        """Draw finite answers of the right shape; return a few words for the title."""
        raise NotImplementedError


class Perceptron(Drawing):
    """q1: the points and the line on which the score is zero.

    ``x`` is (N, 3) with ones in the last column, ``label`` (N, 1) of 1 and -1, and the answers
    (3, 1) are the scores of the three unit vectors: the weights.
    """

    def __init__(self, figure: Figure, inputs: dict[str, Tensor]) -> None:
        super().__init__(figure, inputs)
        self.answers = (3, 1)
        for sign, colour, marker in ((1, BLUE, "+"), (-1, ORANGE, "o")):
            points = self.x[self.label[:, 0] == sign]
            self.axes.scatter(
                points[:, 0], points[:, 1], s=18, c=colour, marker=marker, label=f"label {sign:+d}"
            )
        reach = float(np.abs(self.x[:, :2]).max()) * 1.1
        self.axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x0", ylabel="x1")
        (self.line,) = self.axes.plot([], [], color="black", label="score 0")
        self.axes.legend(loc="upper right")
        self.reach = reach

    def draw(self, scores: Array) -> str:
        """Move the line w0 x0 + w1 x1 + w2 = 0."""
        normal, offset = scores[:2, 0], scores[2, 0]
        length = float(np.hypot(*normal))
        if length == 0:
            self.line.set_data([], [])
            return "both weights are 0: there is no line yet"
        foot = -offset * normal / length**2
        along = np.array([-normal[1], normal[0]]) / length
        ends = foot + np.outer([-4 * self.reach, 4 * self.reach], along)  # (2, 2)
        self.line.set_data(ends[:, 0], ends[:, 1])
        wrong = int((np.where(self.x @ scores >= 0, 1, -1) != self.label).sum())
        return f"{wrong} of {len(self.x)} points on the wrong side"


class Regression(Drawing):
    """q2: the true curve and the fitted one; ``x`` (N, 1) sorted, ``label`` and answers (N, 1)."""

    def __init__(self, figure: Figure, inputs: dict[str, Tensor]) -> None:
        super().__init__(figure, inputs)
        x = self.x[:, 0]
        self.axes.plot(x, self.label[:, 0], color=BLUE, linewidth=2, label="true")
        nowhere = np.full_like(x, np.nan)
        (self.line,) = self.axes.plot(x, nowhere, color=RED, linestyle="--", label="model")
        self.axes.set(xlabel="x", ylim=(-2, 2))
        self.axes.legend(loc="upper right")

    def draw(self, scores: Array) -> str:
        """Move the fitted curve."""
        self.line.set_ydata(scores[:, 0])
        return f"loss {((scores - self.label) ** 2).mean():.4f}"


class Digits(Drawing):
    """q3 and q5: a grid of digits with the predicted class below each; a cross marks a mistake.

    ``x`` is (B, 784) in 0..1, ``label`` and answers (B, 10).
    """

    def __init__(self, figure: Figure, inputs: dict[str, Tensor]) -> None:
        super().__init__(figure, inputs)
        columns = int(np.ceil(np.sqrt(len(self.x))))
        rows = int(np.ceil(len(self.x) / columns))
        step = SIDE + GAP
        sheet = np.ones((rows * step, columns * step))
        self.texts = []
        for place, image in enumerate(self.x):
            top, left = place // columns * step, place % columns * step
            sheet[top : top + SIDE, left : left + SIDE] = 1 - image.reshape(SIDE, SIDE)
            centre = (left + SIDE / 2, top + SIDE + GAP / 2 - 1)
            self.texts.append(self.axes.text(*centre, "", ha="center", va="center", fontsize=11))
        self.axes.imshow(sheet, cmap="gray", vmin=0, vmax=1)
        self.axes.set_axis_off()

    def draw(self, scores: Array) -> str:
        """Write the predicted classes."""
        predicted, true = scores.argmax(axis=1), self.label.argmax(axis=1)
        for text, guess, digit in zip(self.texts, predicted, true, strict=True):
            right = guess == digit
            text.set_text(f"{guess}" if right else f"✗ {guess}, is {digit}")
            text.set(color=GREY if right else RED, fontweight="normal" if right else "bold")
        return f"{(predicted == true).sum()} of {len(true)} shown are right"


class Languages(Drawing):
    """q4: words with the probability of each language.

    ``x`` is (B, L, 47) one-hot letters, ``label`` and answers (B, 5).
    """

    def __init__(self, figure: Figure, inputs: dict[str, Tensor]) -> None:
        super().__init__(figure, inputs)
        places = range(len(self.x))
        self.bars, self.initials = [], []
        for name, colour in zip(LANGUAGES, PALETTE, strict=True):
            bars = self.axes.barh(
                list(places), np.zeros(len(places)), color=colour, edgecolor="white", label=name
            )
            self.bars.append(list(bars))
            ink = "white" if colour == BLUE else "black"
            self.initials.append(
                [
                    self.axes.text(0, place, "", color=ink, ha="center", va="center")
                    for place in places
                ]
            )
        self.verdicts = [self.axes.text(1.02, place, "", va="center") for place in places]
        names = [LANGUAGES[place] for place in self.label.argmax(axis=1)]
        words = [f"{word} ({name})" for word, name in zip(decode(self.x), names, strict=True)]
        self.axes.set_yticks(list(places), words)
        self.axes.set(xlim=(0, 1), xlabel="probability")
        self.axes.invert_yaxis()
        self.axes.legend(ncols=5, loc="lower center", bbox_to_anchor=(0.4, 1.0), frameon=False)

    def draw(self, scores: Array) -> str:
        """Resize the bars."""
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = powers / powers.sum(axis=1, keepdims=True)  # (B, 5)
        left = np.cumsum(probabilities, axis=1) - probabilities
        for language, name in enumerate(LANGUAGES):
            for word, bar in enumerate(self.bars[language]):
                width = probabilities[word, language]
                bar.set(x=left[word, language], width=width)
                initial = self.initials[language][word]
                initial.set_x(left[word, language] + width / 2)
                initial.set_text(name[0] if width > 0.06 else "")
        predicted, true = scores.argmax(axis=1), self.label.argmax(axis=1)
        for text, guess, language in zip(self.verdicts, predicted, true, strict=True):
            right = guess == language
            text.set_text(LANGUAGES[guess] if right else f"✗ {LANGUAGES[guess]}")
            text.set(color=GREY if right else RED, fontweight="normal" if right else "bold")
        return f"{(predicted == true).sum()} of {len(true)} shown are right"


DRAWINGS: dict[str, type[Drawing]] = {
    "q1": Perceptron,
    "q2": Regression,
    "q3": Digits,
    "q4": Languages,
    "q5": Digits,
}
