"""Whether this machine can open a window, and with which of matplotlib's backends."""

from __future__ import annotations

import os
import subprocess
import sys

BACKENDS = ("macosx", "tkagg", "qtagg", "gtk4agg", "gtk3agg", "wxagg")
PROBE = "import sys, matplotlib.pyplot as p; p.switch_backend(sys.argv[1]); p.figure()"
NO_DISPLAY = "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
NO_BACKEND = (
    "no window can be opened; either the display does not answer, or no window toolkit is "
    "installed (python3-tk on Debian and Ubuntu, or pip install PySide6)"
)


class NoDisplayError(Exception):
    """No window can be opened; the message says why."""


def use_display() -> str:
    """Prepare matplotlib for windows.

    Each toolkit is first tried in a process of its own, since a broken one may abort it.

    Returns:
        The backend that works.

    Raises:
        NoDisplayError: if none does.
    """
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        raise NoDisplayError(NO_DISPLAY)
    wanted = os.environ.get("MPLBACKEND", "").lower()
    for backend in sorted(BACKENDS, key=lambda name: name != wanted):
        if (backend == "macosx") == (sys.platform == "darwin") or backend != "macosx":
            if _works(backend):
                import matplotlib.pyplot as plt

                plt.switch_backend(backend)
                return backend
    raise NoDisplayError(NO_BACKEND)


def _works(backend: str) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-c", PROBE, backend], capture_output=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
