"""``vocab.py`` as a user calls it."""

import json

import pytest

from courses.translation import vocab


def words(corpus, *more):
    return [f"--train-src={corpus / 'train.es'}", f"--train-tgt={corpus / 'train.en'}", *more]


def test_it_writes_the_homeworks_file_and_prints_sizes(corpus, capsys):
    path = corpus / "made.json"
    assert vocab.main(words(corpus, str(path))) == 0
    made = json.loads(path.read_text())
    assert list(made) == ["src_word2id", "tgt_word2id"]
    assert list(made["src_word2id"])[:4] == ["<pad>", "<s>", "</s>", "<unk>"]
    output = capsys.readouterr().out
    assert "60 sentence pairs" in output
    assert "source: 12 of 12 different words, and 4 special ones" in output
    assert "target: 12 of 12 different words, " in output
    assert "they are 100.0% of the text" in output
    assert path.read_text() == (corpus / "vocab.json").read_text()


def test_size_and_cutoff_leave_words_out(corpus, capsys):
    path = corpus / "made.json"
    assert vocab.main(words(corpus, "--size=3", str(path))) == 0
    assert len(json.loads(path.read_text())["tgt_word2id"]) == 3 + 4
    assert "target: 3 of 12 different words, and 4 special ones" in capsys.readouterr().out


def test_without_a_name_it_is_written_here(corpus, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(folder)
    assert vocab.main(words(corpus)) == 0
    assert [path.name for path in folder.iterdir()] == ["vocab.json"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(["--freq-cutoff=999"], "no source word occurs 999 times", id="cutoff"),
        pytest.param(["--size=0"], "--size is 0; give a whole number from 1 up", id="size"),
        pytest.param(["--size=many"], "--size is 'many'; give a whole number", id="number"),
        pytest.param(["--train-src=none.es"], "", id="twice"),
        pytest.param(["a.json", "b.json"], "--help shows examples", id="two-files"),
    ],
)
def test_wrong_words_are_refused(corpus, monkeypatch, tmp_path_factory, capsys, more, message):
    folder = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(folder)
    assert vocab.main(words(corpus, *more)) == 2
    assert message in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_a_missing_file_is_named(corpus, capsys):
    options = [f"--train-src={corpus / 'none.es'}", f"--train-tgt={corpus / 'train.en'}"]
    assert vocab.main(options) == 2
    assert "there is no file" in capsys.readouterr().err
