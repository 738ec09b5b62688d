"""Show what a trained translator of q11 does well and badly, on one HTML page.

Examples:
  python -m courses.translation.report --model=runs/nmt/model.bin --source=en_es_data/test.es \
--target=en_es_data/test.en --outputs=outputs/test_outputs.txt --out=runs/nmt/report
  python -m courses.translation.report --model=runs/nmt --source=en_es_data/test.es \
--target=en_es_data/test.en --out=runs/nmt/report --quick

Usage:
  report.py --model=<path> --source=<file> --target=<file> --out=<folder> [options]
  report.py (-h | --help)

Options:
  -h --help          Show this.
  --model=<path>     The trained model, or the folder with its model.bin.
  --source=<file>    Sentences, one a line.
  --target=<file>    Their human translations.
  --outputs=<file>   The model's translations; without it they are made now.
  --out=<folder>     Where the page goes.
  --beam-size=<int>  Hypotheses that are pursued [default: 5].
  --max-decoding-time-step=<int>  The most words of a translation [default: 70].
  --show=<int>       Sentences in each list [default: 10].
  --attention=<numbers>  Lines of the source whose attention is drawn, such as 3,14,15.
  --quick            Only the first 50 sentences.

It writes report.html, which needs nothing else to be looked at, and error_analysis.md, a form for
what you think of the errors: where one is there already it stays as it is. Translations that are
made now are written as well, as test_outputs.txt.

Exit code: 0 done, 1 a part is not written yet, 2 the command line or the data is wrong, 130 stopped
by Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from courses.commands import number, run_command

if TYPE_CHECKING:
    from courses.translation.report_cases import Case
    from models import NMT

QUICK = 50
PICTURES = 5
FREQUENT = 20


def main(argv: Sequence[str] | None = None) -> int:
    """Write the report, as the command line says; returns the exit code."""
    return run_command("report", __doc__, argv, _work, "the report is not written")


def _work(arguments: Mapping[str, Any]) -> None:
    import torch

    from courses.translation.corpus import read_sentences
    from courses.translation.decoding import read_model, read_references
    from courses.translation.report_cases import make_cases

    torch.set_num_threads(1)  # the same bits on any number of cores
    for option in ("--beam-size", "--max-decoding-time-step", "--show"):
        if number(arguments, option) < 1:
            raise ValueError(f"{option} is {arguments[option]}; give a whole number from 1 up")
    sources = read_sentences(arguments["--source"])
    references = read_references(arguments["--target"], len(sources))
    few = min(QUICK, len(sources)) if arguments["--quick"] else len(sources)
    lines = _lines(arguments["--attention"], few)
    path = Path(arguments["--model"])
    model = read_model(path / "model.bin" if path.is_dir() else path)
    folder = Path(arguments["--out"])
    folder.mkdir(parents=True, exist_ok=True)
    outputs = _outputs(model, sources, few, folder, arguments)
    cases = make_cases(sources[: len(outputs)], references[: len(outputs)], outputs)
    write_report(model, cases, folder, arguments, lines)


def _outputs(
    model: NMT, sources: Sequence[list[str]], few: int, folder: Path, arguments: Mapping[str, Any]
) -> list[list[str]]:
    """Read the translations, or make them; only the first few if there is no time."""
    from courses.translation.decoding import translate
    from courses.translation.report_cases import read_outputs
    from data.files import write_atomically

    if arguments["--outputs"]:
        return read_outputs(Path(arguments["--outputs"]), len(sources))[:few]
    beam_size, most_words = (
        number(arguments, option) for option in ("--beam-size", "--max-decoding-time-step")
    )
    outputs = translate(model, sources[:few], beam_size, most_words)
    text = "".join(" ".join(words) + "\n" for words in outputs)
    write_atomically(
        folder / "test_outputs.txt",
        lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"),
    )
    return outputs


def _lines(text: str | None, count: int) -> list[int] | None:
    """The numbers of lines that a user gives, or None.

    Raises:
        ValueError: if they are no numbers, or there are no such lines.
    """
    if text is None:
        return None
    try:
        lines = [int(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"--attention is {text!r}; give numbers of lines such as 3,14") from None
    for line in lines:
        if not 1 <= line <= count:
            raise ValueError(
                f"--attention names line {line}; the report reads lines 1 to {count:,}"
            )
    return lines


def write_report(
    model: NMT,
    cases: Sequence[Case],
    folder: Path,
    arguments: Mapping[str, Any],
    lines: Sequence[int] | None = None,
) -> None:
    """Write the page and the form.

    Args:
        model: the translator, in eval mode.
        cases: what it translated.
        folder: where to.
        arguments: those of the command line.
        lines: the sentences whose attention is drawn; None chooses some.
    """
    from courses.translation.report_form import form as empty_form
    from courses.translation.report_page import render
    from data.files import write_atomically

    content = describe(model, cases, number(arguments, "--show"), lines)
    page = folder / "report.html"
    text = render({"arguments": arguments, **content})
    write_atomically(page, lambda draft: draft.write_text(text, encoding="utf-8"))
    form = folder / "error_analysis.md"
    kept = form.exists()
    if not kept:
        form.write_text(empty_form(), encoding="utf-8")
    print(f"BLEU {100 * content['bleu'].score:.2f} on {len(cases):,} sentences, by our own count")
    print(f"written: {page}; {'kept as it is' if kept else 'to fill in'}: {form}")


def describe(
    model: NMT, cases: Sequence[Case], show: int, lines: Sequence[int] | None = None
) -> dict[str, Any]:
    """Gather what the page shows; see `report_page`."""
    from courses.translation import report_cases as about
    from courses.translation.report_attention import look

    known = model.vocab
    drawn = about.spread(cases, PICTURES)
    if lines is not None:
        drawn = [cases[line - 1] for line in lines if cases[line - 1].source]
    unknown = about.with_unknown_words(cases, known.src, show)
    return {
        "model": model,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "cases": cases,
        "bleu": about.together(cases),
        "scores": _scores(cases),
        "groups": about.by_length(cases),
        "worst": about.worst(cases, show),
        "best": about.best(cases, show),
        "looks": [look(model, case) for case in drawn],
        "unknown_source": about.unknown_words([it.source for it in cases], known.src, FREQUENT),
        "unknown_target": about.unknown_words([it.reference for it in cases], known.tgt, FREQUENT),
        "unknown_cases": [(case, look(model, case) if case.source else None) for case in unknown],
    }


def _scores(cases: Sequence[Case]) -> Any:
    """What NLTK and sacrebleu find, or, where they are not installed, how to install them."""
    from courses.translation.scoring import score

    try:
        return score([case.output for case in cases], [case.reference for case in cases])
    except ValueError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
