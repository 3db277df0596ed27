from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from layers.memo import remembered, seed


class Town:
    """Stands in for a city: hashed by identity."""


def test_threads_that_ask_the_same_at_once_share_one_computation():
    asked, go, meet = [], Event(), Barrier(5)

    @remembered(most=2)
    def slow(town, name):
        asked.append(name)
        go.wait(10)
        return name * 2

    town = Town()

    def ask(name):
        meet.wait(10)
        return slow(town, name)

    with ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(ask, name) for name in ("a", "a", "a", "b")]
        meet.wait(10)
        go.set()
        assert [one.result(10) for one in answers] == ["aa", "aa", "aa", "bb"]
    assert sorted(asked) == ["a", "b"]


def test_a_failure_is_not_kept_and_the_oldest_answer_goes_first():
    asked = []

    @remembered(most=1)
    def square(town, number):
        asked.append(number)
        if number < 0:
            raise ValueError(number)
        return number**2

    town = Town()
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            square(town, -1)
    assert [square(town, n) for n in (2, 2, 3, 2)] == [4, 4, 9, 4]
    assert asked == [-1, -1, 2, 3, 2]
    assert square(Town(), 2) == 4 and len(asked) == 6


def test_an_answer_known_otherwise_is_made_once_and_does_not_replace_one_that_is_there():
    made = []

    @remembered(most=2)
    def double(town, number):
        return number * 2

    def known(answer):
        def make():
            made.append(answer)
            return answer

        return make

    town = Town()
    assert double(town, 1) == 2
    seed(double, town, 1, make=known("other"))
    seed(double, town, 5, make=known("ten"))
    assert made == [] and double(town, 1) == 2
    assert (double(town, 5), double(town, 5), made) == ("ten", "ten", ["ten"])
