import pickle

import pytest
import torch
from safetensors.torch import save_file

from models import NMT
from tests.models.nmt.drawing import batch, small_model

OLDER_ARGS = {"embed_size": 5, "hidden_size": 7, "dropout_rate": 0.2}


def saved_as_the_homework_did(model, path, vocab):
    torch.save({"args": OLDER_ARGS, "vocab": vocab, "state_dict": model.state_dict()}, path)


def cut_short(path):
    torch.save(small_model().state_dict(), path)
    path.write_bytes(path.read_bytes()[:-3])


@pytest.mark.parametrize("attention", ["multiplicative", "dot", "additive"])
def test_a_saved_model_comes_back(tmp_path, attention):
    model = small_model(attention=attention, dropout_rate=0.4)
    model.save(tmp_path / "model.bin")
    state = torch.random.get_rng_state()
    loaded = NMT.load(tmp_path / "model.bin")
    assert torch.equal(torch.random.get_rng_state(), state)
    assert loaded.vocab.to_dict() == model.vocab.to_dict()
    assert (loaded.attention, loaded.dropout.p) == (attention, 0.4)
    assert loaded.training
    pairs = batch(model.vocab, size=3, longest=5)
    assert torch.equal(loaded.eval()(*pairs), model.eval()(*pairs))
    loaded(*pairs).sum().backward()
    assert all(parameter.grad is not None for parameter in loaded.parameters())
    assert [path.name for path in tmp_path.iterdir()] == ["model.bin"]


def test_a_loaded_model_does_not_follow_its_file(tmp_path):
    path, first, second = tmp_path / "model.bin", small_model(), small_model()
    first.save(path)
    loaded = NMT.load(path)
    second.save(path)
    assert torch.equal(loaded.decoder.bias_hh, first.decoder.bias_hh)


def test_a_model_that_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.bin"
    small_model().save(path)
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="no space left"):
        small_model().save(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["model.bin"]


@pytest.mark.parametrize("zipped", [True, False])
def test_an_older_file_of_plain_content_is_read(tmp_path, zipped):
    model, path = small_model(), tmp_path / "model.bin"
    content = {
        "args": OLDER_ARGS, "vocab": model.vocab.to_dict(), "state_dict": model.state_dict(),
    }  # fmt: skip
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    pairs = batch(model.vocab, size=3, longest=5)
    assert torch.equal(NMT.load(path).eval()(*pairs), model.eval()(*pairs))


class Runs:
    """Unpickling one of these calls a function."""

    def __reduce__(self):
        return (exec, ("import builtins; builtins.ran = True",))


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda path: torch.save({"args": Runs()}, path), id="torch"),
        pytest.param(lambda path: path.write_bytes(pickle.dumps(Runs())), id="pickle"),
        pytest.param(
            lambda path: saved_as_the_homework_did(small_model(), path, small_model().vocab),
            id="a-vocabulary-object",
        ),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(b"no model at all"), id="text"),
        pytest.param(lambda path: path.write_bytes(b"aa"), id="short-text"),
        pytest.param(lambda path: path.write_bytes(b"."), id="a-dot"),
        pytest.param(lambda path: path.write_bytes(b"}q\0X\5"), id="half-a-word"),
        pytest.param(lambda path: cut_short(path), id="cut-short"),
    ],
)
def test_what_could_run_code_is_not_opened(tmp_path, write):
    import builtins

    write(tmp_path / "model.bin")
    with pytest.raises(ValueError, match="a pickle can run any code"):
        NMT.load(tmp_path / "model.bin")
    assert not hasattr(builtins, "ran")


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param(None, id="none"),
        pytest.param(5, id="a-number"),
        pytest.param([1, 2], id="a-list"),
        pytest.param({"decoder.bias_hh": 2}, id="numbers"),
        pytest.param({1: torch.zeros(2)}, id="no-names"),
    ],
)
def test_a_state_dict_that_is_none_is_explained(tmp_path, weights):
    content = {"args": OLDER_ARGS, "vocab": small_model().vocab.to_dict(), "state_dict": weights}
    torch.save(content, tmp_path / "model.bin")
    with pytest.raises(ValueError, match="no dict of names and tensors"):
        NMT.load(tmp_path / "model.bin")


def about(**changed):
    import json

    model = small_model()
    content = {"args": OLDER_ARGS, "vocab": model.vocab.to_dict()} | changed
    return {"nmt": json.dumps(content)}


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param(None, "holds something else", id="other-tensors"),
        pytest.param({"nmt": "{"}, "holds something else", id="broken-json"),
        pytest.param({"nmt": "[]"}, "no translation model of this kind", id="a-list"),
        pytest.param(about(args={}), "the arguments of a model are", id="no-arguments"),
        pytest.param(about(args=OLDER_ARGS | {"x": 1}), "the arguments of", id="others"),
        pytest.param(
            about(args=OLDER_ARGS | {"embed_size": -5}), "embed_size is -5", id="negative"
        ),
        pytest.param(
            about(args=OLDER_ARGS | {"hidden_size": 8}), "size mismatch", id="another-size"
        ),
        pytest.param(
            about(args=OLDER_ARGS | {"embed_size": 10**12}), "size mismatch", id="a-huge-size"
        ),
        pytest.param(
            about(args=OLDER_ARGS | {"attention": "additive"}), "Missing key", id="other-attention"
        ),
        pytest.param(about(vocab={}), "a vocabulary is", id="no-vocabulary"),
    ],
)
def test_a_file_that_does_not_fit_is_explained(tmp_path, metadata, told):
    save_file(small_model().state_dict(), tmp_path / "model.bin", metadata)
    with pytest.raises(ValueError, match=told):
        NMT.load(tmp_path / "model.bin")


def test_half_a_file_is_explained(tmp_path):
    path = tmp_path / "model.bin"
    small_model().save(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="is broken"):
        NMT.load(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        NMT.load(tmp_path / "model.bin")
