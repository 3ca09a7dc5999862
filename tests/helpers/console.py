"""Runs the command line in this process and checks that what it says is fit for a user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Console = Callable[..., "Said"]


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return self.err.splitlines()[0]

    @property
    def advice(self) -> str:
        """What to do."""
        return self.err.splitlines()[1]

    def require(self, code: int, sentence: str | None = None) -> None:
        """One sentence, one piece of advice, no traceback, the right exit code."""
        assert self.code == code, self.err
        assert len(self.err.strip().splitlines()) == 2, self.err
        assert self.sentence.endswith((".", ")."))
        assert self.advice
        assert "Traceback" not in self.err
        assert "Error" not in self.err
        if sentence is not None:
            assert self.sentence == sentence
