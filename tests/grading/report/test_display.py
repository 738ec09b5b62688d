import sys

import matplotlib.pyplot as plt
import pytest

from grading.report import display
from grading.report.display import NoDisplayError, use_display


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A Linux desktop on which only gtk3agg works; lists what was tried."""
    seen: list[str] = []

    def works(backend: str) -> bool:
        seen.append(backend)
        return backend == "gtk3agg"

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(display, "_works", works)
    monkeypatch.setattr(plt, "switch_backend", lambda name: None)
    return seen


def test_without_a_display_nothing_is_tried(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(NoDisplayError, match="there is no display"):
        use_display()
    assert tried == []


def test_the_first_toolkit_that_works_is_used(tried: list[str]) -> None:
    assert use_display() == "gtk3agg"
    assert tried[0] == "tkagg"
    assert "macosx" not in tried


def test_the_users_choice_comes_first(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "GTK3Agg")
    assert use_display() == "gtk3agg"
    assert tried == ["gtk3agg"]


def test_no_toolkit_at_all_is_said_with_what_to_install(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "_works", lambda backend: False)
    with pytest.raises(NoDisplayError, match="python3-tk"):
        use_display()


def test_a_toolkit_that_is_not_there_does_not_work() -> None:
    assert not display._works("no-such-backend")
