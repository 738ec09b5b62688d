"""Checks of q11, sixth part: the whole translator, what it finds likely and what it writes.

The homework hands these methods out; they are worth no points, and tell whether the parts fit.

Shapes: `B` sentences, `S` source words, `T` target words with `<s>` and `</s>`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grading.checks._beam_yardstick import Found, search
from grading.checks._running_error import stacked
from grading.checks._translation_yardstick import (
    END,
    START,
    TranslationYardstick,
    drawn_lengths,
    drawn_source,
    drawn_translator,
    for_many_steps,
    whole,
)
from grading.checks.q11_encoder import ENCODER
from grading.checks.q11_loop import LOOP
from grading.checks.q11_step import STEP
from grading.claims import Check, check
from grading.compare import Mistake, answer_named, expect, expect_close
from grading.draw import Draw
from grading.frames import Tensors
from grading.worker.kit import (
    OlderTorch,
    TwoVocabularies,
    hypotheses_of,
    returned,
    translator,
)

LONGEST, BEAM, WORDS = 6, 5, 11
DRAWS = 400
MOST = 1 << 16  # words, or hypotheses, that are looked at; a search finds a few dozen
SURE = 1e-3  # how much more likely a choice is than the next one, so that no rounding decides


class _Likelihoods(Check):
    """Asks how likely some translations are."""

    alone = False

    def ask(self, draw: Draw) -> Tensors:
        """Sentences and translations of several lengths, and weights."""
        embed, hidden, batch, steps, target = draw.sizes(E=2, H=2, B=2, S=2, T=3, low=3, high=13)
        weights = for_many_steps(draw, drawn_translator(draw, embed, hidden))
        source_words, target_words = weights["sizes"][2:].tolist()
        lengths = [1] if self.alone else drawn_lengths(draw, batch, steps)
        written = drawn_lengths(draw, len(lengths), target)[::-1]
        return {
            "source": drawn_source(draw, lengths, source_words),
            "target": drawn_source(draw, written, target_words),
            **weights,
        }

    def answer(self, student: Any, asked: Tensors) -> Any:
        """The log-probabilities."""
        vocab = TwoVocabularies(*asked["sizes"][2:].tolist())
        source = [[vocab.src.id2word[n] for n in one if n] for one in asked["source"].T.tolist()]
        target = [[vocab.tgt.id2word[n] for n in one if n] for one in asked["target"].T.tolist()]
        target = [["<s>", *one, "</s>"] for one in target]
        with OlderTorch():
            model = translator(student.nmt_model.NMT, asked)
            return {"scores": returned(model(source, target), "NMT.forward")}

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """They agree."""
        yard = TranslationYardstick(asked)
        source = [column[column > 0] for column in asked["source"].T]
        target = [[START, *(n for n in it if n), END] for it in asked["target"].T.tolist()]
        tried = f"translations of {', '.join(str(len(it)) for it in target)} words, random weights"
        longest = max(map(len, target))
        filled = [[*it, *[0] * (longest - len(it))] for it in target]
        with torch.no_grad():
            want, padded = (
                stacked([yard.likelihood(*both) for both in zip(source, them, strict=True)])
                for them in (target, filled)
            )
        counts = torch.tensor([len(it) - 1 for it in target])
        size = "Whose log-probabilities are added, and what becomes of the sum?"
        expect_close(
            got=whole(
                answered,
                "scores",
                (len(target),),
                "the log-probabilities",
                tried,
                "One a sentence?",
            ),
            want=want.value,
            tolerance=padded.error,
            what="the log-probability",
            tried=tried,
            hint="Which word is the output of a step to be compared with?",
            mistakes=[
                Mistake(
                    "padding counts as a word",
                    padded.value,
                    "Which of the words that are asked for were never written?",
                ),
                Mistake("the sign is turned round", -want.value, size),
                Mistake("the mean instead of the sum", want.value / counts, size),
            ],
        )


@check("q11.forward", points=0, after=(*ENCODER, *LOOP, *STEP))
class HowLikelyTranslationsAre(_Likelihoods):
    """forward sums the log-probabilities of each translation's words after <s>, not of padding."""


@check("q11.alone", points=0, after="q11.forward")
class OneSentenceOfOneWord(_Likelihoods):
    """The translator also works for a single sentence, and a sentence of a single word."""

    alone = True


@check("q11.beam", points=0, after="q11.alone")
class TheLikeliestThatABeamFinds(Check):
    """beam_search returns words and summed log-probabilities, the best first; width 1 is greedy."""

    def ask(self, draw: Draw) -> Tensors:
        """A sentence and weights, such that no choice is close and a plain beam does no worse."""
        for _ in range(DRAWS):
            embed, hidden, steps = draw.sizes(E=2, H=3, S=2, low=3, high=7)
            weights = for_many_steps(draw, drawn_translator(draw, embed, hidden))
            for name in ("model_embeddings.target.weight", "target_vocab_projection.weight"):
                weights[name] = 2.0 * weights[name][:WORDS]  # few words, so that </s> is likely
            weights["sizes"] = torch.tensor([embed, hidden, int(weights["sizes"][2]), WORDS])
            source = drawn_source(draw, [steps], int(weights["sizes"][2]))
            yard = TranslationYardstick(weights)
            self.greedy = search(yard, source[:, 0], 1, LONGEST)
            if _is_telling(self.greedy):
                wide = search(yard, source[:, 0], BEAM, LONGEST)
                if wide.margin > SURE and wide.score >= self.greedy.score:
                    break
        return {"source": source, **weights}

    def answer(self, student: Any, asked: Tensors) -> Any:
        """What it finds with a beam of 1 and of 5."""
        vocab = TwoVocabularies(*asked["sizes"][2:].tolist())
        words = [vocab.src.id2word[number] for number in asked["source"][:, 0].tolist()]
        found: Tensors = {}
        for name, beam in (("one", 1), ("wide", 5)):
            with OlderTorch(), torch.no_grad():
                model = translator(student.nmt_model.NMT, asked)
                result = model.beam_search(words, beam_size=beam, max_decoding_time_step=6)
            seen = hypotheses_of(result, vocab.tgt, "beam_search")
            found |= {f"{name}.{key}": value for key, value in seen.items()}
        return found

    def mark(self, asked: Tensors, answered: Tensors) -> None:
        """Words, scores, order; the greedy translation; and one that is better."""
        yard = TranslationYardstick(asked)
        words = int(asked["sizes"][3])
        one, wide = (_hypotheses(answered, name, words) for name in ("one", "wide"))
        for beam, found in ((1, one), (BEAM, wide)):
            self._expect_hypotheses(yard, asked["source"][:, 0], beam, found)
        greedy = [word for word in self.greedy.words[1:] if word != END]
        expect(
            one[0][0] == greedy,
            tried="a beam of width 1",
            expected=f"the greedy translation, ids {greedy}",
            got=f"ids {one[0][0]}",
            hint="With room for one beginning, which word is always the next?",
        )
        expect(
            wide[0][1] >= self.greedy.score - SURE,
            tried=f"a beam of width {BEAM}",
            expected=f"a score of at least {self.greedy.score:.6g}, that of the greedy translation",
            got=f"{wide[0][1]:.6g}",
            hint="Which beginnings stay in the beam, and by which score are they compared?",
        )

    def _expect_hypotheses(
        self,
        yard: TranslationYardstick,
        source: Tensor,
        beam: int,
        found: list[tuple[list[int], float]],
    ) -> None:
        tried = f"a beam of width {beam}, at most {LONGEST} words"
        expect(
            1 <= len(found) <= beam and all(len(ids) <= LONGEST for ids, _ in found),
            tried=tried,
            expected=f"1 to {beam} hypotheses of at most {LONGEST} words",
            got=f"{len(found)}, with {sorted(len(ids) for ids, _ in found)[:8]} words",
            hint="When does a hypothesis leave the beam, and when is the time up?",
        )
        marks = [word for ids, _ in found for word in ids if word in (-1, END)]
        # In the midst of a sentence, a model without training may write <s>, but not in all.
        marks += [START] if all(ids[:1] == [START] for ids, _ in found) else []
        expect(
            not marks,
            tried=tried,
            expected="words of the translation",
            got=f"<s>, </s> or an unknown text among them (id {marks[0] if marks else 0})",
            hint="Is a hypothesis complete once it ends in </s>, and does </s> belong to the text?",
            name="the marks of a sentence are in the text",
        )
        scores = [score for _, score in found]
        expect(
            scores == sorted(scores, reverse=True),
            tried=tried,
            expected="the best hypothesis first",
            got=f"scores {[round(it, 3) for it in scores]}",
            hint="Which hypothesis is taken as the translation?",
        )
        for ids, score in found:
            _expect_score(yard, source, ids, score, tried)


def _is_telling(found: Found) -> bool:
    """Whether a search ended in time, after a word or more, and without a close choice."""
    words = found.words
    return words[-1] == END and len(words) > 2 and words[1] != START and found.margin > SURE


def _expect_score(
    yard: TranslationYardstick, source: Tensor, ids: list[int], score: float, tried: str
) -> None:
    """Require that a score is the sum of log-probabilities, `</s>` included if there was time.

    Raises:
        Wrong: if it is not.
    """
    ways = [[START, *ids, END], *([[START, *ids]] if len(ids) >= LONGEST else [])]
    got = torch.tensor(score, dtype=torch.float64)
    sums = [yard.likelihood(source, it) for it in ways]
    want = min(sums, key=lambda it: abs(float(it.value) - score) if score == score else 0.0)
    count = max(1, len(ids) + 1)
    expect_close(
        got=got,
        want=want.value,
        tolerance=want.error + 1e-6 * want.value.abs(),
        what=f"the score of the ids {ids}",
        tried=tried,
        hint="Which log-probabilities make up a hypothesis's score, from its first word on?",
        mistakes=[
            Mistake(
                "the last word's score alone",
                want.value - yard.likelihood(source, ways[0][:-1]).value,
                "What becomes of the score that a beginning already has?",
            ),
            Mistake(
                "the mean instead of the sum", want.value / count, "Is it divided by a length?"
            ),
        ],
    )


def _hypotheses(answered: Tensors, name: str, words: int) -> list[tuple[list[int], float]]:
    """The hypotheses that came back, as ids and score.

    Raises:
        Wrong: if the worker sent something that is none, or none at all.
    """
    flat, lengths, scores = (
        answer_named(answered, f"{name}.{part}") for part in ("flat", "lengths", "scores")
    )
    whole_numbers = flat.dtype == lengths.dtype == torch.int64
    fit = whole_numbers and flat.ndim == lengths.ndim == scores.ndim == 1
    fit = fit and len(flat) <= MOST and MOST >= len(lengths) == len(scores) > 0
    fit = fit and bool((lengths >= 0).all())
    fit = fit and int(lengths.sum()) == len(flat)
    expect(
        fit and bool(((flat >= -1) & (flat < words)).all()),
        tried="to read what beam_search found",
        expected="at least one hypothesis, with words and a score",
        got=f"{len(lengths) if lengths.ndim == 1 else 0} hypotheses",
        hint="Is there a translation where none was completed in time?",
    )
    rows = torch.split(flat, lengths.tolist())
    return [(row.tolist(), score) for row, score in zip(rows, scores.tolist(), strict=True)]
