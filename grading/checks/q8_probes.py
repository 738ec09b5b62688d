"""Checks of q8's gradient checker (and of the magnitude checker, which is given).

The gradient checker gets a network whose backward passes are wrong on purpose: each stores numbers
that the examiner drew. So the two numbers to compare differ, and both must be printed. Every
forward pass notes the parameters and the loss, which tells what was moved by how much.

Shapes: `R` forward passes, `P` parameters of both layers, `D` inputs, `M` hidden units, `K` scores.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._mlp_yardstick import PARAMETERS
from grading.claims import Check, check
from grading.compare import answer_named, expect
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import Spy, array_of, np, numbers_in, printed, tensor_of

EPSILON = 1e-3
# Whoever adds epsilon and takes it away again leaves some 1e-16.
SAME = 1e-9
EXAMPLES = 60
# How exactly a difference of two losses of about 1, divided by 2e-3, is known: float64 leaves
# 1e-13; a solution may round its sums otherwise than the network's own.
DIFFERENCE = 1e-6


class PlantedGradients(Check):
    """Runs the student's gradient_checker on the network with the wrong backward passes."""

    def ask(self, draw: Draw) -> Tensors:
        """Positive numbers throughout: so no gradient is near 0, for any choice of examples."""
        inputs, hidden, scores = draw.sizes(D=2, M=2, K=2, high=7)
        shapes = {
            "L1.W": (inputs, hidden),
            "L1.b": (1, hidden),
            "L2.W": (hidden, scores),
            "L2.b": (1, scores),
        }
        asked: Tensors = {
            "x": draw.uniform(EXAMPLES, inputs, low=0.5, high=1.5),
            "y": draw.integers(EXAMPLES, low=0, high=scores),
        }
        for name, shape in shapes.items():
            asked[name] = draw.uniform(*shape, low=0.5, high=1.5) / (shape[0] if "W" in name else 2)
            sign = 1 if draw.integer(0, 2) else -1
            asked[f"planted {name}"] = sign * draw.uniform(*shape, low=10.0, high=20.0)
        return asked

    def answer(self, student: Any, asked: Tensors) -> Any:
        """Parameters and loss of every forward pass, the parameters at the end, the prints."""
        arrays = {name: array_of(tensor) for name, tensor in asked.items()}
        names = "L1.W", "L1.b", "L2.W", "L2.b"
        passes: list[Any] = []
        losses: list[float] = []
        latest = {name: arrays[name] for name in names}

        def through(name: str) -> Any:
            def forward(layer: Any, X: Any) -> Any:  # noqa: N803
                latest.update({f"{name}.{n}": layer.params[n].copy() for n in ("W", "b")})
                return X @ layer.params["W"] + layer.params["b"]

            return forward

        def planted(name: str) -> Any:
            def backward(layer: Any, X: Any, grad: Any) -> Any:  # noqa: N803
                for part in ("W", "b"):
                    layer.gradient[part] = arrays[f"planted {name}.{part}"].copy()
                return np.zeros_like(X)

            return backward

        def measure(layer: Any, X: Any, Y: Any = None) -> Any:  # noqa: N803
            loss = float((X**2).sum(axis=1).mean())
            if len(losses) < 1000:
                passes.append(np.concatenate([latest[name].ravel() for name in names]))
                losses.append(loss)
            return loss

        model = {
            "L1": Spy(through("L1"), planted("L1"), {n: arrays[f"L1.{n}"].copy() for n in "Wb"}),
            "nonlinear1": Spy(lambda layer, a: a, lambda layer, a, grad: np.zeros_like(a)),
            "L2": Spy(through("L2"), planted("L2"), {n: arrays[f"L2.{n}"].copy() for n in "Wb"}),
            "loss": Spy(measure, lambda layer, a, y: np.zeros_like(a)),
        }
        x, y = np.tile(arrays["x"], (100, 1)), np.tile(arrays["y"], 100)  # as many as anyone asks
        examples = student.neural_networks.DataSplit(x, y)
        with printed() as text:
            student.neural_networks.gradient_checker(examples, model)
        after = [model[n].params[part].ravel() for n in ("L1", "L2") for part in ("W", "b")]
        return {
            "passes": tensor_of(np.array(passes, dtype=float), "the parameters"),
            "losses": tensor_of(np.array(losses, dtype=float), "the losses"),
            "after": tensor_of(np.concatenate(after), "the parameters afterwards"),
            "printed": numbers_in(text.getvalue()),
        }


class Moves:
    """What the passes tell: which parameter was moved by how much, and the loss there.

    Args:
        asked: the parameters at the beginning.
        answered: `passes` (R, P), `losses` (R,) and `after` (P,).
    """

    def __init__(self, asked: Tensors, answered: Tensors) -> None:
        flat = [asked[name].double().reshape(-1) for name in PARAMETERS]
        self.before = torch.cat(flat)
        sizes = [0, *(len(part) for part in flat)]
        self.places = dict(zip(PARAMETERS, torch.tensor(sizes).cumsum(0).tolist(), strict=False))
        self.losses = answer_named(answered, "losses").double().reshape(-1)
        passes, after = (answer_named(answered, name).double() for name in ("passes", "after"))
        expect(
            len(self.losses) > 0
            and passes.numel() == len(self.losses) * len(self.before)
            and after.numel() == len(self.before),
            tried="to watch which forward passes gradient_checker makes",
            expected="a loss with a parameter a little larger, and one with it a little smaller",
            got="no forward pass",
            hint="How is a gradient approximated from losses alone?",
        )
        self.off = passes.reshape(len(self.losses), -1) - self.before  # (R, P)
        self.left = after.reshape(-1) - self.before

    def losses_at(self, name: str, step: float) -> Tensor:
        """The losses of the passes in which nothing but a parameter's first entry moved so far."""
        want = torch.zeros_like(self.before)
        want[self.places[name]] = step
        return self.losses[((self.off - want).abs() <= SAME).all(1)]

    def differences(self, name: str) -> Tensor:
        """Every central difference that the passes allow."""
        above, below = self.losses_at(name, EPSILON), self.losses_at(name, -EPSILON)
        return ((above[:, None] - below[None]) / (2 * EPSILON)).reshape(-1)


@check("q8.perturbs", points=2)
class BothSides(PlantedGradients):
    """gradient_checker moves each first entry by 0.001 to both sides, alone, and moves it back."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Eight passes are there, and the parameters are what they were."""
        moves = Moves(asked, answered)
        expect(
            bool((moves.left.abs() <= SAME).all()),
            tried="to compare the parameters before and after gradient_checker",
            expected="the same parameters",
            got=f"a parameter that is off by {float(moves.left.abs().max()):.3g}",
            hint="What does training start from, once the gradients are checked?",
            name="a parameter is not restored",
        )
        for name in PARAMETERS:
            sides = [len(moves.losses_at(name, step)) > 0 for step in (EPSILON, -EPSILON)]
            one = any(sides) and not all(sides)
            expect(
                all(sides),
                tried=f"to watch the forward passes for the one in which {name}[0, 0] alone moves",
                expected="one pass with 0.001 more and one with 0.001 less",
                got=_described(moves, name) if not one else "a pass for one side only",
                hint="On how many sides of the parameter does the formula take the loss?"
                if one
                else "Which entry moves, by how much, and where are the others meanwhile?",
                name="a one-sided difference" if one else "",
            )


def _described(moves: Moves, name: str) -> str:
    """By how much a parameter's first entry moved at most, and whether others moved with it."""
    here = moves.off[:, moves.places[name]]
    most = int(here.abs().argmax())
    if float(here[most].abs()) <= SAME:
        return f"{len(here)} passes, in none of which it moves"
    others = int((moves.off[most].abs() > SAME).sum()) - 1
    return f"a pass with {float(here[most]):+.3g}, in which {others} other entries moved"


@check("q8.prints", points=2, after="q8.perturbs")
class BothNumbers(PlantedGradients):
    """gradient_checker prints the propagated and the approximated gradient of each first entry."""

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both numbers are among those printed, as far as they are printed."""
        moves, shown = Moves(asked, answered), _printed_in(answered)
        for name in PARAMETERS:
            propagated = asked[f"planted {name}"].double()[0, 0].reshape(1)
            differences = moves.differences(name)
            there = _is_among(propagated, shown), _is_among(differences, shown)
            tried = f"a network whose stored gradient of {name} is wrong on purpose"
            expect(
                there[0],
                tried=tried,
                expected=f"to read the stored {float(propagated):.6g} among what is printed",
                got=f"{len(shown)} numbers with a point, without this one",
                hint="Where does a layer keep what its backward pass found?",
                name="the propagated gradient is not printed",
            )
            expect(
                there[1],
                tried=tried,
                expected="to read the difference quotient of the losses among what is printed",
                got="the stored gradient, without another number to compare it with",
                hint="Is the quotient worked out from the two losses, divided by the whole way "
                "between them, and printed beside the stored gradient?",
                name="the approximated gradient is not printed",
            )


def _printed_in(answered: Tensors) -> Tensor:
    """The printed numbers that a worker sent, three columns; none if they are no such table."""
    sent = answer_named(answered, "printed").double()
    return sent if sent.ndim == 2 and sent.shape[1] == 3 else sent.new_zeros(0, 3)


def _is_among(values: Tensor, shown: Tensor) -> bool:
    """Whether a value is printed, to two digits at least.

    Args:
        values: any of them will do, (V,).
        shown: (T, 3): printed numbers, half a unit of their last digit, their digits.
    """
    enough = shown[shown[:, 2] >= 2]
    allowed = 1.01 * enough[:, 1] + DIFFERENCE * (1 + enough[:, 0].abs())
    return bool(((enough[:, 0] - values[:, None]).abs() <= allowed).any())


@check("q8.magnitude", points=0, after="q8.gradients")
class TwoNorms(Check):
    """magnitude_checker prints the gradient's size on a small and on a large batch."""

    def ask(self, draw: Draw) -> Tensors:
        """Examples for a small network."""
        inputs, hidden, classes = draw.sizes(D=2, M=2, K=2, high=7)
        return {
            "x": draw.normal(EXAMPLES, inputs),
            "y": draw.integers(EXAMPLES, low=0, high=classes),
            "sizes": torch.tensor([inputs, hidden, classes]),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What is printed, and the weights before and after."""
        inputs, hidden, classes = asked["sizes"].tolist()
        model = {
            "L1": student.neural_networks.linear_layer(inputs, hidden),
            "nonlinear1": student.neural_networks.relu(),
            "L2": student.neural_networks.linear_layer(hidden, classes),
            "loss": student.neural_networks.softmax_cross_entropy(),
        }
        x, y = array_of(asked["x"]), array_of(asked["y"])
        x, y = np.tile(x, (100, 1)), np.tile(y, 100)  # a large batch has 5,000 examples
        before = model["L1"].params["W"].copy()
        with printed() as text:
            student.neural_networks.magnitude_checker(
                student.neural_networks.DataSplit(x, y), model
            )
        after = tensor_of(model["L1"].params["W"], "linear_layer.params['W']")
        moved = tensor_of(before, "linear_layer.params['W']") - after
        return {"printed": numbers_in(text.getvalue()), "moved": moved}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Two sizes above 0, and nothing has moved."""
        sizes = _printed_in(answered)[:, 0]
        expect(
            int((sizes > 0).sum()) >= 2,
            tried="magnitude_checker on a small network",
            expected="two sizes above 0 in print",
            got=f"{int((sizes > 0).sum())} numbers above 0",
            hint="This function is given. Is it still as it was?",
        )
        expect(
            not bool(answer_named(answered, "moved").any()),
            tried="to compare the weights before and after magnitude_checker",
            expected="the same weights",
            got="other weights",
            hint="Does a check of the gradient make a step?",
        )
