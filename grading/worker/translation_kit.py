"""What the `answer` step of a check of the translator may use besides.

The homework hands out vocab.py with its code; here is a vocabulary that works like it, so that a
student's given lines run. Homeworks of that time ran on PyTorch 1.3, see `OlderTorch`.

Shapes: `B` sentences, `S` source words, `T` target words, `E` embedding width, `H` hidden width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from grading.frames import Tensors
from grading.worker.trouble import NotThere, WrongType

SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
MOST_STEPS = 200
FILLING = (Tensor.masked_fill, Tensor.masked_fill_, torch.masked_fill)
DIVIDING = (Tensor.__truediv__, Tensor.div, torch.div, Tensor.true_divide)


class WordIds:
    """The words of one language and their ids, with the names of the homework's `VocabEntry`.

    Args:
        count: how many words, the special ones included.
        letter: what the others begin with.
    """

    def __init__(self, count: int, letter: str) -> None:
        words = [*SPECIAL, *(f"{letter}{number}" for number in range(len(SPECIAL), count))]
        self.word2id = {word: number for number, word in enumerate(words)}
        self.id2word = dict(enumerate(words))
        self.pad_id, self.start_id, self.end_id, self.unk_id = range(len(SPECIAL))

    def __getitem__(self, word: str) -> int:
        return self.word2id.get(word, self.unk_id)

    def __contains__(self, word: object) -> bool:
        return word in self.word2id

    def __len__(self) -> int:
        return len(self.word2id)

    def __iter__(self) -> Iterator[str]:
        return iter(self.word2id)

    def words2indices(self, sents: Sequence[Any]) -> list[Any]:
        """Look up the words of one sentence, or of each of several."""
        if sents and not isinstance(sents[0], str):
            return [[self[word] for word in sent] for sent in sents]
        return [self[word] for word in sents]

    def indices2words(self, ids: Sequence[int]) -> list[str]:
        """Give the words of ids back."""
        return [self.id2word[number] for number in ids]

    def to_input_tensor(self, sents: Sequence[Sequence[str]], device: Any = None) -> Tensor:
        """Look up a batch: ``(L, B) int64``, a column a sentence, padded at the bottom."""
        rows = [torch.tensor([self[word] for word in sent], dtype=torch.int64) for sent in sents]
        return nn.utils.rnn.pad_sequence(rows, padding_value=self.pad_id).to(device)


class TwoVocabularies:
    """The words of both languages.

    Args:
        source: how many source words, special ones included.
        target: how many target words.
    """

    def __init__(self, source: int, target: int) -> None:
        self.src = WordIds(source, "s")
        self.tgt = WordIds(target, "t")


class OlderTorch(TorchFunctionMode):
    """What the homework's given lines may expect of PyTorch 1.3.

    A mask could be a tensor of bytes then, and whole numbers divided by whole numbers were whole.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Carry one call out as it was meant."""
        kwargs = kwargs or {}
        if func in FILLING:
            args = tuple(_as_mask(each) for each in args)
            kwargs = {**kwargs, **({"mask": _as_mask(kwargs["mask"])} if "mask" in kwargs else {})}
        if func in DIVIDING and not kwargs and all(map(_is_whole, args)):
            return torch.floor_divide(*args)
        return func(*args, **kwargs)


def _as_mask(value: Any) -> Any:
    is_bytes = isinstance(value, Tensor) and value.dtype == torch.uint8
    return value.bool() if is_bytes else value


def _is_whole(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not value.is_floating_point() and not value.is_complex()
    return isinstance(value, int)


def translator(kind: Callable[..., Any], asked: Tensors, dropout_rate: float = 0.0) -> Any:
    """A student's translator with given weights, in evaluation mode.

    Args:
        kind: the student's class.
        asked: ``sizes``, which are E, H and the sizes of both vocabularies; and the weights by
            their names, which have a dot. A parameter without a weight there becomes zero.
        dropout_rate: its last argument.
    """
    embed_size, hidden_size, *words = asked["sizes"].tolist()
    model = kind(
        embed_size=embed_size,
        hidden_size=hidden_size,
        vocab=TwoVocabularies(*words),
        dropout_rate=dropout_rate,
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    weights = {name: value for name, value in asked.items() if "." in name}
    model.load_state_dict(weights, strict=False)
    return model.to(asked["sizes"].device).eval()


class FakeStep:
    """Stands in place of a translator's `step`: notes what it gets, and returns what it was given.

    Args:
        asked: ``states`` and ``cells`` (N, B, H), ``outputs`` (N, B, H) and ``scores`` (B, S), what
            it returns one after the other, and from the beginning again if it is called more often.
    """

    def __init__(self, asked: Tensors) -> None:
        self._asked = asked
        self.calls: list[Tensors] = []

    def __call__(
        self,
        Ybar_t: Any,  # noqa: N803 - the homework's name
        dec_state: Any,
        enc_hiddens: Any,
        enc_hiddens_proj: Any,
        enc_masks: Any,
    ) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor]:
        """Note one call.

        Raises:
            WrongType: if an argument is something else than a step can work with.
        """
        number = len(self.calls)
        if number >= MOST_STEPS:
            raise WrongType(f"decode called step more than {MOST_STEPS} times")
        hidden, cell = pair_of(dec_state, "the state that decode gives to step")
        given = {
            "Ybar_t": Ybar_t,
            "hidden": hidden,
            "cell": cell,
            "enc_hiddens": enc_hiddens,
            "enc_hiddens_proj": enc_hiddens_proj,
            "enc_masks": enc_masks,
        }
        for name, value in given.items():
            if not isinstance(value, Tensor):
                raise WrongType(f"decode gave step {_named_type(value)} for {name}, not a tensor")
        self.calls.append({name: value.detach().clone() for name, value in given.items()})
        place = number % len(self._asked["outputs"])
        state = self._asked["states"][place], self._asked["cells"][place]
        return state, self._asked["outputs"][place].clone(), self._asked["scores"]

    def seen(self) -> Tensors:
        """What came in, each argument of all calls stacked; and ``calls``, how many there were.

        Raises:
            WrongType: if an argument changed its shape from call to call.
        """
        found: Tensors = {"calls": torch.tensor(len(self.calls))}
        for name in self.calls[0] if self.calls else ():
            shapes = [tuple(call[name].shape) for call in self.calls]
            odd = next((shape for shape in shapes if shape != shapes[0]), None)
            if odd is not None:
                raise WrongType(
                    f"decode gave step {name} of shape {shapes[0]}, and then of shape {odd}"
                )
            found[name] = torch.stack([call[name] for call in self.calls])
        return found


def pair_of(value: Any, what: str) -> tuple[Tensor, Tensor]:
    """Pass a hidden state and a cell on.

    Raises:
        WrongType: if it is anything but two tensors.
    """
    two = isinstance(value, (tuple, list)) and len(value) == 2
    if two and all(isinstance(each, Tensor) for each in value):
        return value[0], value[1]
    raise WrongType(f"{what} is {_named_type(value)}; it should be two tensors, hidden and cell")


def results_of(value: Any, count: int, what: str) -> tuple[Any, ...]:
    """Pass the results of a function that returns several on.

    Raises:
        WrongType: if it returned something else.
    """
    if isinstance(value, (tuple, list)) and len(value) == count:
        return tuple(value)
    got = f"{len(value)} values" if isinstance(value, (tuple, list)) else _named_type(value)
    raise WrongType(f"{what} returned {got}; it should return {count} values")


def numbers_of_lists(value: Any, what: str, ids: Mapping[str, int] | None = None) -> Tensors:
    """Lists of numbers as ``flat`` (N,) int64, all of them in a row, and ``lengths`` (B,) int64.

    Args:
        value: what the student's function returned.
        what: names the function in the feedback.
        ids: numbers to put in the place of words.

    Raises:
        WrongType: if it is anything but lists of whole numbers, or of words that have an id.
    """
    if not isinstance(value, (list, tuple)):
        raise WrongType(f"{what} returned {_named_type(value)}; it should return a list of lists")
    flat: list[int] = []
    for row in value:
        if not isinstance(row, (list, tuple)):
            raise WrongType(f"{what} returned a list with {_named_type(row)} in it, not of lists")
        numbers = [ids.get(each) if ids and isinstance(each, str) else each for each in row]
        for number, each in zip(numbers, row, strict=True):
            if type(number) is not int or abs(number) >= 1 << 40:
                raise WrongType(f"{what} returned lists with {_named_type(each)} in them")
            flat.append(number)
    lengths = torch.tensor([len(row) for row in value], dtype=torch.int64)
    return {"flat": torch.tensor(flat, dtype=torch.int64), "lengths": lengths}


def hypotheses_of(value: Any, words: WordIds, what: str) -> Tensors:
    """What beam search found: ``scores`` (N,) float64; the words as `numbers_of_lists` has them.

    A word that the vocabulary does not have becomes -1.

    Raises:
        WrongType: if it is no list of hypotheses, each with `value` and `score`.
    """
    if not isinstance(value, (list, tuple)):
        raise WrongType(f"{what} returned {_named_type(value)}; it should return a list")
    rows, scores = [], []
    for each in value:
        sentence, score = getattr(each, "value", None), getattr(each, "score", None)
        if not isinstance(sentence, (list, tuple)) or not isinstance(score, (int, float, Tensor)):
            raise WrongType(f"{what} returned a list with {_named_type(each)} in it")
        rows.append([words.word2id.get(word, -1) for word in sentence])
        scores.append(float(score))
    found = numbers_of_lists(rows, what)
    return {**found, "scores": torch.tensor(scores, dtype=torch.float64)}


def handed_in(student: Any, name: str, how: str) -> Tensor:
    """The bytes of a text file that a submission holds beside its code, ``(N,) uint8``.

    Args:
        student: the submission.
        name: the file's path below its root.
        how: what makes it.

    Raises:
        NotThere: if the submission holds no such file.
    """
    file: Path = student._folder / name
    if not file.is_file():
        raise NotThere(f"there is no {name} yet; {how}")
    return torch.frombuffer(bytearray(file.read_bytes() or b"\n"), dtype=torch.uint8)


def _named_type(value: Any) -> str:
    return "None" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"
