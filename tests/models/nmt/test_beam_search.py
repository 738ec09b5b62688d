import math
import random

import pytest
import torch

from models import Hypothesis
from tests.models.nmt.drawing import sentences, small_model, small_vocab


def search_by_hand(model, sentence, beam_size, time):
    """The homework's search, one sentence and one beginning at a time, over sorted lists."""
    enc_hiddens, state = model.encode(model.vocab.src.to_input_tensor([sentence]), [len(sentence)])
    keys, words = model.att_projection(enc_hiddens), model.vocab.tgt
    beam = [([], 0.0, state, enc_hiddens.new_zeros(1, model.hidden_size))]
    complete = []
    for _ in range(time):
        candidates = []
        for value, score, state, output in beam:
            last = torch.tensor([words[value[-1] if value else "<s>"]])
            joined = torch.cat([model.model_embeddings.target(last), output], dim=1)
            state, output, _ = model.step(joined, state, enc_hiddens, keys, None)
            chances = torch.log_softmax(model.target_vocab_projection(output)[0], dim=0)
            for number, chance in enumerate(chances.tolist()):
                following = [*value, words.id2word[number]]
                candidates.append((following, score + chance, state, output))
        candidates.sort(key=lambda candidate: -candidate[1])
        del candidates[beam_size - len(complete) :]
        complete += [Hypothesis(it[0][:-1], it[1]) for it in candidates if it[0][-1] == "</s>"]
        beam = [candidate for candidate in candidates if candidate[0][-1] != "</s>"]
        if len(complete) == beam_size:
            break
    complete = complete or [Hypothesis(*beam[0][:2])]
    return sorted(complete, key=lambda hypothesis: -hypothesis.score)


def models(number):
    """Small models, some of them very sure of themselves, and sentences to translate."""
    for seed in range(number):
        torch.manual_seed(seed)
        draw = random.Random(seed)
        vocab = small_vocab(7, draw.randint(1, 12))
        # In float64, so that rounding decides nothing.
        model = small_model(draw.randint(1, 8), draw.randint(1, 8), vocab).double()
        for parameter in model.parameters():
            parameter.data *= draw.choice([1, 3, 6])
        yield model, sentences(draw, vocab.src, [draw.randint(1, 7) for _ in range(5)])


def assert_same(got, want):
    assert [one.value for one in got] == [one.value for one in want]
    assert [one.score for one in got] == pytest.approx([one.score for one in want], abs=1e-9)


@pytest.mark.parametrize(
    ("beam_size", "time"),
    [
        pytest.param(1, 8, id="greedy"),
        pytest.param(2, 8, id="two"),
        pytest.param(5, 8, id="five"),
        pytest.param(5, 1, id="one-word"),
        pytest.param(30, 3, id="wider-than-the-vocabulary"),
    ],
)
@torch.no_grad()
def test_many_sentences_at_once_are_searched_as_one_by_one(beam_size, time):
    for model, sents in models(12):
        model.eval()
        for sent, got in zip(sents, model.beam_search_batch(sents, beam_size, time), strict=True):
            want = search_by_hand(model, sent, beam_size, time)
            (greedy,) = search_by_hand(model, sent, 1, time)
            if greedy.score > want[0].score + 1e-9:
                # The beam has lost it, or has put complete translations before an unfinished one.
                want = [greedy, *want[: beam_size - 1]]
            assert_same(got, want)
            assert got[0].score >= greedy.score - 1e-9


def test_one_sentence_gets_what_it_gets_in_a_batch():
    for model, sents in models(5):
        for sent, together in zip(sents, model.beam_search_batch(sents, 5, 12), strict=True):
            assert_same(model.beam_search(sent, 5, 12), together)


def test_groups_change_nothing(monkeypatch):
    (model, sents), *_ = models(1)
    want = model.beam_search_batch(sents, 3, 9)
    monkeypatch.setattr("models.nmt.beam_search.SENTENCES_AT_ONCE", 2)
    for got, one in zip(model.beam_search_batch(sents, 3, 9), want, strict=True):
        assert_same(got, one)


def writing(*scores, vocab=None):
    """A model whose next word depends on the last one only: the rows are log-probabilities.

    The words are those of the rows: `<pad>`, `<s>`, `</s>`, `<unk>`, t0, …; a row a last word.
    """
    chances = torch.tensor(scores, dtype=torch.float64)
    model = small_model(len(chances), len(chances), vocab or small_vocab(3, len(chances) - 4))
    model = model.double()
    model.model_embeddings.target.weight.data = torch.eye(len(chances), dtype=torch.float64)
    model.target_vocab_projection.weight.data = torch.log(chances).T.contiguous()

    def step(joined, state, *_):
        return state, joined[:, : len(chances)], None

    model.step = step
    return model


SPREAD = [0.22, 0.20, 0.05, 0.19, 0.17, 0.10, 0.07]


def test_the_greedy_translation_is_not_lost():
    model = writing(
        SPREAD,  # after <pad>
        [0.01, 0.01, 0.01, 0.01, 0.36, 0.32, 0.28],  # after <s>: t0 is likeliest
        SPREAD,
        SPREAD,  # after <unk>
        [0.01, 0.01, 0.01, 0.22, 0.24, 0.24, 0.27],  # after t0: many ways
        [0.42, 0.01, 0.01, 0.41, 0.05, 0.05, 0.05],  # after t1: two, and both lead nowhere
        [0.01, 0.01, 0.94, 0.01, 0.01, 0.01, 0.01],  # after t2: the end
    )  # fmt: skip
    with torch.no_grad():
        by_hand = search_by_hand(model, ["s0"], beam_size=2, time=9)
    (greedy,) = model.beam_search(["s0"], beam_size=1, max_decoding_time_step=9)
    assert greedy.value == ["t0", "t2"]
    assert greedy.score == pytest.approx(math.log(0.36 * 0.27 * 0.94))
    assert by_hand[0].score < greedy.score
    assert_same(model.beam_search(["s0"], 2, 9), [greedy, *by_hand[:1]])


def test_the_beam_of_a_sentence_shrinks_by_what_is_complete():
    # Three, two and one beginning: in each step the likeliest one ends.
    ends = writing(*[[0.1, 0.05, 0.5, 0.05, 0.3]] * 5)
    found = ends.beam_search(["s0"], beam_size=3, max_decoding_time_step=9)
    assert [one.value for one in found] == [[], ["t0"], ["t0", "t0"]]
    assert [one.score for one in found] == pytest.approx(
        [math.log(chance) for chance in (0.5, 0.3 * 0.5, 0.3 * 0.3 * 0.5)]
    )


def test_without_an_end_the_likeliest_beginning_has_to_do():
    goes_on = writing(*[[0.1, 0.1, 1e-9, 0.1, 0.7]] * 5)
    found = goes_on.beam_search(["s0"], beam_size=3, max_decoding_time_step=4)
    assert [one.value for one in found] == [["t0"] * 4]


def test_a_length_penalty_prefers_longer_translations_and_keeps_the_scores():
    ends = writing(*[[0.01, 0.01, 0.45, 0.01, 0.52]] * 5)
    plain, mean = (
        ends.beam_search_batch([["s0"]], 4, 9, length_penalty=power)[0] for power in (None, 1.0)
    )
    assert plain[0].value == []
    assert len(mean[0].value) > 1
    scores = {tuple(one.value): one.score for one in plain}
    for one in mean:
        assert one.score == pytest.approx(scores[tuple(one.value)])
    assert all(len(one.value) < 9 for one in mean), "a beginning without end is no translation"
    means = [one.score / (len(one.value) + 1) for one in mean]
    assert means == sorted(means, reverse=True)
    unchanged = ends.beam_search_batch([["s0"]], 4, 9, length_penalty=0.0)[0]
    assert_same(unchanged, plain)


def test_an_empty_sentence_has_the_empty_translation():
    (model, sents), *_ = models(1)
    assert model.beam_search([]) == [Hypothesis([], 0.0)]
    with_one, without = (
        model.beam_search_batch([sents[0], [], sents[1]]),
        model.beam_search_batch(sents[:2]),
    )
    assert with_one[1] == [Hypothesis([], 0.0)]
    assert_same(with_one[0], without[0])
    assert_same(with_one[2], without[1])
    assert model.beam_search_batch([]) == []


def test_unknown_words_and_sentences_longer_than_any_before_are_translated():
    (model, _), *_ = models(1)
    assert_same(model.beam_search(["never", "seen"]), model.beam_search(["<unk>", "<unk>"]))
    for one in model.beam_search(["s0"] * 200, max_decoding_time_step=5):
        assert len(one.value) <= 5
        assert "</s>" not in one.value


def test_the_search_drops_nothing_and_leaves_the_mode():
    (model, sents), *_ = models(1)
    model.train()
    first, second = (model.beam_search_batch(sents) for _ in range(2))
    assert model.training
    assert first == second
    assert not model.eval().beam_search_batch(sents)[0][0].score > 0
    assert not model.training


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param({"beam_size": 0}, "beam_size is 0; give 1 or more", id="beam"),
        pytest.param({"max_decoding_time_step": 0}, "max_decoding_time_step is 0", id="time"),
    ],
)
def test_a_search_that_cannot_be_is_explained(options, told):
    with pytest.raises(ValueError, match=told):
        small_model().beam_search(["s0"], **options)


def test_a_sentence_is_a_list_of_words():
    with pytest.raises(ValueError, match="split 's0 s1' first"):
        small_model().beam_search("s0 s1")


def test_other_attentions_are_searched_alike():
    for attention in ("dot", "additive"):
        model = small_model(attention=attention).double().eval()
        for sent in (["s0", "s1"], ["s2"]):
            with torch.no_grad():
                want = search_by_hand(model, sent, 5, 6)
            assert_same(model.beam_search(sent, 5, 6)[-len(want) :], want)
