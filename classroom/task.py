"""What runs on a worker of Dask's: take an order and a submission, have it graded, give JSON back.

Orders and answers are text, submissions are bytes: nothing that has been near a student's code is
ever pickled, and the client reads no pickle (see `classroom.cluster`).
"""

from __future__ import annotations

import base64
import json
import os
import socket
from pathlib import Path
from typing import Any

from classroom.examiners import ExaminerLost, Examiners
from classroom.units import grader_version

EXAMINERS = Examiners()  # of this process; a worker of Dask's lives for many tasks
DATA = "COURSEWORK_DATA"
held: set[str] = set()  # the supplies that this worker has, by their digest


def grade(order_text: str, packed: bytes) -> str:
    """Grade one question of one submission.

    Args:
        order_text: JSON: ``asked``, ``seed``, ``patience``, ``isolation``, ``required``,
            ``grader`` and ``supplies``.
        packed: the submission, see `classroom.packing`.

    Returns:
        JSON: one of ``report`` (see `classroom.examining.Examiner.grade`), ``unfit`` (this worker
        cannot grade, another may), ``fault`` (this went wrong); and who says so: ``worker`` and
        its ``address`` in the cluster.
    """
    order: dict[str, Any] = json.loads(order_text)
    why = unfit(order)
    if why:
        return _told({"unfit": why})
    order["packed"] = base64.b64encode(packed).decode("ascii")
    try:
        return _told(EXAMINERS.ask(order, order["patience"]))
    except ExaminerLost as loss:
        return _told({"fault": str(loss)})
    except OSError as error:
        return _told({"unfit": f"no examiner can be started: {error}"})


def unfit(order: dict[str, Any]) -> str:
    """Why this worker cannot grade, or "" if it can."""
    if order["grader"] != grader_version():
        return (
            "this worker has other sources of the grader; start it in a checkout of the same commit"
        )
    if order["supplies"] and order["supplies"] not in held:
        return "this worker has not been given the data"
    return ""


def _told(reply: dict[str, Any]) -> str:
    from distributed import get_worker

    me = {"worker": f"{socket.gethostname()}:{os.getpid()}", "address": get_worker().address}
    return json.dumps({**reply, **me})


def supply(digest: str, folder: Path) -> None:
    """Have examiners find the data of a class in a folder."""
    EXAMINERS.environment[DATA] = str(folder)
    held.add(digest)
    EXAMINERS.dismiss()  # those with other data


def dismiss() -> None:
    """End this worker's examiners."""
    EXAMINERS.dismiss()
