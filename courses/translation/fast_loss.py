"""Whether the fast loss is the loss of the model's own encode, decode and step.

Training does not call them: `models.nmt.training_loss` computes the same with larger products. A
student's may be right in another way, with u = [h; a], or not right yet; and what was trained in
one way and translates in another writes nonsense. So a few sentences are measured in both ways.
"""

from __future__ import annotations

import torch

from courses.translation.sanity_cases import LENGTHS, TARGET_WORDS, draw_sources, make_model
from models.nmt.training_loss import loss_by_steps, translation_loss

TARGETS = 6
CLOSE = 1e-4  # relative; rounding is a hundred times smaller, another order of u far larger
NOT_FAST = (
    "encode, decode or step computes something else than the fast loss does, which joins\n"
    "[a_t; h_t]: training goes through them instead, and takes longer. To look at each of them:\n"
    "python -m courses.translation.sanity_check 1d, then 1e and 1f"
)


def is_fast_loss_right() -> bool:
    """Measure a small model in both ways; draws nothing from the global random numbers.

    Raises:
        NotImplementedError: if a part of the model is not written yet.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        model = make_model(0)
        source, _ = draw_sources()  # (S, B)
        target = torch.randint(4, TARGET_WORDS, (TARGETS, len(LENGTHS)))
        target[0] = model.vocab.tgt["<s>"]
        target[-2:, 1] = model.vocab.tgt["<pad>"]
        fast, own = (
            measure(model, source, list(LENGTHS), target)
            for measure in (translation_loss, loss_by_steps)
        )
    return torch.allclose(fast, own, rtol=CLOSE)
