import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset, default_collate, random_split

import data
from data.examples import Examples, TrainingExamples, accuracy

COUNT, WIDTH, CLASSES = 23, 7, 5


def numbered(kind: type[Examples] = Examples, **options: Any) -> Examples:
    """Example i has i as its first input and the class i modulo 5."""
    x = np.random.default_rng(0).random((COUNT, WIDTH)).astype(np.float32)
    x[:, 0] = np.arange(COUNT)
    return kind(x, np.eye(CLASSES)[np.arange(COUNT) % CLASSES], **options)


def right_answer(inputs: Tensor) -> Tensor:
    return torch.eye(CLASSES)[inputs[:, 0].long() % CLASSES]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        pytest.param(3, (), id="number"),
        pytest.param(np.int64(3), (), id="numpy-number"),
        pytest.param(-1, (), id="from-the-end"),
        pytest.param(slice(2, 5), (3,), id="slice"),
        pytest.param(torch.tensor([4, 0]), (2,), id="positions"),
        pytest.param([4, 0, 2], (3,), id="list"),
    ],
)
def test_an_index_gives_a_dict_of_float32_copies(index: Any, expected: tuple[int, ...]) -> None:
    examples = numbered()
    row = examples[index]
    assert set(row) == {"x", "label"}
    assert row["x"].shape == (*expected, WIDTH)
    assert row["label"].shape == (*expected, CLASSES)
    assert row["x"].dtype == row["label"].dtype == torch.float32
    np.testing.assert_array_equal(row["x"].numpy(), examples.x[index])
    before = examples.x.copy()
    row["x"].zero_()
    np.testing.assert_array_equal(examples.x, before)


def test_examples_have_numpy_arrays_and_end_where_they_end() -> None:
    examples = numbered()
    assert isinstance(examples.x, np.ndarray)
    assert examples.x.dtype == examples.y.dtype == np.float32
    assert len(examples) == COUNT == len(list(examples))
    with pytest.raises(IndexError):
        examples[COUNT]


def test_examples_are_made_from_arrays_and_tensors_alike() -> None:
    x, y = torch.rand(3, 2, dtype=torch.float64), torch.ones(3, 1, dtype=torch.int64)
    read_only = x.numpy().copy()
    read_only.flags.writeable = False
    np.testing.assert_array_equal(Examples(x, y).x, Examples(read_only, y.numpy()).x)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        pytest.param(np.ones((3, 2)), np.ones((2, 1)), "x has 3 examples and y has 2", id="count"),
        pytest.param(np.ones((0, 2)), np.ones((0, 1)), "at least one", id="empty"),
        pytest.param(np.ones(()), np.ones((1, 1)), "must be arrays", id="number"),
    ],
)
def test_examples_that_do_not_fit_are_refused(x: Any, y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Examples(x, y)


@pytest.mark.parametrize(
    "kind",
    [pytest.param(Examples, id="examples"), pytest.param(TrainingExamples, id="training")],
)
def test_a_plain_loader_gives_every_example_once(kind: type[Examples]) -> None:
    examples = numbered(kind)
    batches = list(DataLoader(examples, batch_size=4, shuffle=True))
    assert [len(batch["x"]) for batch in batches] == [4, 4, 4, 4, 4, 3]
    assert all(type(batch) is dict for batch in batches)
    seen = torch.cat([batch["x"] for batch in batches])
    order = seen[:, 0].long()
    assert sorted(order.tolist()) == list(range(COUNT))
    np.testing.assert_array_equal(seen.numpy(), examples.x[order])
    labels = torch.cat([batch["label"] for batch in batches])
    np.testing.assert_array_equal(labels.numpy(), examples.y[order])


def test_a_plain_loader_reads_the_batch_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("tensors were stacked")

    monkeypatch.setattr(torch, "stack", never)
    assert len(list(DataLoader(numbered(), batch_size=5))) == 5


def test_the_last_small_batch_can_be_dropped() -> None:
    loader = DataLoader(numbered(), batch_size=4, drop_last=True)
    assert [len(batch["x"]) for batch in loader] == [4] * 5


def test_without_batching_the_loader_gives_single_examples() -> None:
    shapes = {batch["x"].shape for batch in DataLoader(numbered(), batch_size=None)}
    assert shapes == {(WIDTH,)}


def test_two_worker_processes_give_the_same_batches() -> None:
    alone = [batch["x"] for batch in DataLoader(numbered(TrainingExamples), batch_size=6)]
    told: list[float] = []
    examples = numbered(TrainingExamples, observer=lambda epochs, _: told.append(epochs))
    shared = [batch["x"] for batch in DataLoader(examples, batch_size=6, num_workers=2)]
    assert len(alone) == len(shared)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(alone, shared, strict=True))
    assert told == []


def test_parts_of_a_dataset_are_read_as_a_whole_too() -> None:
    examples = numbered()
    (batch,) = DataLoader(Subset(examples, [5, 1, 9]), batch_size=3)
    assert batch["x"][:, 0].tolist() == [5, 1, 9]
    parts = random_split(examples, [20, 3])
    assert [len(batch["x"]) for batch in DataLoader(parts[0], batch_size=10)] == [10, 10]


def test_a_collate_function_of_the_caller_s_sees_ordinary_dicts() -> None:
    seen: list[Any] = []

    def collate(rows: Any) -> Tensor:
        seen.extend(rows)
        assert len(rows) == 4
        assert [row["x"][0] for row in rows[1:3]] == [rows[1]["x"][0], rows[-2]["x"][0]]
        return torch.stack([row["x"] for row in rows])

    first = next(iter(DataLoader(numbered(), batch_size=4, collate_fn=collate)))
    assert first.shape == (4, WIDTH)
    assert all(isinstance(row, dict) and set(row) == {"x", "label"} for row in seen)


def test_what_a_collate_function_changes_in_the_rows_counts() -> None:
    def negated(rows: Any) -> Any:
        for row in rows:
            row["x"] = -row["x"]
            row["length"] = 3
        return default_collate(rows)

    batch = next(iter(DataLoader(numbered(), batch_size=4, collate_fn=negated)))
    assert batch["x"][:, 0].tolist() == [0, -1, -2, -3]
    assert batch["length"].tolist() == [3, 3, 3, 3]


def test_a_change_to_the_first_row_alone_counts_as_well() -> None:
    def first_emptied(rows: Any) -> Any:
        rows[0]["x"] = torch.zeros(WIDTH)
        return default_collate(rows)

    batch = next(iter(DataLoader(numbered(), batch_size=4, collate_fn=first_emptied)))
    assert not batch["x"][0].any()
    assert batch["x"][1].any()


def test_a_list_of_single_examples_is_collated_as_usual() -> None:
    examples = numbered()
    batch = default_collate([examples[2], examples[0]])
    assert type(batch) is dict
    assert batch["x"][:, 0].tolist() == [2, 0]
    assert batch["label"].shape == (2, CLASSES)


def test_evaluation_batches_hold_every_example_in_order() -> None:
    inputs, labels = zip(*numbered().batches(batch_size=10), strict=True)
    assert [len(part) for part in inputs] == [10, 10, 3]
    assert torch.cat(inputs)[:, 0].tolist() == list(range(COUNT))
    assert torch.cat(labels).shape == (COUNT, CLASSES)


def test_accuracy_is_the_share_of_right_answers() -> None:
    assert accuracy(right_answer, numbered()) == 1
    always_first = lambda inputs: torch.eye(CLASSES)[[0] * len(inputs)]  # noqa: E731
    assert accuracy(always_first, numbered()) == pytest.approx(5 / 23)


def test_scores_that_are_no_numbers_are_wrong() -> None:
    assert accuracy(lambda inputs: right_answer(inputs) * float("nan"), numbered()) == 0


@pytest.mark.parametrize(
    ("predict", "labels", "message"),
    [
        pytest.param(lambda x: x[:, :2], CLASSES, r"shape \(23, 5\)", id="scores"),
        pytest.param(lambda x: x[:, :1], 1, "one-hot labels", id="labels"),
    ],
)
def test_accuracy_refuses_what_it_cannot_compare(predict: Any, labels: int, message: str) -> None:
    examples = Examples(np.ones((COUNT, WIDTH)), np.ones((COUNT, labels)))
    with pytest.raises(ValueError, match=message):
        accuracy(predict, examples)


def test_training_examples_measure_on_the_validation_split_and_tell() -> None:
    told: list[tuple[float, float | None]] = []
    examples = numbered(
        TrainingExamples,
        validation=numbered(),
        predict=right_answer,
        observer=lambda *report: told.append(report),
    )
    assert isinstance(examples, TrainingExamples)
    assert examples.get_validation_accuracy() == 1
    assert told == [(0.0, 1.0)]
    for _ in DataLoader(examples, batch_size=4):
        pass
    assert examples.epochs_seen == 1
    assert 2 <= len(told) <= 3  # by time, not by batch
    assert examples[0]["x"].shape == (WIDTH,)
    assert len(examples[:4]["x"]) == 4
    assert examples.epochs_seen == pytest.approx(1 + 5 / 23)


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        pytest.param({"predict": right_answer}, "validation examples", id="no-validation"),
        pytest.param({"validation": numbered()}, "predict function", id="no-predict"),
    ],
)
def test_training_examples_say_what_they_need_to_measure(
    options: dict[str, Any], missing: str
) -> None:
    with pytest.raises(ValueError, match=f"no {missing}"):
        TrainingExamples(np.ones((2, 2)), np.ones((2, 2)), **options).get_validation_accuracy()


def test_training_examples_travel_to_another_process_without_their_callbacks() -> None:
    told: list[float] = []
    examples = numbered(TrainingExamples, observer=lambda epochs, _: told.append(epochs))
    travelled = pickle.loads(pickle.dumps(examples))  # noqa: S301 (our own bytes)
    np.testing.assert_array_equal(travelled.x, examples.x)
    travelled[0]
    assert told == []
    assert copy.copy(numbered())[1]["x"][0] == 1


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        data.nothing  # noqa: B018
    assert set(data.__all__) <= set(dir(data))


def test_moving_to_a_device_keeps_items_and_arrays() -> None:
    examples = Examples(torch.arange(6.0).reshape(3, 2), torch.ones(3, 1))
    assert examples.to("cpu") is examples
    assert examples.to("meta")[1]["x"].device.type == "meta"
    assert examples.x.tolist() == [[0, 1], [2, 3], [4, 5]]
