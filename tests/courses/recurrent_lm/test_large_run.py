"""The large run's samples, in words or in numbers."""

import csv
import json
from pathlib import Path

import pytest
import torch

from courses.recurrent_lm import large_run, lm_checkpoint, story_data, sweep
from courses.recurrent_lm.lm_training import Settings, Training

QUICK = ("--quick", "--device", "cpu", "--out", "out")
WORDS = ("</s>", "Once", "upon", "a", "time", "there", "was", "cat_who", "*sat*")
END = 0


class Words:
    """A tokenizer with few words, and more of a sign that Markdown reads than it should have."""

    eos_token_id = END

    def __len__(self):
        return len(WORDS)

    def encode(self, text, add_special_tokens=True):
        ids = [WORDS.index(word) for word in text.split()]
        return [*ids, END] if add_special_tokens else ids

    def decode(self, ids):
        return "".join(f" {WORDS[each]}" for each in ids)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "QUICK_SEQUENCES", 100)


@pytest.fixture
def words(monkeypatch):
    """Data in words: the options that name it."""
    for module in (lm_checkpoint, story_data):
        monkeypatch.setattr(module, "read_tokenizer", lambda folder: Words())
    Path("tokenizer").mkdir()
    generator = torch.Generator().manual_seed(0)
    for name in ("train.json", "valid.json"):
        lists = torch.randint(len(WORDS), (200, 9), generator=generator)
        Path(name).write_text(json.dumps(lists.tolist()))
    return ["--train_data", "train.json", "--val_data", "valid.json"]


def samples():
    with Path("out/samples.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_three_samples_at_each_temperature_are_written_and_printed(words, capsys):
    assert large_run.main([*QUICK, *words]) == 0
    rows = samples()
    assert [(row["temperature"], row["sample"]) for row in rows] == [
        (temperature, sample) for temperature in ("0", "0.3", "0.8") for sample in "123"
    ]
    texts = [row["text"] for row in rows]
    assert len(set(texts[:3])) == 1
    assert len(set(texts)) > 3
    for text in texts:
        assert set(text.split()) <= set(WORDS)
        assert text.split().count("</s>") == text.endswith("</s>")
        assert len(text.split()) == large_run.LENGTH or text.endswith("</s>")
    told = Path("out/samples.md").read_text(encoding="utf-8")
    assert told in capsys.readouterr().out
    assert told.startswith("# Once upon a time there was a …\n\n## Temperature 0\n\n1. ")
    assert told.count("\n## Temperature ") == 3
    for text in texts:
        escaped = text.replace("<", "\\<").replace(">", "\\>")
        assert escaped.replace("_", "\\_").replace("*", "\\*").strip() in told


def test_the_model_is_kept_and_writes_the_same_again(words):
    assert large_run.main([*QUICK, *words]) == 0
    writer = lm_checkpoint.open_writer(Path("out"))
    assert writer.complete(large_run.PREFIX, large_run.LENGTH, 0) == samples()[0]["text"]


def test_without_a_tokenizer_it_writes_numbers():
    assert large_run.main([*QUICK]) == 0
    prefix = story_data.make_up_stories().valid[0, : large_run.NUMBERS].tolist()
    told = Path("out/samples.md").read_text(encoding="utf-8")
    assert told.startswith(f"# {' '.join(map(str, prefix))} …\n")
    for row in samples():
        numbers = [int(word) for word in row["text"].split()]
        assert len(numbers) == large_run.LENGTH
        assert set(numbers) <= set(range(story_data.MADE_UP_VOCABULARY))


def test_the_samples_do_not_change_the_training_and_the_seed_changes_them():
    kept = []
    for seed in ("3", "3", "4"):
        assert large_run.main([*QUICK, "--seed", seed, *(["--restart"] if kept else [])]) == 0
        kept.append([row["text"] for row in samples()])
    assert kept[0] == kept[1]
    assert kept[1] != kept[2]
    stories = story_data.make_up_stories()
    (record,) = (json.loads(path.read_text()) for path in Path("out/trainings").glob("*.json"))
    settings = Settings(**record["settings"])
    cpu = torch.device("cpu")
    training = Training(settings, stories.train, stories.valid, stories.vocab_size, cpu)
    training.run()
    assert (record["train"], record["valid"]) == training.records


def test_restarting_throws_the_old_samples_and_the_old_model_away(interrupt_after):
    assert large_run.main([*QUICK]) == 0
    interrupt_after(1)
    assert large_run.main([*QUICK, "--restart"]) == 130
    left = {path.name for path in Path("out").iterdir()}
    assert left == {"config.json", "trainings"}


def test_samples_that_were_lost_are_written_again_from_the_record():
    assert large_run.main([*QUICK]) == 0
    before = samples()
    for name in ("samples.csv", "samples.md"):
        Path("out", name).unlink()
    assert large_run.main([*QUICK, "--resume"]) == 0
    assert samples() == before
    assert Path("out/samples.md").exists()
