from __future__ import annotations

import ast
import builtins

import pytest

from grading.claims import Claim
from grading.questions import questions
from grading.shipping import answer_text, modules_used, names_used
from grading.spellings import HOMEWORK_MODULES
from grading.worker import kit

CLAIMS = [pytest.param(claim, id=claim.id) for question in questions() for claim in question.checks]


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_answer_uses_nothing_but_the_kit(claim: Claim) -> None:
    code = compile(answer_text(claim), "answer", "exec").co_consts[0]
    reachable = [code]
    used: set[str] = set()
    while reachable:
        block = reachable.pop()
        used |= {name for name in block.co_names if name in _global_names(answer_text(claim))}
        reachable += [const for const in block.co_consts if hasattr(const, "co_names")]
    allowed = set(kit.__all__) | set(dir(builtins))
    assert used <= allowed, f"{claim.id}.answer uses {sorted(used - allowed)}"


def _global_names(text: str) -> set[str]:
    """Names that are read but bound nowhere in the answer."""
    tree = ast.parse(text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {node.id for node in names} - bound


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_answer_never_mentions_the_check_itself(claim: Claim) -> None:
    names = {
        node.id for node in ast.walk(ast.parse(answer_text(claim))) if isinstance(node, ast.Name)
    }
    assert "self" not in names


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_check_says_which_part_of_the_submission_it_needs(claim: Claim) -> None:
    assert set(modules_used(claim)) <= set(HOMEWORK_MODULES)
    assert names_used(claim)
