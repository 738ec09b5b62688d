"""Patience, trials, and learning rates."""

import math

from courses.translation.patience import Patience


def judged(perplexities, *, patience=2, max_trials=2, decay=0.5):
    state = Patience(learning_rate=0.8)
    return [state.judge(found, patience, max_trials, decay) for found in perplexities], state


def test_a_smaller_perplexity_gives_patience_back():
    verdicts, state = judged([9, 10, 8, 9, 7])
    assert verdicts == ["better", "wait", "better", "wait", "better"]
    assert (state.best, state.hits, state.trials, state.learning_rate) == (7, 0, 0, 0.8)


def test_as_good_is_not_better():
    assert judged([9, 9])[0] == ["better", "wait"]


def test_used_up_patience_restarts_with_a_smaller_learning_rate():
    verdicts, state = judged([9, 10, 11])
    assert verdicts == ["better", "wait", "restart"]
    assert (state.hits, state.trials, state.learning_rate) == (0, 1, 0.4)


def test_the_last_trial_ends_it_and_leaves_the_learning_rate():
    verdicts, state = judged([9, 10, 11, 12, 13])
    assert verdicts == ["better", "wait", "restart", "wait", "stop"]
    assert (state.trials, state.learning_rate) == (2, 0.4)


def test_a_single_trial_never_restarts():
    assert judged([9, 10], patience=1, max_trials=1)[0] == ["better", "stop"]


def test_the_first_perplexity_is_the_best_so_far():
    assert Patience(0.1).best == math.inf
