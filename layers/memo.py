"""Remembering what was computed for a city, for as long as the city itself is in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from geodata.city import City

P = ParamSpec("P")
R = TypeVar("R")
_seeds: dict[Callable[..., Any], Callable[[City, object, Any], None]] = {}


@dataclass(frozen=True, eq=False)
class _Known:
    """An answer that is known another way; ``make`` gives it to the first who asks."""

    make: Callable[[], Any]


def seed(function: Callable[..., Any], city: City, *args: object, make: Callable[[], Any]) -> None:
    """Let a remembered function answer ``make()`` for a city and arguments: the same as it would compute itself.

    ``make`` must not hold the city. An answer that is there already stays.
    """
    _seeds[function](city, (args, ()), _Known(make))


def remembered(*, most: int = 64) -> Callable[[Callable[Concatenate[City, P], R]], Callable[Concatenate[City, P], R]]:
    """Keep the ``most`` recently used answers of a pure function for each city; they go when the city goes.

    Arguments besides the city must be hashable. Of threads that ask the same at once one computes it and the others
    wait. Answers are shared: callers must not write into them, and they must not hold the city.
    """

    def decorate(function: Callable[Concatenate[City, P], R]) -> Callable[Concatenate[City, P], R]:
        kept: WeakKeyDictionary[City, OrderedDict[object, R | _Known]] = WeakKeyDictionary()
        turns: WeakKeyDictionary[City, dict[object, Lock]] = WeakKeyDictionary()
        lock = Lock()

        @wraps(function)
        def ask(city: City, /, *args: P.args, **kwargs: P.kwargs) -> R:
            key = (args, tuple(sorted(kwargs.items())))
            with lock:
                answers = kept.setdefault(city, OrderedDict())
                if key in answers:
                    answers.move_to_end(key)
                    held = answers[key]
                    if not isinstance(held, _Known):
                        return held
                turn = turns.setdefault(city, {}).setdefault(key, Lock())
            with turn:
                with lock:
                    held = answers.get(key, _Known(lambda: function(city, *args, **kwargs)))
                    if not isinstance(held, _Known):
                        return held
                try:
                    answer: R = held.make()
                except BaseException:
                    with lock:
                        turns[city].pop(key, None)
                    raise
                with lock:
                    turns[city].pop(key, None)
                    answers[key] = answer
                    while len(answers) > most:
                        answers.popitem(last=False)
                return answer

        def plant(city: City, key: object, known: _Known) -> None:
            with lock:
                kept.setdefault(city, OrderedDict()).setdefault(key, known)

        _seeds[ask] = plant
        return ask

    return decorate
