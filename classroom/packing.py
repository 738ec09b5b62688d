"""A submission as bytes that can travel: the files that an examiner would take, in a plain zip."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from grading.submission import open_submission
from grading.temporary import TemporaryFolder


def pack(path: Path) -> bytes:
    """Read a submission.

    The zip is not compressed: a caller may have any size refused, but none for its ratio.

    Args:
        path: the folder or zip.

    Raises:
        RefusedSubmission: if it holds no homework or more than it may.
        UsageError: if it is gone, or there is no room to unpack it.
    """
    with TemporaryFolder() as scratch:
        copy = open_submission(path, scratch)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(copy.rglob("*")):
                if file.is_file() and _can_be_named(file):
                    archive.writestr(
                        zipfile.ZipInfo(file.relative_to(copy).as_posix()), file.read_bytes()
                    )
    return packed.getvalue()


def _can_be_named(file: Path) -> bool:
    """Whether a zip can hold the name; Python could import nothing of another name."""
    try:
        os.fspath(file).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
