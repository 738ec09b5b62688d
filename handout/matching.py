"""Regions and checks, matched both ways by reading: nothing is run here."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from grading.claims import Claim
from grading.questions import questions
from grading.shipping import names_used
from grading.spellings import accepted
from handout.manifest import Kind, files_below, sort_out
from handout.regions import Region, find_regions, require_unique


def all_regions(root: Path) -> list[Region]:
    """The regions of every file that becomes a stub, file after file."""
    regions = [
        region
        for path, rule in sort_out(files_below(root))
        if rule.kind is Kind.STUB
        for region in find_regions((root / path).read_text(encoding="utf-8"), path)
    ]
    require_unique(regions)
    return regions


def owner(root: Path, region: Region) -> tuple[str, str]:
    """The module and the class or function at its top in which a region lies."""
    tree = ast.parse((root / region.file).read_text(encoding="utf-8"))
    module = region.file.partition("/")[0].removesuffix(".py")
    names = [
        getattr(node, "name", "")
        for node in tree.body
        if node.lineno < region.begin <= (node.end_lineno or 0)
    ]
    return module, names[0]


def mismatches(root: Path, claims: Iterable[Claim] | None = None) -> list[str]:
    """What is wrong between regions and checks; empty if each has its counterpart.

    A region's class or function must be used by a check of its question, itself or by a function
    beside it, and a check must use a class or function in which its question has a region.
    """
    checks = [c for q in questions() for c in q.checks] if claims is None else list(claims)
    owners = {region.id: owner(root, region) for region in all_regions(root)}
    found = []
    for name, place in owners.items():
        question = name.partition(".")[0]
        places = {place, *_callers(root, place)}
        asking = (check for check in checks if check.question == question)
        if not any(places & _places_used(check) for check in asking):
            found.append(f"no check of {question} uses {'.'.join(place)}, where {name} lies")
    for check in checks:
        places = {owners[name] for name in owners if name.startswith(f"{check.question}.")}
        if not places & _places_used(check):
            found.append(f"{check.id} uses nothing in which {check.question} has a region")
    return found


def _callers(root: Path, place: tuple[str, str]) -> set[tuple[str, str]]:
    """The functions of the same file that read a function's name: what they do, it does too."""
    module, name = place
    file = root / f"{module}.py"
    if not file.is_file():
        return set()  # a package, whose files hold one class each
    return {
        (module, node.name)
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
    }


def _places_used(check: Claim) -> set[tuple[str, str]]:
    """What a check's answer uses, and wherever else that may stand."""
    return {place for used in names_used(check) for place in accepted(*used)}
