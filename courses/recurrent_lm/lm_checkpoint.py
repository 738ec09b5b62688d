"""A trained language model in a folder: saved, loaded, and asked to write on.

The weights stand in one safetensors file, whose header says how large the model is and which
tokenizer made its tokens. Nothing is ever unpickled that could run code.

Shapes: `L` tokens of a prefix, `V` vocabulary, `E`, `H`, `dk`, `dv` widths of the model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Generator, Tensor

from data.files import write_atomically
from data.tokenizer import load_tokenizer
from models import RNNLanguageModel

CHECKPOINT, OLDER = "checkpoint.safetensors", "model.pt"
TOKENIZER, HOMEWORKS_TOKENIZER = "tokenizer", "my_tokenizer"


@dataclass(frozen=True)
class Sizes:
    """What a language model is built with: embeddings, hidden state, vocabulary, keys, values."""

    embed_dim: int
    hidden_dim: int
    vocab_size: int
    key_dim: int
    value_dim: int


@dataclass(frozen=True)
class Saved:
    """A model that was loaded.

    Attributes:
        model: in eval mode, on the CPU.
        tokenizer: the folder of the tokenizer that it was trained with; None if that is not known.
    """

    model: RNNLanguageModel
    tokenizer: Path | None


def save_model(folder: Path, model: RNNLanguageModel, tokenizer: Path | None) -> Path:
    """Save a model, atomically.

    Args:
        folder: where `CHECKPOINT` goes.
        model: the model, on any device.
        tokenizer: the folder of the tokenizer that made its tokens, if there is one.

    Returns:
        The file.
    """
    weights = {name: it.detach().cpu().contiguous() for name, it in model.state_dict().items()}
    known = None if tokenizer is None else str(tokenizer.resolve())
    config = asdict(measure(weights, "the model")) | {"tokenizer": known}
    header, path = {"config": json.dumps(config)}, folder / CHECKPOINT
    write_atomically(path, lambda partial: save_file(weights, partial, header))
    return path


def load_model(where: Path) -> Saved:
    """Load a model.

    Args:
        where: the folder that `save_model` wrote to, or one with an older run's ``model.pt``, or
            one of these files itself.

    Raises:
        ValueError: if there is no model, or it is not one of these.
    """
    found = [where] if where.is_file() else [where / name for name in (CHECKPOINT, OLDER)]
    path = next((it for it in found if it.is_file()), None)
    if path is None:
        raise ValueError(
            f"there is no model in {where}: it has no {CHECKPOINT}; train one, or name the folder "
            "of another training"
        )
    if path.suffix == ".safetensors":
        weights, config = _read_safetensors(path)
    else:
        weights, config = _read_older(path), {}
    sizes = measure(weights, path)
    for name, size in asdict(sizes).items():
        if config.get(name, size) != size:
            raise ValueError(
                f"{path} says that its {name} is {config[name]}, but its weights have {size}: the "
                "file is damaged; train again"
            )
    tokenizer = config.get("tokenizer")
    return Saved(_build(sizes, weights, path), Path(tokenizer) if tokenizer else None)


def measure(weights: Mapping[str, Tensor], where: Path | str) -> Sizes:
    """Read a model's sizes off its weights.

    Raises:
        ValueError: if they are not those of an `RNNLanguageModel`.
    """

    def shape(name: str) -> torch.Size:
        if name not in weights or weights[name].ndim != 2:
            raise ValueError(f"{where} holds no {name}: it is no language model of this homework")
        return weights[name].shape

    vocab_size, embed_dim = shape("embeddings.weight")
    return Sizes(
        embed_dim=embed_dim,
        hidden_dim=shape("rnn.cell.h2h.weight")[0],
        vocab_size=vocab_size,
        key_dim=shape("attention.query_transform.weight")[0],
        value_dim=shape("attention.value_transform.weight")[0],
    )


def _build(sizes: Sizes, weights: Mapping[str, Tensor], path: Path) -> RNNLanguageModel:
    """Make the model with these weights, without drawing others first."""
    with torch.device("meta"):
        model = RNNLanguageModel(**asdict(sizes))
    expected = {name: it.shape for name, it in model.state_dict().items()}
    for name in [*expected, *weights]:
        want, got = expected.get(name), weights[name].shape if name in weights else None
        if want != got:
            wanted, found = ("none" if it is None else tuple(it) for it in (want, got))
            raise ValueError(
                f"{path} holds other weights than the model: {name} should have the shape "
                f"{wanted}, and has {found}"
            )
    model.load_state_dict({name: it.float() for name, it in weights.items()}, assign=True)
    return model.requires_grad_(True).eval()


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            config = json.loads((file.metadata() or {}).get("config", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, config  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read ({error}); train again") from error


def _read_older(path: Path) -> dict[str, Tensor]:
    """Read the weights of a file that torch.save wrote, if it holds nothing else."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    # What a file that is cut short or is something else raises depends on where it breaks.
    except Exception as error:
        raise ValueError(
            f"{path} is damaged or holds more than weights, such as a whole pickled model, and is "
            "not loaded, for unpickling could run any code: train again, or save its state_dict "
            "where it was made, torch.save(model.state_dict(), 'model.pt')"
        ) from error
    held = held.get("state_dict", held) if isinstance(held, dict) else held
    if not isinstance(held, dict) or not all(isinstance(it, Tensor) for it in held.values()):
        raise ValueError(
            f"{path} holds no state_dict: save one with torch.save(model.state_dict(), 'model.pt')"
        )
    return held


def read_tokenizer(folder: Path) -> Any:
    """Load a tokenizer.

    Raises:
        OSError: if there is none.
        ValueError: if it, or the package for it, cannot be loaded.
    """
    try:
        return load_tokenizer(folder)
    except ImportError as error:  # says what to install
        raise ValueError(str(error)) from error


def find_tokenizer(*beside: Path) -> Path | None:
    """Find a tokenizer that nobody named: beside one of these files, or the homework's own."""
    usual = [*(path.parent / TOKENIZER for path in beside), Path(HOMEWORKS_TOKENIZER)]
    return next((folder for folder in usual if folder.is_dir()), None)


@dataclass(frozen=True)
class Writer:
    """Writes on after a text.

    Attributes:
        model: scores the next token.
        tokenizer: makes tokens of text and text of tokens, as `data.tokenizer` loads it.
    """

    model: RNNLanguageModel
    tokenizer: Any

    def __post_init__(self) -> None:
        ours, theirs = self.model.lm_head.out_features, len(self.tokenizer)
        if ours != theirs:
            raise ValueError(
                f"the model knows {ours} tokens, but the tokenizer {theirs}: name the tokenizer "
                "that the model was trained with"
            )

    def complete(
        self,
        prefix: str,
        num_tokens: int = 64,
        temperature: float = 0.0,
        generator: Generator | None = None,
    ) -> str:
        """Write on after a prefix.

        Args:
            prefix: the beginning of a text.
            num_tokens: the most tokens to write.
            temperature: 0 takes the likeliest token every time; the higher, the more surprising.
            generator: the source of the random draws; the global one without it.

        Returns:
            What follows the prefix. A text that the model ended itself ends with ``</s>``.

        Raises:
            ValueError: if the prefix is empty, or a number is out of range.
        """
        if num_tokens < 1:
            raise ValueError(f"num_tokens is {num_tokens}; give 1 or more")
        if not 0 <= temperature < float("inf"):  # nan is refused, too
            raise ValueError(f"temperature is {temperature}; give a number, 0 or more")
        # The sign for the end, which is appended elsewhere, would end the text before it goes on.
        tokens = self.tokenizer.encode(prefix, add_special_tokens=False)
        if not prefix.strip() or not tokens:
            raise ValueError("the prefix is empty; give the beginning of a text")
        device = next(self.model.parameters()).device
        read = torch.tensor([tokens], device=device)  # (1, L)
        written = self.model.generate(read, num_tokens, temperature, generator).tolist()
        end = self.tokenizer.eos_token_id
        # The model would go on with another text behind the end of this one.
        kept = written[: written.index(end) + 1] if end in written else written
        return self.tokenizer.decode(kept)


def seeded(seed: int, device: torch.device | None = None) -> Generator:
    """Make a generator whose draws the seed decides.

    Raises:
        ValueError: if the seed is out of range.
    """
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed is {seed}; give a whole number from 0 to 2^63 - 1")
    return Generator(device or "cpu").manual_seed(seed)


def open_writer(model: Any, tokenizer: Any = None) -> Writer:
    """Load what is needed to write on.

    Args:
        model: where it is, see `load_model`, or a model.
        tokenizer: its folder, or a tokenizer. If not given, the one that the model was trained
            with, else one beside the model, else the homework's in the current folder.

    Raises:
        OSError: if there is no tokenizer in its folder.
        ValueError: if there is no model or no tokenizer, or they do not fit together.
    """
    trained_with, beside = None, []
    if isinstance(model, (str, Path)):
        where = Path(model)
        saved = load_model(where)
        model, trained_with = saved.model, saved.tokenizer
        beside = [where if where.is_file() else where / CHECKPOINT]
    if tokenizer is None:
        known = trained_with is not None and trained_with.is_dir()
        tokenizer = trained_with if known else find_tokenizer(*beside)
        if tokenizer is None:
            gone = "" if trained_with is None else f": {trained_with} is gone"
            raise ValueError(f"there is no tokenizer{gone}; name its folder with --tokenizer")
    if isinstance(tokenizer, (str, Path)):
        tokenizer = read_tokenizer(Path(tokenizer))
    return Writer(model, tokenizer)
