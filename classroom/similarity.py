"""Looks for work that two people have handed in, and writes a page that staff can judge it by.

Two kinds of evidence: passages of code that few have and two share (`classroom.fingerprints`), and
trainings that went the same way (`classroom.twin_trainings`). The page accuses nobody: it shows
both texts side by side.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from classroom.fingerprints import Group, Pair, Text, compare
from classroom.passages import OTHER, given, passages
from classroom.records import HandedIn, Mark
from classroom.twin_trainings import Twins, twin_answers, twin_curves
from grading.archive import IGNORED_PARTS, RefusedSubmission
from grading.options import UsageError
from grading.results import write_atomically
from grading.submission import open_submission

PAGE = "similarity.html"
MOST_PAIRS = 200
ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Findings:
    """All that was found.

    Attributes:
        people: how many were compared.
        older: how many submissions of other years.
        questions: which were compared.
        pairs: alike texts, the most alike first.
        groups: people with the same text.
        twins: trainings and answers.
        left_out: pairs that are not shown because there are too many.
    """

    people: int = 0
    older: int = 0
    questions: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    twins: list[Twins] = field(default_factory=list)
    left_out: int = 0


def write(
    out: Path,
    handed_in: Sequence[HandedIn],
    marks: Iterable[Mark],
    stubs: Path | None = None,
    older: Iterable[Path] = (),
) -> Path | None:
    """Compare a class, and write ``similarity.html``.

    Args:
        out: the folder that the page goes to.
        handed_in: every attempt; the last one of each person that can be opened is looked at.
        marks: what they were found to be worth; only their questions are compared.
        stubs: what everybody was given: the student edition, or the marked solution; None for
            this repository.
        older: folders of older years' submissions.

    Returns:
        The page, or None where there are not two people to compare.

    Raises:
        UsageError: if copydetect is missing, or an older year's folder is.
    """
    marks = list(marks)
    found = find(handed_in, marks, stubs or ROOT, list(older))
    if found is None:
        return None
    from classroom.similarity_page import page

    write_atomically(out / PAGE, page(found))
    return out / PAGE


def find(
    handed_in: Sequence[HandedIn], marks: Sequence[Mark], stubs: Path, older: Sequence[Path]
) -> Findings | None:
    """What the page is about; None where there are not two people to compare."""
    with tempfile.TemporaryDirectory(prefix="similarity-") as name:
        scratch, last = Path(name), _last(handed_in)
        folders = dict(_unpacked({each.person: each.path for each in last}, scratch))
        if len(folders) < 2:
            return None
        past = dict(_unpacked(dict(_past(older)), scratch))
        known = given(_only(stubs, scratch))
        unchanged = {passage.text for theirs in known.values() for passage in theirs}
        texts = _texts(folders, past, unchanged)
        asked = {mark.question for mark in marks}
        found = Findings(
            len(folders), len(past), sorted(set(texts) & ({*asked, OTHER} if asked else set(texts)))
        )
        for question in found.questions:
            try:
                pairs, groups = compare(question, texts[question], known.get(question, []))
            except ModuleNotFoundError as error:
                raise UsageError(
                    f"{error.name} is not installed; run: pip install -r requirements-staff.txt"
                ) from error
            found.pairs += pairs
            found.groups += groups
        found.twins = twin_curves(marks, {each.key: each.person for each in last})
        found.twins += twin_answers(folders)
    found.pairs.sort(key=lambda pair: -pair.likeness)
    found.left_out = len(found.pairs[MOST_PAIRS:])
    del found.pairs[MOST_PAIRS:]
    return found


def _last(handed_in: Sequence[HandedIn]) -> list[HandedIn]:
    """Each person's last attempt that can be opened; what a group handed in once, with its names.

    A group's folder is listed for each member, but nobody has copied it.
    """
    last: dict[str, HandedIn] = {}
    people: dict[Path, list[str]] = defaultdict(list)
    for each in handed_in:
        people[each.path].append(each.person)
        before = last.get(each.person)
        if not each.trouble and (before is None or each.attempt > before.attempt):
            last[each.person] = each
    once = {each.path: each for each in last.values()}
    return [replace(each, person=", ".join(people[path])) for path, each in once.items()]


def _past(older: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    for folder in older:
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}; --older names one with submissions")
        for entry in sorted(folder.iterdir()):
            if entry.name not in IGNORED_PARTS and (entry.is_dir() or entry.suffix == ".zip"):
                yield f"{folder.name}/{entry.name}", entry


def _unpacked(entries: Mapping[str, Path], scratch: Path) -> Iterator[tuple[str, Path]]:
    """Each submission as a folder of its own; those that nobody can open are passed over."""
    for who, path in entries.items():
        place = Path(tempfile.mkdtemp(dir=scratch))
        try:
            yield who, open_submission(path, place)
        except (RefusedSubmission, UsageError, OSError):
            continue


def _only(stubs: Path, scratch: Path) -> Path:
    try:
        return open_submission(stubs, Path(tempfile.mkdtemp(dir=scratch)))
    except RefusedSubmission as error:
        raise UsageError(f"{stubs} does not hold what students were given: {error}") from error


def _texts(
    folders: Mapping[str, Path], past: Mapping[str, Path], unchanged: set[str]
) -> dict[str, list[Text]]:
    """Everybody's text for each question, without files that are as they were given."""
    found: dict[str, list[Text]] = defaultdict(list)
    for submissions, is_older in ((folders, False), (past, True)):
        for who, folder in submissions.items():
            for question, theirs in passages(folder).items():
                own = tuple(each for each in theirs if each.text not in unchanged)
                if own:
                    found[question].append(Text(who, is_older, own))
    return found
