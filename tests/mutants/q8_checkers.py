"""Usual slips in q8's gradient checker, and in the magnitude checker that is given."""

from tests.mutants import Mutant

FILE = "models/numpy_checkers.py"
SIDES = "for step in (EPSILON, -EPSILON):"
RESTORE = "values[0, 0] = before  # exactly"
APPROXIMATED = "approximated = (losses[0] - losses[1]) / (2 * EPSILON)"
PROPAGATED_SHOWN = "{propagated:.8f} by back-propagation, "
APPROXIMATED_SHOWN = "{approximated:.8f} by central difference"
MAGNITUDE_SHOWN = 'print(f"l1 norm of the gradient of L1.W on {len(x)} examples: {norms[-1]:.4f}")'


def _mutant(
    name: str, edit: tuple[str, str], fails: str, mistake: str = "", *more: tuple[str, str]
) -> Mutant:
    return Mutant(name, FILE, (edit, *more), tuple(fails.split()), mistake)


MUTANTS = [
    _mutant(
        "a one-sided difference",
        (SIDES, "for step in (EPSILON, 0.0):"),
        "q8.perturbs",
        "a one-sided difference",
        (APPROXIMATED, APPROXIMATED.replace("(2 * EPSILON)", "EPSILON")),
    ),
    _mutant(
        "a parameter is not restored",
        (RESTORE, "pass  #"),
        "q8.perturbs",
        "a parameter is not restored",
    ),
    _mutant(
        "another epsilon",
        ("EPSILON = 1e-3", "EPSILON = 1e-5"),
        "q8.perturbs",
    ),
    _mutant(
        "back-propagation compared with itself",
        (APPROXIMATED, "approximated = propagated"),
        "q8.prints",
        "the approximated gradient is not printed",
    ),
    _mutant(
        "a quotient over half the way",
        (APPROXIMATED, APPROXIMATED.replace("(2 * EPSILON)", "EPSILON")),
        "q8.prints",
        "the approximated gradient is not printed",
    ),
    _mutant(
        "only the approximation is printed",
        (PROPAGATED_SHOWN, ""),
        "q8.prints",
        "the propagated gradient is not printed",
    ),
    _mutant(
        "only the propagated gradient is printed",
        (APPROXIMATED_SHOWN, ""),
        "q8.prints",
        "the approximated gradient is not printed",
    ),
    _mutant("the magnitudes are not printed", (MAGNITUDE_SHOWN, "pass"), "q8.magnitude"),
    _mutant(
        "the magnitude checker moves the weights",
        (MAGNITUDE_SHOWN, f'model["L1"].params["W"] += 1\n        {MAGNITUDE_SHOWN}'),
        "q8.magnitude",
    ),
]
