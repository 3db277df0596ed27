"""Remembering what was computed for a city, for as long as the city itself is in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from geodata.city import City

P = ParamSpec("P")
R = TypeVar("R")


def remembered(*, most: int = 64) -> Callable[[Callable[Concatenate[City, P], R]], Callable[Concatenate[City, P], R]]:
    """Keep the ``most`` recently used answers of a pure function for each city; they go when the city goes.

    Arguments besides the city must be hashable. Of threads that ask the same at once one computes it and the others
    wait. Answers are shared: callers must not write into them, and they must not hold the city.
    """

    def decorate(function: Callable[Concatenate[City, P], R]) -> Callable[Concatenate[City, P], R]:
        kept: WeakKeyDictionary[City, OrderedDict[object, R]] = WeakKeyDictionary()
        turns: WeakKeyDictionary[City, dict[object, Lock]] = WeakKeyDictionary()
        lock = Lock()

        @wraps(function)
        def ask(city: City, /, *args: P.args, **kwargs: P.kwargs) -> R:
            key = (args, tuple(sorted(kwargs.items())))
            with lock:
                answers = kept.setdefault(city, OrderedDict())
                if key in answers:
                    answers.move_to_end(key)
                    return answers[key]
                turn = turns.setdefault(city, {}).setdefault(key, Lock())
            with turn:
                with lock:
                    if key in answers:
                        return answers[key]
                try:
                    answer = function(city, *args, **kwargs)
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

        return ask

    return decorate
