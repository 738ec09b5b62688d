"""The short commands of the homework."""

import shutil

import pytest

from courses.translation import __main__ as verbs


@pytest.fixture
def home(corpus, tmp_path_factory, monkeypatch):
    """A user's folder with en_es_data and vocab.json."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "en_es_data").mkdir()
    for path in corpus.glob("*.e[sn]"):
        shutil.copy(path, folder / "en_es_data")
    shutil.copy(corpus / "vocab.json", folder)
    monkeypatch.chdir(folder)
    return folder


def test_a_small_model_is_trained_and_tested_again_and_again(home, capsys):
    for _ in range(2):
        quick = ["--max-epoch=1", "--embed-size=5", "--hidden-size=7"]
        assert verbs.main(["train_local", *quick]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("run.py train ")
    assert first.count("--max-epoch") == 1  # the given one replaced the usual one
    assert verbs.main(["test_local"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Corpus BLEU: ")
    assert len((home / "outputs" / "test_local_outputs.txt").read_text().splitlines()) == 7


def test_the_real_training_goes_on_and_is_tested(home, capsys):
    quick = ["--embed-size=5", "--hidden-size=7", "--device=cpu"]
    assert verbs.main(["train", *quick, "--max-epoch=1"]) == 0
    assert verbs.main(["train", *quick, "--max-epoch=2", "--resume"]) == 0
    assert "goes on after iter 1" in capsys.readouterr().out
    assert verbs.main(["test", "--beam-size=2"]) == 0
    assert (home / "outputs" / "test_outputs.txt").exists()


def test_a_test_without_a_training_says_so(home, capsys):
    assert verbs.main(["test_local"]) == 2
    assert "runs/nmt-local" in capsys.readouterr().err


def test_long_sentences_are_left_out_of_the_small_data(home):
    path = home / "en_es_data" / "train.es"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(["palabra1 " * 13, *lines[1:]]) + "\n")
    assert verbs.write_tiny(home / "tiny") == 0
    assert (home / "tiny" / "train.es").read_text().splitlines() == lines[1:]


def test_data_without_short_sentences_is_refused(home, capsys):
    (home / "en_es_data" / "dev.es").write_text("palabra1 " * 13 + "\n")
    (home / "en_es_data" / "dev.en").write_text("word1\n")
    assert verbs.main(["train_local"]) == 2
    message = capsys.readouterr().err
    assert "dev.en have no pair of which both sentences have at most 12 words" in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_help_about_a_command_says_what_it_does_and_does_nothing(
    verb, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert verbs.main([verb, "--help"]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith(f"run.py {verbs.VERBS[verb][0]} ")
    assert "Options:" in rest
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [[], ["vocabulary"]])
def test_wrong_words_are_refused(words, capsys):
    assert verbs.main(words) == 2
    assert "train_local" in capsys.readouterr().err


def test_resuming_replaces_beginning_again():
    chosen = verbs.with_options(["train", "--restart", "--lr=1"], ["--resume", "--lr=2"])
    assert chosen == ["train", "--resume", "--lr=2"]
