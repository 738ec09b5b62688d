"""When each submission came: ``handed_in.csv`` beside them, where no course site says so."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import datetime
from pathlib import Path

from grading.options import UsageError

SUBMISSION, AT = "submission", "at"


def read_times(path: Path) -> dict[str, datetime]:
    """Each entry's time by its name, as the columns ``submission`` and ``at`` give them.

    Raises:
        UsageError: if a line has no meaning; a time without its offset from UTC has none.
    """
    try:
        text = unicodedata.normalize("NFC", path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not {SUBMISSION, AT} <= set(reader.fieldnames or ()):
        raise UsageError(f"{path}:1 has to name the columns {SUBMISSION} and {AT}")
    times: dict[str, datetime] = {}
    for row in reader:
        name, at = (row[SUBMISSION] or "").strip(), (row[AT] or "").strip()
        if not at:
            continue  # nobody knows
        place = f"{path}:{reader.line_num}"
        try:
            moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
        except ValueError as error:
            raise UsageError(
                f"{place}: {at!r} is no time such as 2026-10-01T23:59+02:00"
            ) from error
        if moment.tzinfo is None:
            raise UsageError(f"{place}: {at} lacks its offset from UTC, such as +02:00 or Z")
        if times.get(name, moment) != moment:
            raise UsageError(f"{place} gives {name!r} a second time")
        times[name] = moment
    return times
