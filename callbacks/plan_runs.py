"""Solving as a job of the server: the moves of value and bound are kept, and who stops it keeps the best so far."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from callbacks.jobs import Jobs, Standing
from geodata.city import City
from layers.siting.answer import Progress
from layers.siting.ask import Ask
from layers.siting.plan import Plan, plan

EVERY_MS = 400


@dataclass
class _Attempt:
    """How often a question was begun, and what the last attempt has told so far."""

    number: int = 0
    told: list[Progress] = field(default_factory=list)


class Runs:
    """The runs of one server; all methods may be called by any thread.

    A run that was stopped has an answer, the best that was found; asked again it begins anew.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs, self._lock = jobs, Lock()
        self._attempts: WeakKeyDictionary[City, dict[str, _Attempt]] = WeakKeyDictionary()

    def start(self, city: City, ask: Ask, *, visitor: str = "") -> Standing:
        """Ask for a plan; join who asks the same, take the answer that is there, begin anew after a stop."""
        own = self._attempt(city, ask)
        found = self._jobs.look(city, _question(ask, own.number))
        stopped = isinstance(found.answer, Plan) and found.answer.answer.status == "stopped"
        if stopped or found.phase in ("failed", "cancelled", "none"):
            with self._lock:
                own = self._attempts[city][key_of(ask.to_dict())] = _Attempt(own.number + 1)
        told = own.told
        return self._jobs.start(
            city,
            _question(ask, own.number),
            lambda where, _tell, cancelled: plan(where, ask, tell=told.append, cancelled=cancelled),
            visitor=visitor,
        )

    def look(self, city: City, ask: Ask) -> Standing:
        """Return how the last attempt at a question stands; its answer is a :class:`Plan`."""
        return self._jobs.look(city, _question(ask, self._attempt(city, ask).number))

    def stop(self, city: City, ask: Ask, *, visitor: str = "") -> Standing:
        """Let a visitor stop waiting; when nobody else does, the work ends with the best that was found."""
        return self._jobs.cancel(city, _question(ask, self._attempt(city, ask).number), visitor=visitor)

    def wait(self, city: City, ask: Ask, *, timeout_s: float | None = None) -> Standing:
        """Wait until the last attempt is over; for programs and tests, not for pages."""
        return self._jobs.wait(city, _question(ask, self._attempt(city, ask).number), timeout_s=timeout_s)

    def turn(self, city: City, ask: Ask) -> int:
        """Return how often a question was begun; results of different turns may differ where one was stopped."""
        return self._attempt(city, ask).number

    def trail(self, city: City, ask: Ask) -> tuple[Progress, ...]:
        """Return how value and bound of the last attempt moved so far."""
        return tuple(self._attempt(city, ask).told)

    def _attempt(self, city: City, ask: Ask) -> _Attempt:
        with self._lock:
            return self._attempts.setdefault(city, {}).setdefault(key_of(ask.to_dict()), _Attempt())


def found_plan(standing: Standing) -> Plan | None:
    """Return the plan of a finished run; None while there is none."""
    return standing.answer if standing.phase == "done" and isinstance(standing.answer, Plan) else None


def key_of(ask: Mapping[str, Any]) -> str:
    """Return a question, as :meth:`Ask.to_dict` gives it, as one text: equal for equal questions."""
    return json.dumps(ask, sort_keys=True, ensure_ascii=False)


def _question(ask: Ask, number: int) -> Hashable:
    return ("plan", key_of(ask.to_dict()), number)
