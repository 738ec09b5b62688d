"""A report as the ``result.json`` of Classroom 50, the successor of GitHub Classroom.

Its runner calls a grader in a student's repository, tells it by environment variables what is being
graded, reads ``result.json`` afterwards and publishes it. Anything else at the top would have the
file refused, so further facts stand in the tests.

See https://github.com/foundation50/classroom50, schemas/result-v1.schema.json.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from grading.report.course_sites import details
from grading.results import CheckResult, Report, Status, write_atomically

SCHEMA = "classroom50/result/v1"
TIME = "%Y-%m-%dT%H:%M:%SZ"
NOWHERE = "unknown"
KINDS = ("individual", "group")


def classroom50(report: Report, told: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """A report in this format, one test for each check.

    Args:
        report: of a run.
        told: the environment; where the runner has not set a variable, the field says "unknown",
            so that the file can be looked at elsewhere.
        now: with a time zone; the runner knows better when the work was handed in.
    """
    kind = told.get("MODE", "")
    commit = told.get("COMMIT_URL") or NOWHERE
    at = now.astimezone(timezone.utc).strftime(TIME)
    return {
        "schema": SCHEMA,
        "classroom": told.get("CLASSROOM") or NOWHERE,
        "assignment": told.get("ASSIGNMENT") or NOWHERE,
        "assignment_type": kind if kind in KINDS else KINDS[0],
        "owner": told.get("USERNAME") or told.get("GITHUB_ACTOR") or NOWHERE,
        "submission": told.get("SUBMISSION_TAG") or f"submit/{NOWHERE}",
        "commit": commit,
        "release": told.get("RELEASE_URL") or NOWHERE,
        "review": told.get("REVIEW_URL") or commit,
        "datetime": at,
        "graded_at": at,
        "score": report.earned,
        "max-score": report.points,
        "tests": [_test(check) for check in report.checks],
    }


def _test(check: CheckResult) -> dict[str, Any]:
    return {
        "test-name": f"{check.id}: {check.claim}",
        "passed": check.status is Status.PASSED,
        "score": check.earned,
        "max-score": check.points,
        "status": check.status.value,
        "output": details(check),
    }


def write_classroom50(report: Report, path: Path) -> None:
    """Write the file in one step."""
    written = classroom50(report, os.environ, datetime.now(timezone.utc))
    write_atomically(path, json.dumps(written, indent=2, ensure_ascii=False) + "\n")
