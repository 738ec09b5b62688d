"""A window in which a line segment turns in a circle: proof that windows work here."""

from __future__ import annotations

import math
import time

SECONDS = 6.0
SECONDS_A_TURN = 2.0
PAUSE = 0.03


def turn(seconds: float = SECONDS) -> int:
    """Show the window until its time is over or its user closes it.

    Args:
        seconds: how long.

    Returns:
        How many pictures were drawn.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(num="Windows work: a line turns", figsize=(4, 4))
    axes.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
    (line,) = axes.plot([0.0, 1.0], [0.0, 0.0], color="#0072B2", linewidth=4)
    plt.show(block=False)
    begun, drawn = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds and plt.fignum_exists(figure.number):
        angle = 2 * math.pi * passed / SECONDS_A_TURN
        line.set_data([0.0, math.cos(angle)], [0.0, math.sin(angle)])
        figure.canvas.draw_idle()
        figure.canvas.flush_events()
        drawn += 1
        time.sleep(PAUSE)
    plt.close(figure)
    return drawn
