"""Examples of a question: inputs and labels that a `DataLoader` reads a whole slice at a time.

PyTorch's loader asks a dataset for one sample after another and stacks them, which for small
samples costs far more than the training step. Here `__getitems__` gathers the whole batch with
one indexed read, and a rule registered with the default collate function passes it on as it is.

Shapes: `B` batch, `N` number of examples, `L` letters of a word.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, get_worker_info
from torch.utils.data._utils import collate

if TYPE_CHECKING:
    from typing_extensions import Self

Array: TypeAlias = "NDArray[Any] | Tensor"
Predict: TypeAlias = Callable[[Tensor], Tensor]
Observer: TypeAlias = "Callable[[float, float | None], None]"

EVALUATION_BATCH = 500
SECONDS_BETWEEN_REPORTS = 0.1


class Row(dict[str, Tensor]):
    """One example, ``{'x': …, 'label': …}``; its own type only so that a rule can be registered."""


class Rows(Sequence[Row]):
    """The examples of one batch: read at once, taken apart only if somebody asks for a single one.

    Args:
        batch: ``{'x': (B, …), 'label': (B, …)}``, both float32.
    """

    def __init__(self, batch: dict[str, Tensor]) -> None:
        self._batch = batch
        self._rows: dict[int, Row] = {}
        self._handed_out = 0

    def __len__(self) -> int:
        return len(self._batch["x"])

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        self._handed_out += 1
        if position not in self._rows:
            self._rows[position] = Row({key: part[position] for key, part in self._batch.items()})
        return self._rows[position]

    def collated(self) -> dict[str, Tensor] | None:
        """The batch as it was read, or None if its rows may have been changed since.

        The default collate function looks at one row, the first, to choose a rule. Whoever asked
        for more may have put something else into them, and then the rows count.
        """
        return self._batch if self._handed_out <= 1 else None


def _collate_rows(batch: Sequence[Row], *, collate_fn_map: Mapping[Any, Any]) -> dict[str, Any]:
    """Pass a whole `Rows` on; stack anything else the way that dicts are stacked."""
    whole = batch.collated() if isinstance(batch, Rows) else None
    if whole is not None:
        return whole
    return {
        key: collate.collate([row[key] for row in batch], collate_fn_map=dict(collate_fn_map))
        for key in batch[0]
    }


collate.default_collate_fn_map[Row] = _collate_rows


class Examples(Dataset[Row]):
    """Inputs with their labels.

    ``examples[3]``, ``examples[:4]`` and ``examples[tensor_of_positions]`` all give a dict
    ``{'x': float32, 'label': float32}`` whose tensors are copies: what a caller does to them
    leaves the examples as they were.

    Args:
        x: (N, …) inputs, a NumPy array or a tensor; kept as float32.
        y: (N, …) labels or target values, likewise.

    Attributes:
        x: (N, …) float32 NumPy array.
        y: (N, …) float32 NumPy array.

    Raises:
        ValueError: if ``x`` and ``y`` disagree about N, or there is no example at all.
    """

    def __init__(self, x: Array, y: Array) -> None:
        self._inputs, self._labels = _as_float32(x), _as_float32(y)
        if self._inputs.ndim == 0 or self._labels.ndim == 0:
            raise ValueError("x and y must be arrays; got a single number")
        if len(self._inputs) != len(self._labels) or len(self._inputs) == 0:
            raise ValueError(
                f"x has {len(self._inputs)} examples and y has {len(self._labels)}; "
                "give one label for each input, and at least one of both"
            )
        self.x: NDArray[np.float32] = self._inputs.numpy()
        self.y: NDArray[np.float32] = self._labels.numpy()

    def __len__(self) -> int:
        return len(self._inputs)

    def __getitem__(self, index: Any) -> Row:
        inputs, labels = self._inputs[index], self._labels[index]
        # An integer or a slice gives a view, positions give a copy already.
        if inputs.untyped_storage().data_ptr() == self._inputs.untyped_storage().data_ptr():
            inputs, labels = inputs.clone(), labels.clone()
        return Row(x=inputs, label=labels)

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        positions = torch.as_tensor(indices, device=self._inputs.device)
        return Rows(
            {
                "x": self._inputs.index_select(0, positions),
                "label": self._labels.index_select(0, positions),
            }
        )

    def to(self, device: torch.device | str) -> Self:
        """Keep the tensors that items are taken from on a device; ``x`` and ``y`` stay arrays.

        Returns:
            The examples themselves.
        """
        self._inputs, self._labels = self._inputs.to(device), self._labels.to(device)
        return self

    def batches(self, batch_size: int = EVALUATION_BATCH) -> Iterator[tuple[Tensor, Tensor]]:
        """Every example once and in order, as (B, …) inputs and (B, …) labels."""
        for start in range(0, len(self), batch_size):
            stop = start + batch_size
            yield self._inputs[start:stop], self._labels[start:stop]


class TrainingExamples(Examples):
    """Examples to train on, which can also tell how well the model does on the validation split.

    Data never sees a model: whoever builds this says with ``predict`` how inputs become scores.

    Args:
        x: (N, …) inputs.
        y: (N, …) labels.
        validation: the examples to measure on, labels one-hot.
        predict: maps one batch of inputs to (B, C) scores.
        observer: told ``(epochs_seen, validation_accuracy or None)``: at most ten times a second
            while examples are read, and each time that the accuracy is measured. Reads inside a
            `DataLoader`'s worker processes are not counted.
    """

    def __init__(
        self,
        x: Array,
        y: Array,
        *,
        validation: Examples | None = None,
        predict: Predict | None = None,
        observer: Observer | None = None,
    ) -> None:
        super().__init__(x, y)
        self._validation = validation
        self._predict = predict
        self._observer = observer
        self._served = 0
        self._next_report = 0.0

    def __getitem__(self, index: Any) -> Row:
        row = super().__getitem__(index)
        single = row["x"].ndim < self._inputs.ndim
        self._count(1 if single else len(row["x"]))
        return row

    def __getitems__(self, indices: Sequence[int]) -> Rows:
        self._count(len(indices))
        return super().__getitems__(indices)

    def __getstate__(self) -> dict[str, Any]:
        # Where loader workers are spawned the dataset is pickled, and callbacks rarely can be.
        return {**self.__dict__, "_predict": None, "_observer": None}

    @property
    def epochs_seen(self) -> float:
        """How many times over the examples have been read so far."""
        return self._served / len(self)

    def get_validation_accuracy(self) -> float:
        """The share of the validation examples that the model gets right, from 0 to 1.

        Raises:
            ValueError: if there is nothing to measure on or nothing to measure with.
        """
        if self._validation is None or self._predict is None:
            missing = "validation examples" if self._validation is None else "predict function"
            raise ValueError(
                f"this dataset has no {missing}; build it with both validation= and predict="
            )
        measured = accuracy(self._predict, self._validation)
        if self._observer is not None:
            self._observer(self.epochs_seen, measured)
        return measured

    def _count(self, examples: int) -> None:
        self._served += examples
        if self._observer is None or time.monotonic() < self._next_report:
            return
        if get_worker_info() is None:
            self._next_report = time.monotonic() + SECONDS_BETWEEN_REPORTS
            self._observer(self.epochs_seen, None)


def accuracy(predict: Predict, examples: Examples) -> float:
    """The share of examples whose highest score is at the label's 1.

    Args:
        predict: maps one batch of inputs, as `Examples.batches` yields them, to (B, C) scores;
            a row with a NaN counts as wrong.
        examples: examples whose labels are one-hot, (N, C).

    Returns:
        A number from 0 to 1.

    Raises:
        ValueError: if the labels are not one-hot or the scores have another shape.
    """
    if examples.y.ndim != 2 or examples.y.shape[1] < 2:
        raise ValueError(
            f"accuracy needs one-hot labels of shape (N, C) with C >= 2; got {examples.y.shape}"
        )
    right = 0
    with torch.no_grad():
        for inputs, labels in examples.batches():
            scores = predict(inputs)
            if scores.shape != labels.shape:
                raise ValueError(
                    f"predict must return scores of shape {tuple(labels.shape)}, one row for each "
                    f"example; got {tuple(scores.shape)}"
                )
            scores = scores.to(labels.device)
            hit = (scores.argmax(1) == labels.argmax(1)) & ~scores.isnan().any(1)
            right += int(hit.sum())
    return right / len(examples)


def _as_float32(values: Array) -> Tensor:
    if isinstance(values, Tensor):
        return values.detach().to("cpu", torch.float32).contiguous()
    # from_numpy warns about an array that cannot be written; require copies such a one.
    return torch.from_numpy(np.require(values, dtype=np.float32, requirements=["C", "W"]))
