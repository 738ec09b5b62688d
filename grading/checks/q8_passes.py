"""Checks of q8's back-propagation: who is called in which order, and the network's gradients.

Shapes: `N` examples, `D` inputs, `M` hidden units, `K` classes; all are different primes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from grading.checks._mlp_yardstick import PARAMETERS, NetworkYardstick, drawn_layer
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close, rounding
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import Spy, array_of, entry_of, np, tensor_of

ORDER = ("loss", "L2", "nonlinear1", "L1")


@check("q8.order", points=2)
class OrderOfCalls(Check):
    """backward_pass calls every layer once, last layer first, each with the gradient behind it."""

    def ask(self, draw: Draw) -> Tensors:
        """What the layers are to return, and what they saw on the way forward."""
        count, inputs, hidden, classes = draw.sizes(N=2, D=2, M=2, K=2)
        return {
            "x": draw.normal(count, inputs),
            "a1": draw.normal(count, hidden),
            "h1": draw.normal(count, hidden),
            "a2": draw.normal(count, classes),
            "y": draw.integers(count, low=0, high=classes),
            "from loss": draw.normal(count, classes),
            "from L2": draw.normal(count, hidden),
            "from nonlinear1": draw.normal(count, hidden),
            "from L1": draw.normal(count, inputs),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The layers' numbers in the order of the calls, and the gradient that each was given."""
        names, calls, given = ["L1", "nonlinear1", "L2", "loss"], [], {}
        arrays = {name: array_of(tensor) for name, tensor in asked.items()}

        def noting(name: str) -> Any:
            def backward(layer: Any, X: Any, grad: Any) -> Any:  # noqa: N803
                calls.append(names.index(name))
                if name != "loss":
                    given[f"to {name}"] = tensor_of(grad, f"the gradient that {name} is given")
                return arrays[f"from {name}"]

            return backward

        def forward(layer: Any, X: Any, Y: Any = None) -> Any:  # noqa: N803
            return X

        model = {name: Spy(forward, noting(name)) for name in names}
        seen = [arrays[name] for name in ("x", "a1", "h1", "a2", "y")]
        student.neural_networks.backward_pass(model, *seen)
        return {"calls": tensor_of(np.array(calls[:100], dtype=float), "calls"), **given}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """One call each, from the loss on, and the gradients handed on."""
        names = ("L1", "nonlinear1", "L2", "loss")
        sent = answer_named(answered, "calls").flatten().tolist()
        order = [names[int(n)] for n in sent if n in range(4)]
        missing = [name for name in names if name not in order]
        expect(
            not missing,
            tried="to note which layers' backward is called",
            expected="every layer once",
            got=f"no call of {', '.join(missing)}",
            hint="Through which layers did the input go on its way to the loss?",
            name="a layer is left out",
        )
        expect(
            order == [*ORDER],
            tried="to note the order in which the layers' backward is called",
            expected="each layer once, none before the layer behind it",
            got=", then ".join(order[:8]),
            hint="Which layer's gradient is known first, and who needs it next?",
            name="the wrong order of the calls",
        )
        for behind, name in pairwise(ORDER):
            got, want = answer_named(answered, f"to {name}"), asked[f"from {behind}"].double()
            expect_close(
                got=got,
                want=want,
                tolerance=rounding(2, want.abs()),
                what=f"the gradient that {name} is given",
                tried=f"layers that return known gradients; {behind} comes right behind {name}",
                hint="Whose gradient does a layer's backward take, and who has just returned it?",
                mistakes=[
                    Mistake(
                        "a gradient is not handed on",
                        asked[f"from {other}"].double(),
                        f"The gradient that {name} is given comes from {other}. Which layer takes "
                        f"{name}'s output on the way forward?",
                    )
                    for other in ORDER
                    if other != behind
                ],
            )


@check(
    "q8.gradients",
    points=2,
    after=("q8.linear", "q8.linear_gradients", "q8.relu", "q8.relu_gradients", "q8.order"),
)
class NetworkGradients(Check):
    """After a forward and a backward pass the linear layers hold the gradients of the loss."""

    def ask(self, draw: Draw) -> Tensors:
        """A small network, and examples with labels; enough units that some are on, some off."""
        count, inputs, hidden, classes = draw.sizes(N=3, D=2, M=5, K=2, low=5)
        return {
            "x": draw.normal(count, inputs),
            "y": draw.integers(count, low=0, high=classes),
            **drawn_layer(draw, inputs, hidden, "L1."),
            **drawn_layer(draw, hidden, classes, "L2."),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """All four gradients of the student's own network."""
        model = {
            "L1": student.neural_networks.linear_layer(*asked["L1.W"].shape),
            "nonlinear1": student.neural_networks.relu(),
            "L2": student.neural_networks.linear_layer(*asked["L2.W"].shape),
            "loss": student.neural_networks.softmax_cross_entropy(),
        }
        for name in ("L1", "L2"):
            for part in ("W", "b"):
                model[name].params[part] = array_of(asked[f"{name}.{part}"])
        x, y = array_of(asked["x"]), array_of(asked["y"])
        a1, h1, a2, _ = student.neural_networks.forward_pass(model, x, y)
        student.neural_networks.backward_pass(model, x, a1, h1, a2, y)
        return {
            f"{name}.{part}": entry_of(model[name].gradient, part, f"{name}.gradient")
            for name in ("L1", "L2")
            for part in ("W", "b")
        }

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Autograd's gradients of the mean cross-entropy."""
        yard = NetworkYardstick(asked)
        tolerances = yard.tolerances()
        shapes = {name: answer_named(answered, name) for name in PARAMETERS}
        for name in reversed(PARAMETERS):  # the last layer's slips show in the first one as well
            expect_close(
                got=shapes[name],
                want=yard.gradients[name],
                tolerance=tolerances[name],
                what=f"the gradient of {name}",
                tried=f"a network of sizes {self._sizes(asked)} with known weights",
                hint="Is each backward given what the same layer's forward was given?",
                mistakes=[
                    Mistake(slip, values[name], think)
                    for slip, values, think in yard.slips()
                    if name in values
                ],
            )

    @staticmethod
    def _sizes(asked: Tensors) -> str:
        return "-".join(map(str, (*asked["L1.W"].shape, asked["L2.W"].shape[1])))
