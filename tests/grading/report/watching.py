"""What checks show a window, with the answers of a model that is nearly right."""

import math

import torch
from torch import Tensor

from data.words import encode, one_hot_languages

WORDS = ("house", "casa", "talo", "huis", "dom", "never", "noche", "järvi", "groot", "książka")
WEIGHTS = torch.tensor([[1.0], [2.0], [-1.0]])


def shown(question: str) -> dict[str, Tensor]:
    """What `Audience.shown` hears for the question's training check."""
    if question == "q1":
        points = torch.cat([torch.randn(50, 2), torch.ones(50, 1)], dim=1)
        return {"x": points, "label": torch.where(points @ WEIGHTS >= 0, 1.0, -1.0)}
    if question == "q2":
        x = torch.linspace(-2 * math.pi, 2 * math.pi, 200)[:, None]
        return {"x": x, "label": x.sin()}
    if question == "q4":
        languages = one_hot_languages([place % 5 for place in range(len(WORDS))])
        return {"x": torch.from_numpy(encode(WORDS)), "label": torch.from_numpy(languages)}
    return {"x": torch.rand(25, 784), "label": torch.eye(10)[torch.arange(25) % 10]}


def answers(question: str, inputs: dict[str, Tensor]) -> Tensor:
    """Right answers; a window shows no mistake."""
    return (
        WEIGHTS
        if question == "q1"
        else 4 * inputs["label"]
        if question != "q2"
        else (inputs["label"])
    )
