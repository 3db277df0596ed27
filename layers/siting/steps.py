"""How far a piece of work in several steps has come, for who watches it, and the word to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from geodata.errors import Stopped


@dataclass(frozen=True)
class Step:
    """What is being done, in Chinese, and how much of it is done: ``done`` of ``of``."""

    title: str
    done: int
    of: int


@dataclass(frozen=True)
class Watch:
    """Who is told of steps, and who may stop the work."""

    tell: Callable[[Step], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def step(self, title: str, done: int, of: int) -> None:
        """Tell a step; Stopped when somebody has asked to stop."""
        if self.stop():
            raise Stopped
        if self.tell is not None:
            self.tell(Step(title, done, of))

    def stop(self) -> bool:
        """Return whether somebody asks to stop."""
        return self.cancelled is not None and self.cancelled()
