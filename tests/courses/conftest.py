"""What the tests of every course use."""

import pytest


@pytest.fixture
def interrupt_after(monkeypatch):
    """Presses Ctrl-C right after so much progress was saved, or right before more is."""
    from courses.experiment import Results

    save = Results.save

    def arm(times, *, before_saving=False):
        saved = []

        def save_then_stop(self, *arguments):
            if before_saving and len(saved) == times:
                raise KeyboardInterrupt
            save(self, *arguments)
            saved.append(arguments)
            if not before_saving and len(saved) == times:
                raise KeyboardInterrupt

        monkeypatch.setattr(Results, "save", save_then_stop)

    arm.disarm = lambda: monkeypatch.setattr(Results, "save", save)
    return arm
