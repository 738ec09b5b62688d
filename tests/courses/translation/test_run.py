"""``run.py`` as a user calls it: its lines, its files, and what it refuses."""

import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from courses.translation import run
from courses.translation.nmt_progress import Progress
from courses.translation.nmt_training import Training
from courses.translation.training_file import load
from models import NMT

ROOT = Path(__file__).resolve().parents[3]
LINE = re.compile(
    r"epoch \d+, iter \d+, avg\. loss \d+\.\d+, avg\. ppl \d+\.\d+, cum\. examples \d+, "
    r"speed \d+ words/sec, time elapsed \d+\.\d sec"
)
VALIDATION = re.compile(r"validation: iter \d+, dev\. ppl \d+\.\d+")
NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="says what is told without a GPU")


def without_times(text):
    return re.sub(r"speed .*", "", text)


def weights_in(path):
    return NMT.load(path).state_dict()


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[it], right[it]) for it in left)


def test_training_tells_how_it_goes_and_leaves_its_files(corpus, words_of, capsys):
    assert run.main(words_of()) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if line.startswith("epoch")]
    assert [re.search(r"iter (\d+)", line)[1] for line in told] == ["3", "6", "9", "12", "15"]
    assert all(LINE.fullmatch(line) for line in told)
    # The eighth batch of an epoch has four sentences.
    examples = [int(re.search(r"examples (\d+)", line)[1]) for line in told]
    assert examples == [24, 48, 68, 92, 116]
    validations = [line for line in lines if line.startswith("validation")]
    assert [re.search(r"iter (\d+)", it)[1] for it in validations] == ["5", "10", "15", "16"]
    assert all(VALIDATION.fullmatch(line) for line in validations)
    assert {path.name for path in (corpus / "out").iterdir()} == {
        "model.bin",
        "model.training.safetensors",
        "model.perplexity.png",
        "model.perplexity.csv",
    }
    with (corpus / "out" / "model.perplexity.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["iteration"] for row in rows] == ["5", "10", "15", "16"]
    assert [f"{float(row['dev perplexity']):.4f}" for row in rows] == [
        line.rpartition(" ")[2] for line in validations
    ]


def test_the_end_says_which_iteration_was_the_best(words_of, capsys, monkeypatch):
    found = iter([9.0, 5.0, 6.0, 7.0])  # of iterations 5, 10, 15 and 16
    monkeypatch.setattr(Training, "dev_perplexity", lambda self: next(found))
    assert run.main(words_of()) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("best dev. ppl 5.0000 at iter 10; 16 iterations took ")


def test_decoding_writes_a_line_a_sentence_and_ends_with_bleu(corpus, words_of, capsys):
    assert (
        run.main(
            words_of(
                max_epoch=60,
                batch_size=20,
                hidden_size=32,
                embed_size=16,
                dropout=0.0,
                valid_niter=60,
            )
        )
        == 0
    )
    source, target = corpus / "test.es", corpus / "test.en"
    source.write_text("\n" + source.read_text())  # a blank line has a blank translation
    target.write_text("\n" + target.read_text())
    model, output = corpus / "out" / "model.bin", corpus / "there" / "out.txt"
    assert run.main(["decode", *map(str, (model, source, target, output))]) == 0
    last = capsys.readouterr().out.splitlines()[-2:]
    assert re.fullmatch(r"sacrebleu: [\d.]+ \(nrefs:1\|case:mixed\|.*\|version:.*\)", last[0])
    assert re.fullmatch(r"Corpus BLEU: [\d.]+", last[1])
    assert float(last[1].split()[-1]) > 20  # it has learned something
    written = output.read_text().split("\n")
    assert len(written) == 8 + 1
    assert written[0] == ""
    assert all(written[1:8])


def test_decoding_without_references_prints_no_bleu(corpus, words_of, capsys):
    assert run.main(words_of(max_epoch=1)) == 0
    model, source = corpus / "out" / "model.bin", corpus / "test.es"
    words = ["decode", "--beam-size=2", "--max-decoding-time-step=3"]
    assert run.main([*words, *map(str, (model, source, corpus / "out.txt"))]) == 0
    assert "BLEU" not in capsys.readouterr().out
    assert all(len(line.split()) <= 3 for line in (corpus / "out.txt").read_text().splitlines())


def test_a_killed_training_goes_on_to_the_same_model(corpus, words_of, capsys):
    def options(folder):
        return words_of(
            save_to=corpus / folder / "model.bin", max_epoch=5, valid_niter=9, patience=1
        )

    assert run.main(options("through")) == 0
    through = without_times(capsys.readouterr().out)
    command = [sys.executable, "-u", "-m", "courses.translation.run", *options("killed")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith(("epoch 3, ", "end")):
                os.kill(process.pid, signal.SIGKILL)
                break
    assert process.wait() == -signal.SIGKILL
    assert run.main([*options("killed"), "--resume"]) == 0
    resumed = without_times(capsys.readouterr().out)
    assert "goes on after iter " in resumed
    # The lines since the last save are the same, up to what names the folder.
    tail = resumed.partition("goes on")[2].splitlines()[1:-1]
    assert tail == through.splitlines()[-len(tail) - 1 : -1]
    assert same(*(weights_in(corpus / it / "model.bin") for it in ("killed", "through")))
    saved = [load(corpus / it / "model.training.safetensors") for it in ("killed", "through")]
    assert same(saved[0][0], saved[1][0])
    progress = [about["progress"] for _, about in saved]
    assert progress[0]["validations"] == progress[1]["validations"]


def test_ctrl_c_ends_a_training_between_batches_and_nothing_is_lost(
    corpus, words_of, capsys, monkeypatch
):
    assert run.main(words_of(save_to=corpus / "through" / "model.bin")) == 0
    count, kinds = Progress.count, signal.getsignal(signal.SIGINT)

    def interrupted(self, *arguments):
        count(self, *arguments)
        if self.iteration == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Progress, "count", interrupted)
    assert run.main(words_of()) == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is kinds
    assert run.main([*words_of(), "--resume"]) == 0
    assert "goes on after iter 3" in capsys.readouterr().out
    assert same(*(weights_in(corpus / it / "model.bin") for it in ("out", "through")))


def test_a_training_is_not_thrown_away_by_accident(corpus, words_of, capsys):
    assert run.main(words_of(max_epoch=1)) == 0
    assert run.main(words_of(max_epoch=1)) == 2
    assert "go on with --resume, throw it away with --restart" in capsys.readouterr().err
    assert run.main([*words_of(max_epoch=1), "--restart"]) == 0


def refused(words, capsys):
    """Run a command that has to fail as wrong usage; returns its message."""
    capsys.readouterr()
    assert run.main([str(word) for word in words]) == 2
    message = capsys.readouterr().err
    assert message.startswith("run: ")
    assert message.count("\n") == 1
    return message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"train_src": "none.es"}, "there is no file none.es", id="no-file"),
        pytest.param({"vocab": "none.json"}, "there is no vocabulary none.json", id="no-vocab"),
        pytest.param({"device": "tpu"}, "--device must be auto, cpu or cuda", id="device"),
        pytest.param({"device": "cuda"}, "PyTorch finds no GPU here", id="no-gpu", marks=NO_GPU),
        pytest.param({"lr": "fast"}, "--lr is 'fast'; give a number", id="no-number"),
        pytest.param({"batch_size": "0"}, "--batch-size is 0", id="range"),
        pytest.param({"seeed": "1"}, "run: there is no option --seeed; ", id="unknown-option"),
    ],
)
def test_wrong_words_are_refused(words_of, capsys, options, message):
    assert message in refused(words_of(**options), capsys)


def test_an_option_that_is_there_twice_is_named(words_of, capsys):
    assert "run: --lr is there twice; " in refused([*words_of(lr=1), "--lr=2"], capsys)


def test_files_that_do_not_fit_are_refused(corpus, words_of, capsys):
    assert "60 lines but" in refused(words_of(train_tgt=corpus / "dev.en"), capsys)
    (corpus / "empty.es").write_text(" \n")
    assert "empty.es is empty" in refused(words_of(train_src=corpus / "empty.es"), capsys)
    (corpus / "latin.es").write_bytes("año\n".encode("latin-1"))
    assert "latin.es is no UTF-8" in refused(words_of(train_src=corpus / "latin.es"), capsys)
    (corpus / "vocab.json").write_text("{}")
    assert "is no vocabulary" in refused(words_of(), capsys)
    special = '{"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}'
    text = f'{{"src_word2id": {special}, "tgt_word2id": {special}}}'
    (corpus / "vocab.json").write_text(text)
    assert "knows no word of the source language" in refused(words_of(), capsys)


def test_a_training_goes_on_only_as_it_began(corpus, words_of, capsys):
    resume = [*words_of(max_epoch=2), "--resume"]
    assert "there is no training" in refused(resume, capsys)
    assert "give one of them" in refused([*resume, "--restart"], capsys)
    assert run.main(words_of(max_epoch=1)) == 0
    other = [*words_of(max_epoch=2, dropout=0.1), "--resume"]
    assert "was made with --dropout 0.3, not 0.1" in refused(other, capsys)
    other = [*words_of(train_src=corpus / "dev.es", train_tgt=corpus / "dev.en"), "--resume"]
    assert "was made with other data" in refused(other, capsys)
    words = (corpus / "vocab.json").read_text()
    (corpus / "vocab.json").write_text(words.replace('"word1"', '"another"'))  # of the same size
    assert "was made with another vocabulary" in refused(resume, capsys)
    checkpoint = corpus / "out" / "model.training.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    assert "is broken or holds something else" in refused(resume, capsys)


def test_what_cannot_be_written_is_refused_before_the_work(corpus, words_of, capsys, monkeypatch):
    there = words_of(save_to=corpus)
    assert f"--save-to {corpus} cannot be written: it is a folder" in refused(there, capsys)
    nowhere = words_of(save_to=corpus / "vocab.json" / "model.bin")
    assert "vocab.json/model.bin cannot be written" in refused(nowhere, capsys)
    assert not list(corpus.glob("*.safetensors"))
    assert run.main(words_of(max_epoch=1)) == 0
    monkeypatch.setattr(NMT, "beam_search_batch", None)  # it would be too late
    words = ["decode", corpus / "out" / "model.bin", corpus / "test.es", corpus / "out"]
    assert "OUTPUT_FILE" in refused(words, capsys)


def test_a_model_that_is_gone_is_written_again(corpus, words_of):
    assert run.main(words_of()) == 0
    path = corpus / "out" / "model.bin"
    before = weights_in(path)
    path.unlink()
    assert run.main([*words_of(), "--resume"]) == 0
    assert same(weights_in(path), before)


def test_what_cannot_be_decoded_is_refused(corpus, words_of, capsys):
    assert run.main(words_of(max_epoch=1)) == 0
    model, source, out = corpus / "out" / "model.bin", corpus / "test.es", corpus / "out.txt"
    assert "there is no model" in refused(["decode", corpus / "no.bin", source, out], capsys)
    assert "there is no file" in refused(["decode", model, corpus / "no.es", out], capsys)
    short = ["decode", model, source, corpus / "dev.en", out]
    assert "has 10 lines, but there are 7 sentences" in refused(short, capsys)
    assert "--beam-size is 0" in refused(["decode", "--beam-size=0", model, source, out], capsys)
    assert not out.exists()
    (corpus / "vocab.bin").write_bytes((corpus / "vocab.json").read_bytes())
    assert "vocab.bin" in refused(["decode", corpus / "vocab.bin", source, out], capsys)


def test_a_loss_that_is_no_number_has_an_exit_code_of_its_own(words_of, capsys, monkeypatch):
    monkeypatch.setattr(NMT, "loss", lambda self, *batch: self.h_projection.weight.sum() * 1e999)
    assert run.main(words_of()) == 1
    assert "run: the loss became" in capsys.readouterr().err


MODULES = ("courses.translation", *(f"courses.translation.{it}" for it in ("run", "vocab")))


@pytest.mark.parametrize("module", [*MODULES, "courses.translation.sanity_check"])
def test_help_is_quick_and_shows_examples_first(module):
    before = os.times().children_user
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert os.times().children_user - before < 0.5  # torch alone takes a second
    assert done.stdout.index("Examples:") < done.stdout.index("Usage:")
