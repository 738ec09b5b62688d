"""Names of files for keys that may hold anything."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9@+=_-]*(?:\.[A-Za-z0-9@+=_-]+)*")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
LONGEST = 100


def file_names(keys: Iterable[str]) -> dict[str, str]:
    """A name for each key that every file system takes, and that no other key has.

    A key that makes a good name is its own. Any other, and any that differs from another only in
    its capitals, gets a digest at its end.
    """
    keys = list(dict.fromkeys(keys))
    alike = Counter(key.lower() for key in keys)
    return {key: key if _is_plain(key) and alike[key.lower()] == 1 else _named(key) for key in keys}


def _is_plain(key: str) -> bool:
    ends_alike = re.search(r"-[0-9a-f]{16}$", key)  # so that no key takes another's made-up name
    return bool(
        len(key) <= LONGEST
        and PLAIN.fullmatch(key)
        and not RESERVED.fullmatch(key)
        and not ends_alike
    )


def _named(key: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", key[:LONGEST].lower()).strip("-")[:40] or "key"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{words}-{digest}"
