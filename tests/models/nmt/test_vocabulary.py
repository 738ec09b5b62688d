import json
import random
import subprocess
import sys

import pytest
import torch

from models import Vocab, VocabEntry
from tests.models.nmt.drawing import entry, small_vocab


def test_the_most_frequent_word_comes_first_and_ties_go_by_letters():
    sents = [["c", "b", "b"], ["a", "c", "d", "d", "d"], ["<s>", "a", "e"]]
    words = VocabEntry.build(sents, size=4, freq_cutoff=2)
    assert list(words) == ["<pad>", "<s>", "</s>", "<unk>", "d", "a", "b", "c"]
    random.Random(1).shuffle(sents)
    assert dict(VocabEntry.build(sents, size=4, freq_cutoff=2)) == dict(words)


def test_size_and_cutoff_leave_rare_words_out():
    sents = [["a"] * 3 + ["b"] * 2 + ["c"]]
    assert len(VocabEntry.build(sents, size=1, freq_cutoff=1)) == 5
    assert "c" not in VocabEntry.build(sents, size=9, freq_cutoff=2)
    assert "c" in VocabEntry.build(sents, size=9, freq_cutoff=1)


def test_an_unknown_word_has_the_id_of_unk():
    words = entry("w", 3)
    assert (words["w1"], words["never seen"]) == (5, 3)
    assert "never seen" not in words
    assert words.words2indices([["w0", "x"], []]) == [[4, 3], []]
    assert words.indices2words([4, 3, 2]) == ["w0", "<unk>", "</s>"]
    assert words.id2word[6] == "w2"
    assert [words[special] for special in ("<pad>", "<s>", "</s>", "<unk>")] == [0, 1, 2, 3]


def test_a_batch_is_a_column_a_sentence():
    tokens = entry("w", 3).to_input_tensor([["w0"], ["w1", "x", "w2"]])
    assert tokens.dtype == torch.int64
    assert tokens.tolist() == [[4, 5], [0, 3], [0, 6]]
    assert entry("w", 3).to_input_tensor([]).shape == (0, 0)
    assert entry("w", 3).to_input_tensor([[], []]).shape == (0, 2)


def test_a_string_is_no_sentence():
    with pytest.raises(ValueError, match="split 'hola mundo' first"):
        entry("w", 3).to_input_tensor(["hola mundo"])
    with pytest.raises(ValueError, match="split 'hola mundo' first"):
        VocabEntry.build(["hola mundo"], size=5)


@pytest.mark.parametrize(
    ("word2id", "told"),
    [
        pytest.param({"a": 0}, "<pad> has the id None", id="no-special-words"),
        pytest.param(
            {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 4, "a": 3}, "<unk> has", id="moved"
        ),
        pytest.param({"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "a": 5}, "0..4", id="a-gap"),
        pytest.param(
            {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 4}, "0..5", id="one-id-twice"
        ),
        pytest.param(
            {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "a": "4"}, "whole numbers", id="no-number"
        ),
    ],
)
def test_ids_that_cannot_be_rows_are_refused(word2id, told):
    with pytest.raises(ValueError, match=told):
        VocabEntry(word2id)


def test_a_saved_vocabulary_comes_back_in_the_homeworks_format(tmp_path):
    vocab = Vocab.build([["año", "año", "niño"]], [["year", "year"]], size=9, freq_cutoff=1)
    vocab.save(tmp_path / "vocab.json")
    content = json.loads((tmp_path / "vocab.json").read_text(encoding="utf-8"))
    assert content.keys() == {"src_word2id", "tgt_word2id"}
    assert content["src_word2id"] == {
        "<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "año": 4, "niño": 5,
    }  # fmt: skip
    loaded = Vocab.load(tmp_path / "vocab.json")
    assert loaded.to_dict() == vocab.to_dict()
    assert repr(loaded) == "Vocab(6 source words, 5 target words)"
    assert [path.name for path in tmp_path.iterdir()] == ["vocab.json"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="broken"),
        pytest.param("[]", id="a-list"),
        pytest.param('{"src_word2id": {}}', id="one-language"),
        pytest.param('{"src_word2id": [], "tgt_word2id": 3}', id="no-words"),
    ],
)
def test_another_file_is_explained(tmp_path, text):
    (tmp_path / "vocab.json").write_text(text)
    with pytest.raises(ValueError, match=r"vocab\.json is no vocabulary"):
        Vocab.load(tmp_path / "vocab.json")


def test_a_vocabulary_that_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "vocab.json"
    small_vocab().save(path)
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="no space left"):
        small_vocab(3, 3).save(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["vocab.json"]


def test_words_alone_do_not_load_torch():
    program = (
        "import importlib.util as u, sys, types; sys.path.insert(0, '.');"
        "[sys.modules.setdefault(n, types.ModuleType(n)) for n in ('models', 'models.nmt')];"
        "sys.modules['models'].__path__ = ['models'];"
        "sys.modules['models.nmt'].__path__ = ['models/nmt'];"
        "import models.nmt.vocabulary; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
