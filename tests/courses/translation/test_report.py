"""The report copes with any model and any words, and says of them what is true."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch

from courses.translation import bleu, report, scoring
from courses.translation.report_form import CLASSES, OTHERS, form
from courses.translation.report_page import spelled_out
from models.nmt.attention import ATTENTIONS
from tests.courses.translation.small_report import OUTPUT, SOURCE, TARGET, lists, small_model

ODD = '<script>alert("x")</script> &amp; \x1b[31m \x00 \u202eevil \u200d {{ 7*7 }} שלום'
VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page: its open elements, names, links and words."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.words, self.tags = [], [], [], [], set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attributes.items() if name == "id"]
        self.links += [value for name, value in attributes.items() if name in ("href", "src")]

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs the report on small files; what is not given is the small example."""
    monkeypatch.chdir(tmp_path)
    small_model().save(tmp_path / "model.bin")

    def run(*words, source=SOURCE, target=TARGET, output=OUTPUT):
        for name, lines in (("s", source), ("t", target), ("o", output)):
            Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        files = ["--model=model.bin", "--source=s", "--target=t", "--out=out"]
        given = {word.partition("=")[0] for word in words}
        kept = [word for word in files if word.partition("=")[0] not in given]
        return report.main([*kept, *words])

    return run


def read_page():
    text = Path("out/report.html").read_text(encoding="utf-8")
    return text, Page(text)


def test_the_page_stands_alone_and_leads_everywhere(command):
    assert command("--outputs=o") == 0
    text, page = read_page()
    assert text.startswith("<!doctype html>")
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert not page.tags & {"script", "link", "img", "iframe"}
    local = [link[1:] for link in page.links if link.startswith("#")]
    assert set(local) <= set(page.ids)
    assert [link for link in page.links if not link.startswith("#")] == ["error_analysis.md"]
    assert len(page.ids) == len(set(page.ids))


def test_the_page_says_what_was_measured(command, capsys):
    assert command("--outputs=o") == 0
    _, page = read_page()
    outputs, references = lists(OUTPUT), [[words] for words in lists(TARGET)]
    found = bleu.corpus_bleu(outputs, references)
    assert f"BLEU {100 * found.score:.2f}" in page.text
    assert f"BLEU {100 * found.score:.2f} on 6 sentences" in capsys.readouterr().out
    scores = scoring.score(outputs, lists(TARGET))
    assert f"NLTK {scores.nltk:.2f}" in page.text
    assert f"sacrebleu {scores.sacrebleu:.2f}" in page.text
    assert scores.signature in page.text
    assert "with no word at all 2" in page.text
    assert "with <unk> 1" in page.text
    assert f"{found.candidate_length} words were written" in page.text
    assert f"brevity penalty is {found.brevity_penalty:.4f}" in page.text


def test_odd_words_are_escaped_and_spelled_out(command):
    assert command("--outputs=o", source=[ODD, "x"], target=[ODD, "y"], output=[ODD, ODD]) == 0
    text, page = read_page()
    assert "<script>" not in text
    assert '<script>alert("x")</script>' in page.text
    assert "{{ 7*7 }}" in page.text
    for mark in ("\x1b", "\x00", "\u202e", "\u200d"):
        assert mark not in text
        assert f"\\u{ord(mark):04x}" in page.text
    assert "שלום" in page.text


def test_what_can_be_seen_stays():
    assert spelled_out("¿Qué? 漢字 <b> ») 🎉") == "¿Qué? 漢字 <b> ») 🎉"
    assert spelled_out("\ud800\n") == "\\ud800\\u000a"


def test_an_untrained_model_is_reported_on(command):
    assert command("--quick", "--max-decoding-time-step=5", "--beam-size=2", "--model=.") == 0
    _, page = read_page()
    assert "translated with beam size 2. Only the first 6 sentences." in page.text
    written = Path("out/test_outputs.txt").read_text(encoding="utf-8")
    assert written.count("\n") == len(SOURCE)
    assert written.split("\n")[4] == ""


@pytest.mark.parametrize("attention", [pytest.param(name, id=name) for name in ATTENTIONS])
def test_every_attention_is_drawn(attention, command):
    small_model(attention=attention).save("model.bin")
    assert command("--outputs=o", "--attention=1,2") == 0
    text, page = read_page()
    assert f"attention {attention}" in page.text
    assert text.count('class="frame"') == 2
    assert "casa" in text.split('aria-label="Attention, line 1"')[1].split("</svg>")[0]


def test_a_model_of_no_numbers_is_drawn_empty(command):
    model = small_model()
    with torch.no_grad():
        model.att_projection.weight.fill_(float("nan"))
    model.save("model.bin")
    assert command("--outputs=o") == 0
    text, _ = read_page()
    assert "nan" not in text.split('id="attention"')[1].split('id="unknown"')[0]


def test_empty_outputs_are_reported_on(command):
    assert command("--outputs=o", output=[""] * len(SOURCE)) == 0
    _, page = read_page()
    assert "BLEU 0.00" in page.text
    assert "There is no sentence to draw." in page.text
    Path("empty").touch()
    assert command("--outputs=empty", source=["a"], target=["a"]) == 0


def test_the_scores_may_be_missing(command, monkeypatch):
    def missing(*_):
        raise ValueError("nltk is missing: install it")

    monkeypatch.setattr(scoring, "score", missing)
    assert command("--outputs=o") == 0
    assert "NLTK, sacrebleu nltk is missing: install it" in read_page()[1].text


def test_a_missing_jinja_is_named(command, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert command("--outputs=o") == 2
    assert "python -m pip install jinja2" in capsys.readouterr().err


def test_the_form_is_made_once_and_never_changed(command, capsys):
    assert command("--outputs=o") == 0
    written = Path("out/error_analysis.md")
    assert written.read_text(encoding="utf-8") == form()
    assert len(CLASSES) == 6
    for name in [*CLASSES, *OTHERS]:
        assert f"### {name}\n" in form()
    assert all(f"({letter}) " in form() for letter in "abcdef")
    written.write_text("mine", encoding="utf-8")
    assert command("--outputs=o") == 0
    assert written.read_text(encoding="utf-8") == "mine"
    assert "kept as it is" in capsys.readouterr().out


def test_the_first_sentences_alone_can_be_reported_on(command, monkeypatch):
    monkeypatch.setattr(report, "QUICK", 2)
    assert command("--outputs=o", "--quick") == 0
    assert "sentences 2 exactly as the reference 1" in read_page()[1].text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["--model=none.bin"], "there is no model none.bin", id="no model"),
        pytest.param(["--model=s"], "s", id="another file as model"),
        pytest.param(["--source=none"], "there is no file none", id="no source"),
        pytest.param(["--outputs=none"], "none cannot be read", id="no outputs"),
        pytest.param(["--outputs=short"], "short has 1 lines, but there are 6", id="too few"),
        pytest.param(["--target=short"], "short has 1 lines, but there are 6", id="unequal"),
        pytest.param(["--show=0"], "--show is 0", id="nothing to show"),
        pytest.param(["--show=x"], "give a whole number", id="no number"),
        pytest.param(["--attention=7"], "lines 1 to 6", id="no such line"),
        pytest.param(["--attention=a"], "numbers of lines", id="no lines"),
        pytest.param(["--loud"], "--help shows examples", id="no such option"),
    ],
)
def test_a_wrong_command_line_is_explained(words, message, command, capsys):
    Path("short").write_text("one\n", encoding="utf-8")
    assert command(*words) == 2
    assert message in capsys.readouterr().err


def test_attention_beyond_a_quick_report_is_refused(command, capsys, monkeypatch):
    monkeypatch.setattr(report, "QUICK", 4)
    assert command("--quick", "--attention=5") == 2
    assert "--attention names line 5; the report reads lines 1 to 4" in capsys.readouterr().err
    assert command("--quick", "--attention=4") == 0


def test_help_shows_examples(capsys):
    assert report.main(["--help"]) == 0
    assert "Examples:" in capsys.readouterr().out


def test_no_number_of_the_page_has_endless_digits(command):
    assert command("--outputs=o") == 0
    assert not re.search(r"\d\.\d{6}", read_page()[1].text)
