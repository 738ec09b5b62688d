"""Several processes train the model that one process would have trained."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from courses.commands import choose_device
from courses.translation import run
from courses.translation.processes import Processes
from models import NMT

ROOT = Path(__file__).resolve().parents[3]


def several(count):
    return [Processes(torch.device("cpu"), rank, count) for rank in range(count)]


def test_shares_are_the_whole_batch_once():
    numbers = list(range(7))
    shares = [it.share(numbers) for it in several(3)]
    assert shares == [[0, 3, 6], [1, 4], [2, 5]]
    assert [it.weight(numbers) for it in several(3)] == [1, 1, 1]


def test_a_batch_too_small_to_share_is_everybodys_and_counts_once():
    shares = [it.share([5, 6]) for it in several(4)]
    assert shares == [[5, 6]] * 4
    assert sum(it.weight([5, 6]) for it in several(4)) == 1


def test_only_the_first_process_talks(capsys):
    for process in several(2):
        process.say(f"I am {process.rank}")
    assert capsys.readouterr().out == "I am 0\n"


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is told where there is no GPU")
def test_a_gpu_that_is_not_there_is_refused():
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(ValueError, match="PyTorch finds no GPU here; use --device cpu"):
        choose_device("cuda")


@pytest.mark.slow
def test_two_processes_train_the_model_of_one(corpus, words_of, capsys):
    """Also where the last batch is too small to share: 59 of 60 sentences leave one."""

    def options(folder):
        path = corpus / folder / "model.bin"
        return words_of(save_to=path, batch_size=59, dropout=0, max_epoch=4, log_every=1)

    assert run.main(options("one")) == 0
    one = capsys.readouterr().out
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc_per_node=2", "-m", "courses.translation.run", *options("two")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert "in 2 process(es)" in done.stdout
    losses = [re.findall(r"avg\. loss ([\d.]+)", text) for text in (one, done.stdout)]
    assert len(losses[0]) == 8
    assert losses[1] == losses[0]
    tables = [(corpus / it / "model.perplexity.csv").read_text() for it in ("one", "two")]
    for row, other in zip(*(table.splitlines()[1:] for table in tables), strict=True):
        numbers = [[float(number) for number in it.split(",")] for it in (row, other)]
        assert numbers[1] == pytest.approx(numbers[0], rel=1e-5)
    single, double = (NMT.load(corpus / it / "model.bin").state_dict() for it in ("one", "two"))
    for name, weight in single.items():
        torch.testing.assert_close(double[name], weight, rtol=1e-4, atol=1e-5)
