"""What a forked worker does to itself before it imports a submission (Linux, upper levels)."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any

from grading.isolation import landlock, seccomp
from grading.isolation.kernel import PR_SET_PDEATHSIG, grant_nothing_new, process_control
from grading.isolation.user import become, give_up_rights


@dataclass(frozen=True)
class Confinement:
    """What a worker may still do; it travels to the worker server as plain values.

    Attributes:
        readable: folders and files to read.
        writable: folders to write in, besides the check's own.
        devices: device files to use.
    """

    readable: list[str]
    writable: list[str]
    devices: list[str]

    def enter(self, values: dict[str, Any]) -> None:
        """Give up everything else, for good.

        Args:
            values: of the examiner's first frame: ``submission`` and ``inputs`` are read,
                ``scratch`` is written, ``user`` is whom to become, or None, and ``device`` is
                where the check runs.

        Raises:
            OSError: if the kernel refuses; no student code may run then.
        """
        if len(os.listdir("/proc/self/task")) > 1:
            raise OSError("a thread runs already, and would stay as free as it is")
        if values.get("user") is not None:
            become(values["user"])
        elif os.geteuid() == 0:
            give_up_rights()
        process_control(PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user clears it
        grant_nothing_new()
        landlock.restrict(
            [*self.readable, values["submission"], values["inputs"]],
            [*self.writable, values["scratch"]],
            self.devices,
        )
        seccomp.restrict(memory_files=values["device"] == "cuda")
