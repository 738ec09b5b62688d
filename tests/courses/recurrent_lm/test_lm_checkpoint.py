import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from courses.recurrent_lm import lm_checkpoint, rnn
from courses.recurrent_lm.lm_checkpoint import load_model, open_writer, save_model
from models import RNNLanguageModel

LETTERS = ("<pad>", "</s>", *"abc ")
SIZES = (5, 7, len(LETTERS), 3, 2)


class Tokenizer:
    """One token a letter."""

    eos_token_id = 1

    def __init__(self, more=0):
        self.size = len(LETTERS) + more

    def __len__(self):
        return self.size

    def encode(self, text, *, add_special_tokens):
        assert not add_special_tokens  # </s> would end the text before it goes on
        return [LETTERS.index(letter) for letter in text]

    def decode(self, tokens):
        return "".join(LETTERS[token] for token in tokens)


@pytest.fixture
def model():
    return RNNLanguageModel(*SIZES)


@pytest.fixture
def folder(model, tmp_path, monkeypatch):
    """A saved model in the current folder, and a tokenizer that needs no package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lm_checkpoint, "load_tokenizer", lambda path: Tokenizer())
    Path("letters").mkdir()
    save_model(tmp_path / "run", model, Path("letters"))
    return tmp_path / "run"


def assert_same_weights(model, loaded):
    assert not loaded.training
    for name, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name]), name
    assert all(parameter.requires_grad for parameter in loaded.parameters())


def test_a_model_comes_back_as_it_was_and_draws_nothing(model, folder, tmp_path):
    state = torch.get_rng_state()
    saved = load_model(folder)
    assert torch.equal(state, torch.get_rng_state())
    assert_same_weights(model, saved.model)
    assert saved.tokenizer == tmp_path / "letters"
    tokens = torch.tensor([[2, 3, 4]])
    assert torch.equal(saved.model(tokens)[0], model(tokens)[0])
    assert [path.name for path in folder.iterdir()] == ["checkpoint.safetensors"]


def test_a_model_without_a_tokenizer_knows_none(model, tmp_path):
    path = save_model(tmp_path, model, None)
    assert load_model(path).tokenizer is None  # the file itself will do


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(lambda weights: weights, id="a-state-dict"),
        pytest.param(lambda weights: {"state_dict": weights, "epoch": 3}, id="in-a-checkpoint"),
    ],
)
def test_an_older_runs_weights_are_loaded(model, tmp_path, held):
    torch.save(held(model.state_dict()), tmp_path / "model.pt")
    assert_same_weights(model, load_model(tmp_path).model)
    assert_same_weights(model, load_model(tmp_path / "model.pt").model)


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda held, path: torch.save(held, path), id="torch-save"),
        pytest.param(
            lambda held, path: torch.save(held, path, _use_new_zipfile_serialization=False),
            id="old-torch-save",
        ),
        pytest.param(lambda held, path: path.write_bytes(pickle.dumps(held)), id="plain-pickle"),
    ],
)
@pytest.mark.parametrize("wrapped", [pytest.param(it, id=f"wrapped-{it}") for it in (True, False)])
def test_a_pickle_is_refused_and_never_run(tmp_path, write, wrapped):
    sprung = tmp_path / "sprung"
    trap = Trap(sprung)
    write({"state_dict": trap} if wrapped else trap, tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"is not loaded.*torch.save\(model.state_dict\(\)"):
        load_model(tmp_path)
    assert not sprung.exists()


def test_a_whole_pickled_model_is_refused(model, tmp_path):
    torch.save(model, tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"whole pickled model.*train again"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        pytest.param([1, 2], "holds no state_dict", id="a-list"),
        pytest.param({"a": 1}, "holds no state_dict", id="numbers"),
        pytest.param({}, "holds no embeddings.weight", id="nothing"),
    ],
)
def test_a_file_without_weights_is_told(tmp_path, held, message):
    torch.save(held, tmp_path / "model.pt")
    with pytest.raises(ValueError, match=message):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            lambda weights: weights.pop("lm_head.bias"),
            r"lm_head.bias should have the shape \(6,\), and has none",
            id="one-missing",
        ),
        pytest.param(
            lambda weights: weights.update(more=torch.zeros(2)),
            r"more should have the shape none, and has \(2,\)",
            id="one-more",
        ),
        pytest.param(
            lambda weights: weights.update({"rnn.out.weight": torch.zeros(7, 6)}),
            r"rnn.out.weight should have the shape \(7, 7\), and has \(7, 6\)",
            id="another-shape",
        ),
        pytest.param(
            lambda weights: weights.update({"embeddings.weight": torch.zeros(7)}),
            "holds no embeddings.weight: it is no language model",
            id="another-number-of-dimensions",
        ),
        pytest.param(
            lambda weights: weights.pop("attention.query_transform.weight"),
            "holds no attention.query_transform.weight",
            id="no-attention",
        ),
    ],
)
def test_other_weights_are_told(model, tmp_path, change, message):
    weights = model.state_dict()
    change(weights)
    save_file(weights, tmp_path / "checkpoint.safetensors")
    with pytest.raises(ValueError, match=message):
        load_model(tmp_path)


def test_a_header_that_disagrees_with_the_weights_is_told(folder):
    path = folder / "checkpoint.safetensors"
    save_file(load_file(path), path, {"config": json.dumps({"hidden_dim": 9})})
    with pytest.raises(ValueError, match="hidden_dim is 9, but its weights have 7"):
        load_model(folder)


@pytest.mark.parametrize("kept", [pytest.param(it, id=f"{it}-bytes") for it in (0, 5, 500)])
def test_a_damaged_file_is_told(folder, kept):
    path = folder / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="cannot be read"):
        load_model(folder)


def test_a_completion_is_what_the_model_generates(model, folder):
    tokens = torch.tensor([[2, 3]])
    expected = model.eval().generate(tokens, 9).tolist()
    cut = expected[: expected.index(1) + 1] if 1 in expected else expected
    assert rnn.complete("ab", 9, model=folder) == Tokenizer().decode(cut)
    assert rnn.complete("ab", 9, model=model, tokenizer=Tokenizer()) == Tokenizer().decode(cut)
    drawn = [rnn.complete("ab", 30, 1.5, model=folder, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_completion_ends_where_the_model_ends_it(model):
    with torch.no_grad():
        model.lm_head.weight.zero_()
        model.lm_head.bias.copy_(torch.tensor([-90.0, 0, 3, -90, -90, -90]))
    writer = open_writer(model, Tokenizer())
    texts = [writer.complete("ab", 200, 1.0, torch.Generator().manual_seed(it)) for it in range(5)]
    assert all(set(text.removesuffix("</s>")) == {"a"} for text in texts)
    assert all(text.endswith("</s>") and text.count("</s>") == 1 for text in texts)
    assert set(writer.complete("ab", 200)) == {"a"}


def test_the_tokenizer_is_looked_for(model, folder, monkeypatch):
    asked = []
    monkeypatch.setattr(
        lm_checkpoint, "load_tokenizer", lambda path: asked.append(path.name) or Tokenizer()
    )
    open_writer(folder)
    Path("letters").rmdir()
    with pytest.raises(ValueError, match="letters is gone; name its folder with --tokenizer"):
        open_writer(folder)
    for place in (Path("my_tokenizer"), folder / "tokenizer", Path("named")):
        place.mkdir()
        open_writer(folder, None if place.name != "named" else "named")
    assert asked == ["letters", "my_tokenizer", "tokenizer", "named"]


def test_a_tokenizer_that_does_not_fit_is_told(model):
    with pytest.raises(ValueError, match="the model knows 6 tokens, but the tokenizer 8"):
        open_writer(model, Tokenizer(more=2))


def test_a_missing_package_is_told(folder, monkeypatch, capsys):
    def without(path):
        raise ImportError("run: pip install -r requirements.txt")

    monkeypatch.setattr(lm_checkpoint, "load_tokenizer", without)
    assert rnn.main(["complete", "ab", "--model", str(folder)]) == 2
    assert "pip install -r requirements.txt" in capsys.readouterr().err


def test_the_command_prints_prefix_and_completions(folder, capsys):
    words = ["complete", "a", "b", "--model", str(folder), "--seed", "4", "--temperature", "1"]
    assert rnn.main(words) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("prefix: a b\ntemperature 1, seed 4\ncompletion 1: ")
    assert printed.count("completion ") == 3
    assert rnn.main([*words, "--samples", "2"]) == 0
    assert printed.startswith(capsys.readouterr().out)
    assert rnn.main(["complete", "ab", "--model", str(folder), "--temperature", "0"]) == 0
    (line,) = [it for it in capsys.readouterr().out.splitlines() if it.startswith("completion")]
    assert line == f"completion 1: {rnn.complete('ab', model=folder).strip()}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["ab", "--model", "no"], "no model in no: it has no checkpoint", id="model"),
        pytest.param(["ab", "--tokenizer", "no"], "lacks tokenizer.json", id="tokenizer"),
        pytest.param([""], "the prefix is empty", id="empty"),
        pytest.param(["  "], "the prefix is empty", id="blank"),
        pytest.param(["ab", "--temperature", "-1"], "temperature is -1.0", id="negative"),
        pytest.param(["ab", "--temperature", "nan"], "temperature is nan", id="nan"),
        pytest.param(["ab", "--temperature", "hot"], "'hot'; give a number", id="no-number"),
        pytest.param(["ab", "--num_tokens", "0"], "num_tokens is 0; give 1 or more", id="none"),
        pytest.param(["ab", "--samples", "0"], "--samples is 0; give 1 or more", id="no-sample"),
        pytest.param(["ab", "--samples", "x"], "'x'; give a whole number", id="not-whole"),
        pytest.param(["ab", "--seed", str(2**64)], "seed is 18446744073709551616", id="seed"),
        pytest.param([], "--help shows examples", id="no-prefix"),
        pytest.param(["ab", "--num_sequences", "3"], "--help shows examples", id="unknown"),
    ],
)
def test_wrong_usage_is_one_line(folder, monkeypatch, capsys, options, message):
    if "--tokenizer" in options:
        monkeypatch.undo()  # the real one is asked
    elsewhere = [] if "--model" in options else ["--model", str(folder)]
    assert rnn.main(["complete", *options, *elsewhere]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert not told.out
