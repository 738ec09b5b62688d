"""Ends a worker server whose examiner is gone while it is still importing torch.

Later it listens to the control socket and hears at once; until then a timer looks at the socket.
(A signal at the parent's death would come when the thread ends that started us, too.)
"""

from __future__ import annotations

import os
import select
import signal

SECONDS_BETWEEN_LOOKS = 0.5


def end_with_examiner(control: int) -> None:
    """Look now and then whether the other end of the control socket is still open."""
    poll = select.poll()
    poll.register(control, 0)  # only that it was hung up, not that something can be read

    def look(*_: object) -> None:
        if poll.poll(0):
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LOOKS)


def look_no_longer() -> None:
    """The socket is listened to from now on."""
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
