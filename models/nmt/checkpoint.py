"""Question 11: a trained translator in a file.

One safetensors file, whatever its name: the parameters, and beside them as JSON what is needed to
make the model that they belong to: its arguments and its vocabulary. Reading it runs no code.

The homework's original program pickled its models, and a pickle can run anything. Such a file is
read only with PyTorch's restricted reader, and so only if it holds nothing but numbers, words,
lists and dicts of them: ``{'args': …, 'vocab': …, 'state_dict': …}``.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.nmt.files import write_atomically
from models.nmt.vocabulary import Vocab

if TYPE_CHECKING:
    from models.nmt.model import NMT

ABOUT = "nmt"
SIZES = ("embed_size", "hidden_size")


def save_model(model: NMT, path: str | Path) -> None:
    """Write a model to a file, whole or not at all.

    Args:
        model: the translator.
        path: the file; one that is there is replaced.
    """
    from safetensors.torch import save_file

    about = {
        "args": {
            "embed_size": model.model_embeddings.embed_size,
            "hidden_size": model.hidden_size,
            "dropout_rate": model.dropout_rate,
            "attention": model.attention,
        },
        "vocab": model.vocab.to_dict(),
    }
    weights = {
        name: weight.detach().cpu().contiguous() for name, weight in model.state_dict().items()
    }
    metadata = {ABOUT: json.dumps(about, ensure_ascii=False)}
    write_atomically(path, lambda draft: save_file(weights, draft, metadata))


def load_model(kind: type[NMT], path: str | Path) -> NMT:
    """Read a model from a file; no random number is drawn.

    Args:
        kind: the class to make.
        path: the file.

    Returns:
        The model, on the CPU and in training mode, as a new one.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file holds no model, or a pickle that could run code.
    """
    with Path(path).open("rb") as file:
        start = file.read(9)
    # A safetensors file begins with the length of a JSON object, in 8 bytes, and the object.
    about, weights = (_read if start[8:] == b"{" else _read_older)(Path(path))
    try:
        args = _checked(about["args"])
        # A model on the meta device has shapes and no numbers: those of the file take their place.
        with torch.device("meta"):
            model = kind(vocab=Vocab.from_dict(about["vocab"]), **args)
        model.load_state_dict(weights, assign=True)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path} holds no translation model of this kind: {error}") from error
    return model


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT])
            # safetensors maps the file; a copy stays when the file is replaced.
            names = file.keys()
            return about, {name: file.get_tensor(name).clone() for name in names}
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(
            f"{path} is broken or holds something else than a translation model: {error!r}; give "
            "a file that NMT.save wrote"
        ) from error


def _read_older(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the error below says it all
            content = torch.load(path, map_location="cpu", weights_only=True)
    # What a file that is cut short or is something else raises depends on where it breaks.
    except Exception as error:
        raise ValueError(
            f"{path} is no model that NMT.save wrote, and what else it may be is not opened, since "
            "a pickle can run any code. Train the model anew, or, where the file comes from your "
            "own hands, save it again with its vocabulary as a dict: "
            '{"args": {…}, "vocab": {"src_word2id": {…}, "tgt_word2id": {…}}, "state_dict": {…}}'
        ) from error
    if not isinstance(content, dict) or not {"args", "vocab", "state_dict"} <= content.keys():
        raise ValueError(f"{path} holds no args, vocab and state_dict, and so no translation model")
    weights = content["state_dict"]
    if not isinstance(weights, dict) or not all(
        isinstance(name, str) and isinstance(weight, Tensor) for name, weight in weights.items()
    ):
        raise ValueError(f"{path} has a state_dict that is no dict of names and tensors")
    return content, weights


def _checked(args: Any) -> dict[str, Any]:
    """Check the arguments of a model before something is made of them."""
    known = {*SIZES, "dropout_rate", "attention"}
    if not isinstance(args, dict) or not {*SIZES} <= args.keys() <= known:
        raise ValueError(f"the arguments of a model are {', '.join(sorted(known))}")
    for name in SIZES:
        if type(args[name]) is not int or args[name] < 1:
            raise ValueError(f"{name} is {args[name]!r}; it has to be a whole number above 0")
    return args
