"""Checks of q10, writing on after a prefix, token by token.

Shapes: `P` prefixes, `L` tokens in a prefix, `N` new tokens, `V` vocabulary, `E` embedding, `H`
hidden width, `dk` and `dv` width of keys and values.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._language_yardstick import LanguageYardstick
from grading.checks._recurrent_yardstick import ACTIVATIONS, activation_of
from grading.checks._writing_yardstick import SLIPS, Writer, Written, restless_model
from grading.claims import Check, Wrong, check
from grading.compare import answer_named, expect, expect_shape
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import device, returned

VOCABULARY, PREFIXES, LONG, NEW, MANY = 19, 6, 7, 11, 40
SIZES = (7, 17, VOCABULARY, 5, 11)  # E, H, V, dk, dv
TRIES = 50
LARGEST = 80.0  # the exponential of a score, which a softmax by hand may compute, is a float32 then
LENGTH = "How many tokens does each round of the loop add, and which of them are new?"


@check("q10.new_tokens", points=2, after=("q10.model_shape", "q10.select_token"))
class ReturnsNewTokens(Check):
    """generate returns the new tokens alone, as many as asked for, chosen at the temperature."""

    def ask(self, draw: Draw) -> Tensors:
        """Prefixes of one token and of several."""
        return {
            "sizes": torch.tensor(SIZES),
            "one": draw.integers(1, 1, low=0, high=VOCABULARY),
            "several": draw.integers(1, LONG, low=0, high=VOCABULARY),
            "counts": torch.tensor([draw.integer(2, 6), NEW, MANY]),
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What is written at temperature 0 after both, and at a high one after the longer."""
        model = student.rnn.RNNLanguageModel(*asked["sizes"].tolist()).to(device).eval()
        few, more, many = asked["counts"].tolist()
        written = {
            "one": model.generate(asked["one"].clone(), max_tokens=few, temperature=0.0),
            "several": model.generate(asked["several"].clone(), max_tokens=more, temperature=0.0),
            "cold": model.generate(asked["several"].clone(), max_tokens=many, temperature=0.0),
            "hot": model.generate(asked["several"].clone(), max_tokens=many, temperature=1000.0),
        }
        return {name: returned(each, "generate") for name, each in written.items()}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Shape, kind of numbers and range; and chance at the high temperature."""
        few, more, many = asked["counts"].tolist()
        for name, length, count in (("one", 1, few), ("several", LONG, more), ("hot", LONG, many)):
            tried = f"a prefix of length {length}, max_tokens {count}"
            tokens = answer_named(answered, name)
            expect_shape(
                tokens,
                (count,),
                what="the new tokens",
                tried=tried,
                hint=LENGTH,
                mistakes=[
                    ((length + count,), "the prefix is returned as well", LENGTH),
                    ((1, length + count), "the prefix is returned as well", LENGTH),
                    ((1, count), "an axis of 1 is kept", "How many axes has a list of tokens?"),
                    ((count + 1,), "one token too many", LENGTH),
                    ((count - 1,), "one token too few", LENGTH),
                ],
            )
            expect(
                tokens.dtype in (torch.int64, torch.int32),
                tried=tried,
                expected="whole numbers, int64",
                got=f"{tokens.dtype}".removeprefix("torch."),
                hint="What can look up an embedding?",
            )
            inside = (tokens >= 0) & (tokens < VOCABULARY)
            expect(
                bool(inside.all()),
                tried=tried,
                expected=f"tokens in 0..{VOCABULARY - 1}",
                got=f"{tokens[~inside][0].item() if not inside.all() else 0}",
                hint="From what are new tokens chosen, and which numbers can come out?",
            )
        cold, hot = answer_named(answered, "cold"), answer_named(answered, "hot")
        expect(
            not torch.equal(cold.double(), hot.double()),
            tried=f"{MANY} new tokens at temperature 0, and as many at temperature 1000",
            expected="other tokens, since at 1000 all are about equally likely",
            got="the same tokens",
            hint="Which temperature reaches select_token?",
            name="the temperature does not reach select_token",
        )


@check(
    "q10.generate",
    points=4,
    after=("q10.logits", "q10.rnn_step", "q10.attention_step", "q10.new_tokens"),
)
class StepsLikeForward(Check):
    """Step by step, generate writes what forward on the whole text so far finds likeliest."""

    def ask(self, draw: Draw) -> Tensors:
        """Prefixes and weights under which every usual slip writes other tokens somewhere."""
        asked: Tensors = {}
        for _ in range(TRIES):
            several = draw.integers(PREFIXES, LONG, low=0, high=VOCABULARY)
            asked = {
                "sizes": torch.tensor(SIZES),
                "one": draw.integers(1, 1, low=0, high=VOCABULARY),
                "several": several,
                "new": torch.tensor(NEW),
                **restless_model(draw, SIZES, several),
            }
            if all(_tells_slips_apart(asked, kind) for kind in ACTIVATIONS):
                break
        return asked

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What is written, what forward on the whole text says, and the tokens that were read."""
        model = student.rnn.RNNLanguageModel(*asked["sizes"].tolist()).to(device).eval()
        weights = {name: value for name, value in asked.items() if "." in name}
        model.load_state_dict(weights, strict=False)
        new = int(asked["new"])
        zeros = torch.zeros(1, int(asked["sizes"][1]), device=device)
        first = model.embeddings(asked["one"][:, 0])
        found = {"cell": returned(model.rnn.cell(first, zeros), "RNNCell.forward")}
        read: list[int] = []
        handle = model.embeddings.register_forward_hook(
            lambda _, inputs, __: read.append(inputs[0].numel())
        )
        for name in ("one", "several"):
            written = [
                returned(model.generate(prefix, max_tokens=new, temperature=0.0), "generate")
                for prefix in asked[name][:, None]
            ]
            found[name] = torch.stack(written)
        handle.remove()
        text = asked["several"]
        for _ in range(new):
            with torch.no_grad():
                logits = returned(model(text)[0], "RNNLanguageModel.forward")
            text = torch.cat([text, logits[:, -1:].argmax(-1)], 1)
        return {**found, "again": text[:, -new:], "read": torch.tensor(sum(read))}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Both agree token by token."""
        made = LanguageYardstick(asked, "relu").before_activation(asked["one"][:, 0])
        writer = Writer(asked, activation_of(answer_named(answered, "cell"), made))
        for name in ("one", "several"):
            right = writer.write(asked[name], NEW)
            slips = {slip: writer.write(asked[name], NEW, slip).tokens for slip in SLIPS}
            _compare(asked[name], answer_named(answered, name), right, slips)
        _compare(asked["several"], answer_named(answered, "again"), right, {}, "forward writes")
        read, enough = answer_named(answered, "read").double(), 1 + NEW + PREFIXES * (LONG + NEW)
        if read.numel() == 1 and read.item() > enough:
            self.note = (
                f"generate read {read.item():g} tokens where {enough} would do: does it read the "
                "text again for every new token?"
            )


def _tells_slips_apart(asked: Tensors, kind: str) -> bool:
    """Whether each slip certainly writes something else, if that is the network's activation."""
    writer, several = Writer(asked, kind), asked["several"]
    right = writer.write(several, NEW)
    if writer.largest > LARGEST:
        return False
    slips = (writer.write(several, NEW, slip).tokens for slip in SLIPS)
    return all(bool(right.differ(slip).any()) for slip in slips)


def _compare(
    prefixes: Tensor, got: Tensor, right: Written, slips: Tensors, who: str = "generate writes"
) -> None:
    """Require the yardstick's tokens, up to where rounding may decide.

    Raises:
        Wrong: naming the first token that differs, and the slip that writes it so.
    """
    tried = f"a prefix of length {prefixes.shape[1]}, temperature 0, {NEW} new tokens"
    expect_shape(
        got, (len(prefixes), NEW), what="the new tokens of all prefixes", tried=tried, hint=LENGTH
    )
    differs = right.differ(got.double())
    if not differs.any():
        return
    place = int(differs.any(0).nonzero()[0])
    row = int(differs[:, place].nonzero()[0])
    name, think = next(
        (SLIPS[slip] for slip, tokens in slips.items() if _alike(got, tokens, right)),
        ("", "What does a step need of all that was read before: which state, which outputs?"),
    )
    raise Wrong(
        tried=tried,
        expected=f"new token {place} to be {int(right.tokens[row, place])}",
        got=f"{who} {got[row, place].item():g}",
        think=think,
        mistake=name,
    )


def _alike(got: Tensor, slip: Tensor, right: Written) -> bool:
    """Whether tokens are those of a slip, as far as the right ones are sure."""
    return bool(((got.double() == slip) | ~right.sure).all())
