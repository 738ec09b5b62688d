"""What the report shows is that of the translator: attention, ranks, lengths, unknown words."""

import pytest
import torch

from courses.translation import bleu, report_cases
from courses.translation.report_attention import Looks, attention_weights, look
from courses.translation.report_cases import make_cases
from tests.courses.translation.small_report import OUTPUT, SOURCE, TARGET, lists, small_model


def test_attention_is_that_of_the_taught_path():
    model = small_model()
    source, output = lists(SOURCE)[0], ["the", "cat", "<unk>"]
    seen = []
    step = model.step

    def recorded(*inputs):
        result = step(*inputs)
        seen.append(torch.softmax(result[2], dim=1)[0])
        return result

    weights = attention_weights(model, source, output)
    assert weights.shape == (4, 4)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(4))
    model.step = recorded
    model([source], [["<s>", *output, "</s>"]])
    torch.testing.assert_close(weights, torch.stack(seen))


def test_nothing_to_look_at_is_refused():
    with pytest.raises(ValueError, match="no words"):
        attention_weights(small_model(), [], ["a"])


def test_an_unknown_word_is_copied_from_where_it_looked():
    (case,) = make_cases([["el", "gato"]], [["the", "cat"]], [["the", "<unk>"]])
    looks = Looks(case, ["the", "<unk>", "</s>"], [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    assert looks.strongest() == [("the", "el", 0.9), ("<unk>", "gato", 0.8), ("</s>", "el", 0.5)]
    assert looks.replaced() == [("the", True), ("gato", False)]


def test_the_attention_of_a_case_has_a_row_for_the_end():
    (case,) = make_cases([["el"]], [["the"]], [[]])
    assert look(small_model(), case).weights == [[1.0]]


def test_cases_are_ranked_and_equal_ones_by_length():
    cases = make_cases(lists(SOURCE), lists(TARGET), lists(OUTPUT))
    assert [case.line for case in report_cases.best(cases, 2)] == [1, 2]
    assert [case.line for case in report_cases.worst(cases, 3)] == [3, 5, 6]
    expected = bleu.sentence_bleu(["the", "cat", "<unk>"], [["the", "cat", "eats"]]).smoothed()
    assert cases[1].score == expected.score
    assert cases[3].marked() == [("house", True), ("the", True), ("house", False)]


def test_every_sentence_is_in_one_group_of_lengths():
    lengths = [0, 1, 5, 6, 10, 11, 15, 16, 20, 21, 30, 31, 50, 51, 200]
    sources = [["a"] * length for length in lengths]
    groups = report_cases.by_length(make_cases(sources, sources, sources))
    assert [group.sentences for group in groups] == [1, 2, 2, 2, 2, 2, 2, 2]
    names = ["0", "1 to 5", "6 to 10", "11 to 15", "16 to 20", "21 to 30", "31 to 50"]
    assert [group.name for group in groups] == [*names, "51 and more"]
    assert [group.bleu.score for group in groups] == [0, *[1] * 7]


def test_unknown_words_are_counted():
    found = report_cases.unknown_words([["a", "b", "a"], ["c"]], {"c"}, 1)
    assert (found.words, found.text, found.frequent) == (3, 4, [("a", 2)])
    assert found.share == 0.75
    assert report_cases.unknown_words([], {"c"}, 1).share == 0


def test_sentences_with_an_unknown_word_written_come_first():
    cases = make_cases(lists(["a", "b", "c"]), lists("xyz"), [["x"], ["<unk>"], ["z"]])
    found = report_cases.with_unknown_words(cases, {"b", "c"}, 5)
    assert [case.line for case in found] == [2, 1]


def test_pictures_go_from_bad_to_good():
    sources = [[f"w{at}"] * 10 for at in range(11)]
    outputs = [["x"] * (10 - at) + [f"w{at}"] * at for at in range(11)]
    cases = make_cases(sources, sources, outputs)
    scores = [case.score for case in report_cases.spread(cases, 3)]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0, 1)
    assert len(report_cases.spread(cases, 20)) == 11
