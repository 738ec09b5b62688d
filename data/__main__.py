"""Say which data is there, get what is not, and build the files of q10 and q11 from it.

Examples:
  python -m data status              # what is there, and where to place by hand what is not
  python -m data fetch               # get everything, the best edition to be had
  python -m data fetch digits words  # get these two
  python -m data stories             # q10: make a tokenizer and token lists in stories/
  python -m data stories --out small --sequences 2000   # fewer of them, elsewhere
  python -m data pairs               # q11: write the six files of sentence pairs to en_es_data/
  python -m data pairs --tiny --out en_es_tiny   # a few hundred of them, for a run of seconds
  COURSEWORK_DATA=/srv/data python -m data status   # the same for another cache folder

Usage:
  python -m data status
  python -m data fetch [NAME...]
  python -m data stories [--out FOLDER] [--length T] [--sequences N] [--valid N]
  python -m data pairs [--out FOLDER] [--tiny]
  python -m data (-h | --help)

Options of stories and pairs:
  --out FOLDER   where to put the files; left out, in stories or in en_es_data
  --length T     stories: tokens in a list [default: 128]
  --sequences N  stories: lists to train on, at most [default: 100000]
  --valid N      stories: lists to validate on, at most [default: 2000]
  --tiny         pairs: a few hundred short ones only, for a run of seconds

Names: points, sine, digits, words, small_digits, shakespeare, fashion, stories, es_en.
Exit codes: status 0, whatever is there; fetch, stories and pairs 0 all there, 1 something could not
be fetched or made; 2 the command line is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docopt import DocoptExit, docopt

if TYPE_CHECKING:
    from data.source import Dataset

HEADER = ("name", "question", "edition", "examples", "size", "licence", "source")
MISSING = "not there"


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__.strip())  # noqa: T201
        return 0
    try:
        # docopt takes the first word of a usage line for the program and has no notion of -m.
        usage = __doc__.replace("python -m data", "data")
        options = docopt(usage, argv=list(arguments), default_help=False)
    except DocoptExit:
        print(f"cannot read {' '.join(arguments)!r}; try: python -m data --help", file=sys.stderr)  # noqa: T201
        return 2
    try:
        if options["stories"]:
            return stories(options)
        if options["pairs"]:
            return pairs(options["--out"], options["--tiny"])
        return fetch(options["NAME"]) if options["fetch"] else status()
    except KeyboardInterrupt:
        goes_on = (
            "starts again"
            if options["stories"] or options["pairs"]
            else "continues where it stopped"
        )
        print(f"\ninterrupted; the same command {goes_on}", file=sys.stderr)  # noqa: T201
        return 130


def status() -> int:
    """Print a table of all datasets, and where to place by hand the files of what is not there."""
    from data import cache
    from data.catalogue import DATASETS
    from data.fetching import by_hand

    rows = [HEADER, *map(_row, DATASETS)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print("cache:", ", ".join(map(str, cache.folders())))  # noqa: T201
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())  # noqa: T201
    advice: dict[str, list[str]] = {}  # two datasets may share their files
    for dataset, row in zip(DATASETS, rows[1:], strict=True):
        if row[2] == MISSING:
            advice.setdefault("\n".join(by_hand(dataset)), []).append(dataset.name)
    for text, names in advice.items():
        if text:
            print(f"\nNot there: {', '.join(names)}. {text}")  # noqa: T201
    return 0


def _row(dataset: Dataset) -> tuple[str, ...]:
    from data import cache
    from data.fetching import present

    found = present(dataset)
    if found is None:
        sources = "; ".join(str(recipe.source) for recipe in dataset.recipes)
        return (dataset.name, dataset.question, MISSING, "-", "-", "-", sources)
    recipe, contents = found
    parts = dataset.read(recipe.edition, contents).parts().values()
    size = f"{cache.size_of(recipe) / 1e6:.1f} MB" if recipe.files else "-"
    examples = "/".join(f"{len(part):,}" for part in parts)
    edition = recipe.edition
    return (
        dataset.name,
        dataset.question,
        edition.name,
        examples,
        size,
        edition.licence,
        edition.source,
    )


def fetch(names: Sequence[str]) -> int:
    """Get the named datasets, or all of them."""
    from data import fetching
    from data.catalogue import DATASETS
    from data.loading import find

    try:
        datasets = [find(name) for name in names] or list(DATASETS)
    except ValueError as unknown:
        print(unknown, file=sys.stderr)  # noqa: T201
        return 2
    failed = 0
    for dataset in datasets:
        try:
            recipe, _ = fetching.fetch(dataset)
        except fetching.FetchError as error:
            print(error, file=sys.stderr)  # noqa: T201
            failed = 1
        else:
            edition = recipe.edition
            print(f"{dataset.name}: {edition.name}, {edition.description}")  # noqa: T201
    return failed


def stories(options: dict[str, Any]) -> int:
    """Build the data files of q10."""
    from data import building
    from data.fetching import FetchError

    try:
        sizes = building.Sizes(
            *(_whole(options, name) for name in ("--length", "--sequences", "--valid"))
        )
    except ValueError as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(options["--out"] or "stories")
    try:
        about = building.build(folder, sizes)
    except (FetchError, ImportError, OSError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(building.summary(folder, about))  # noqa: T201
    return 0


def _whole(options: dict[str, Any], name: str) -> int:
    try:
        return int(options[name])
    except ValueError:
        raise ValueError(f"{name} is {options[name]!r}; expected a whole number") from None


def pairs(out: str | None, tiny: bool) -> int:
    """Write the folder of sentence pairs."""
    from data import pair_folder
    from data.fetching import FetchError

    try:
        written = pair_folder.build(Path(out or pair_folder.DEFAULT), tiny)
    except (FetchError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(pair_folder.summary(written))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
