"""What is asked of every submission: the chosen questions, and the data that they train on.

To know the questions is to import torch, which takes seconds; the ledger remembers what the same
sources said to the same request.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from classroom.ledger import Ledger
from classroom.units import Task, grader_version
from grading.options import UsageError

if TYPE_CHECKING:
    from grading.claims import Claim

LOADED = re.compile(r"data\.load\(\"(\w+)\"\)")


Asked = list[tuple[str, list[str], float, list[str]]]
"""A question, what is asked of it, the seconds that its checks may take, its datasets."""


def tasks(asked: tuple[str, ...], ledger: Ledger) -> list[Task]:
    """A task for each chosen question, the long ones first; missing data is fetched.

    Args:
        asked: ids of questions, checks and homeworks.
        ledger: remembers what they come to.

    Raises:
        UsageError: if an id is unknown, or data cannot be had.
    """
    name = f"asked {grader_version()} {','.join(asked)}"
    remembered = ledger.recall(name)
    chosen: Asked = chosen_of(asked) if remembered is None else json.loads(remembered)
    if remembered is None:
        ledger.fact(name, json.dumps(chosen))
    return [
        Task(question, tuple(ids), seconds, tuple(map(edition, names)))
        for question, ids, seconds, names in chosen
    ]


def chosen_of(asked: tuple[str, ...]) -> Asked:
    """What a request comes to, the long questions first.

    Raises:
        UsageError: if an id is unknown.
    """
    from grading.questions import select

    found: Asked = []
    for question in select(asked)[0]:
        ids = [claim.id for claim in question.checks]
        whole = question.id in asked or not set(ids) & set(asked)
        seconds = sum(claim.limit for claim in question.checks)
        found.append(
            (question.id, [question.id] if whole else ids, seconds, datasets(question.checks))
        )
    return sorted(found, key=lambda one: -one[2])


def datasets(claims: Iterable[Claim]) -> list[str]:
    """The names of the datasets that checks load, in alphabetical order."""
    names: set[str] = set()
    for claim in claims:
        named = getattr(claim.kind, "dataset", None)
        names |= {named} if named else set()
        names.update(LOADED.findall(inspect.getsource(claim.kind)))
    return sorted(names)


def edition(dataset: str) -> str:
    """The edition of a dataset that is here; it is fetched if there is none.

    Raises:
        UsageError: if it cannot be had.
    """
    from data.fetching import FetchError, fetch, present
    from data.loading import find

    try:
        recipe, _ = present(find(dataset)) or fetch(find(dataset))
    except FetchError as error:
        raise UsageError(str(error)) from error
    return f"{dataset} {recipe.edition.name}"
