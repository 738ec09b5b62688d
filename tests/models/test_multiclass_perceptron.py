"""The multiclass perceptron: worked by hand, against autograd, and as gradient descent."""

import pytest
import torch

from models import MulticlassPerceptron


def drawn(classes: int, features: int) -> MulticlassPerceptron:
    perceptron = MulticlassPerceptron(classes, features)
    perceptron.weights = torch.randn(classes, features, dtype=torch.float64)
    return perceptron


def formula(weights: torch.Tensor, x: torch.Tensor, label: int) -> torch.Tensor:
    """The loss as the homework writes it, differentiable."""
    scores = weights @ x
    leads = [scores[other] - scores[label] for other in range(len(scores)) if other != label]
    return torch.stack(leads).max().clamp(min=0)


def of_whole_numbers(*rows: list[int]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def test_a_new_perceptron_has_no_opinion():
    perceptron = MulticlassPerceptron(3, 5)
    assert perceptron.weights.shape == (3, 5)
    assert perceptron.weights.dtype == torch.float64
    assert not perceptron.weights.any()
    assert perceptron.scores(torch.ones(5, dtype=torch.float64)).shape == (3,)


def test_four_examples_worked_by_hand():
    perceptron = MulticlassPerceptron(3, 2)
    course = [
        # All scores are 0, so class 0 wins although 2 is right.
        ([1, 2], 2, True, of_whole_numbers([-1, -2], [0, 0], [1, 2])),
        # Again all are 0: 0 wins, 1 is right.
        ([2, -1], 1, True, of_whole_numbers([-3, -1], [2, -1], [1, 2])),
        # Scores -5, 0 and 5: right, and nothing moves.
        ([1, 2], 2, False, of_whole_numbers([-3, -1], [2, -1], [1, 2])),
        # Scores -1, -1 and 2: 2 wins, 1 is right, and class 0 is not concerned.
        ([0, 1], 1, True, of_whole_numbers([-3, -1], [2, 0], [1, 1])),
    ]
    for x, label, mistake, weights in course:
        assert perceptron.update(torch.tensor(x, dtype=torch.float64), label) is mistake
        assert torch.equal(perceptron.weights, weights)


@pytest.mark.parametrize(
    ("rows", "winner"),
    [
        pytest.param([[0], [0], [0]], 0, id="all-equal"),
        pytest.param([[-1], [3], [3]], 1, id="the-lower-of-two"),
        pytest.param([[3], [-1], [3]], 0, id="not-neighbours"),
        pytest.param([[1], [2], [5]], 2, id="no-tie"),
    ],
)
def test_the_lowest_class_number_wins_a_tie(rows, winner):
    perceptron = MulticlassPerceptron(3, 1)
    perceptron.weights = of_whole_numbers(*rows)
    assert perceptron.predict(torch.ones(1, dtype=torch.float64)) == winner


def test_another_rule_for_ties_leads_to_other_weights():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    lowest, highest = MulticlassPerceptron(3, 2), MulticlassPerceptron(3, 2)
    highest.predict = lambda x: int(highest.scores(x).flip(0).argmax().sub(2).neg())
    assert lowest.update(x, 2)
    assert not highest.update(x, 2)
    assert not torch.equal(lowest.weights, highest.weights)


def test_the_loss_is_the_homeworks_formula():
    for classes, features in ((2, 3), (5, 2), (3, 7)):
        perceptron = drawn(classes, features)
        for label in range(classes):
            x = torch.randn(features, dtype=torch.float64)
            want = formula(perceptron.weights, x, label)
            assert perceptron.loss(x, label) == pytest.approx(float(want), abs=1e-14)


def test_the_loss_is_zero_exactly_where_the_prediction_is_right():
    perceptron = drawn(4, 3)
    right = 0
    for x in torch.randn(200, 3, dtype=torch.float64):
        for label in range(4):
            assert (perceptron.loss(x, label) == 0) == (perceptron.predict(x) == label)
            right += perceptron.predict(x) == label
    assert right == 200


def test_the_gradient_is_the_one_of_autograd():
    for classes, features in ((2, 3), (5, 2), (3, 7)):
        for _ in range(50):
            perceptron = drawn(classes, features)
            x = torch.randn(features, dtype=torch.float64)
            label = int(torch.randint(classes, ()))
            weights = perceptron.weights.clone().requires_grad_()
            (want,) = torch.autograd.grad(formula(weights, x, label), weights)
            gradient = perceptron.gradient(x, label)
            assert gradient.shape == (classes, features)
            assert torch.equal(gradient, want)


def test_an_update_is_gradient_descent_with_learning_rate_1():
    perceptron, mistakes = MulticlassPerceptron(3, 4), 0
    for x in torch.randint(-3, 4, (300, 4)).double():
        label = int(torch.randint(3, ()))
        gradient, before = perceptron.gradient(x, label), perceptron.weights.clone()
        mistakes += perceptron.update(x, label)
        assert torch.equal(perceptron.weights, before - gradient)
    assert 0 < mistakes < 300


def test_what_one_class_gains_another_loses():
    perceptron = MulticlassPerceptron(4, 3)
    for x in torch.randint(-3, 4, (100, 3)).double():
        perceptron.update(x, int(torch.randint(4, ())))
    assert perceptron.weights.any()
    assert not perceptron.weights.sum(0).any()


def test_the_order_of_the_examples_matters():
    inputs, labels = of_whole_numbers([1, 2], [2, -1], [0, 1]), torch.tensor([2, 1, 1])
    forwards, backwards = MulticlassPerceptron(3, 2), MulticlassPerceptron(3, 2)
    forwards.fit(inputs, labels, epochs=1)
    backwards.fit(inputs.flip(0), labels.flip(0), epochs=1)
    assert not torch.equal(forwards.weights, backwards.weights)


def test_fit_ends_after_the_first_pass_without_a_mistake():
    teacher = drawn(3, 4)
    inputs = torch.randn(60, 4, dtype=torch.float64)
    labels = torch.tensor([teacher.predict(x) for x in inputs])
    assert len(labels.unique()) == 3
    student = MulticlassPerceptron(3, 4)
    passes = student.fit(inputs, labels)
    assert 2 <= passes < 1000
    assert [student.predict(x) for x in inputs] == labels.tolist()
    assert student.fit(inputs, labels) == 1


def test_fit_gives_up_where_no_weights_are_right():
    same = of_whole_numbers([1, 1], [1, 1])
    assert MulticlassPerceptron(2, 2).fit(same, torch.tensor([0, 1]), epochs=7) == 7
