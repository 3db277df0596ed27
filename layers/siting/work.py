"""Keeping watch over a solution at work: time, requests to stop, and what is told on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from layers.siting.answer import Progress, gap_of


@dataclass(eq=False)
class Work:
    """A solution at work.

    Attributes
    ----------
    limit_s : seconds after which it stops
    goal : gap at which it stops
    tell : told each stage; None for nobody
    cancelled : True when somebody asks to stop
    scale : turns a value of the search into one of the answer, and a bound likewise
    """

    limit_s: float
    goal: float
    tell: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None
    scale: Callable[[float], float] = float
    began: float = field(default_factory=perf_counter)
    stages: list[Progress] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return perf_counter() - self.began

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.limit_s - self.seconds

    @property
    def over(self) -> bool:
        """Time is up, or somebody asks to stop."""
        return self.left <= 0 or self.stop()

    def stop(self) -> bool:
        """Return whether somebody asks to stop."""
        return self.cancelled is not None and self.cancelled()

    def report(self, stage: str, value: float, bound: float) -> None:
        """Note where the search stands, in its own scale, and tell it."""
        value, bound = self.scale(value), self.scale(bound)
        progress = Progress(stage, value, bound, gap_of(value, bound), self.seconds)
        self.stages.append(progress)
        if self.tell is not None:
            self.tell(progress)

    def near(self, value: float, bound: float) -> bool:
        """Return whether value and bound, in the search's own scale, are as near as was asked for."""
        return gap_of(self.scale(value), self.scale(bound)) <= self.goal
