"""What a field of an editable record has to be: a rule by field, and the tests it is made of, worded for the editor."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Fits = Callable[[Any], bool]


@dataclass(frozen=True)
class FieldRule:
    """A field of a record: its title, whether it must be there, what fits, and the same in words."""

    key: str
    title: str
    fits: Fits
    needed: str
    required: bool = False


def text(value: Any) -> bool:
    """Say whether the value is text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def yes_no(value: Any) -> bool:
    """Say whether the value is true or false."""
    return isinstance(value, bool)


def number(value: Any) -> bool:
    """Say whether the value is a finite number above 0."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def one_of(*choices: Any) -> Fits:
    """Return the test for one of these choices."""
    return lambda value: not isinstance(value, (bool, list, dict)) and value in choices


def list_of(fits: Fits) -> Fits:
    """Return the test for a list of which every item fits."""
    return lambda value: isinstance(value, list) and all(fits(item) for item in value)


def map_of(key: Fits, value: Fits) -> Fits:
    """Return the test for a mapping of which every key and every value fits."""
    return lambda found: isinstance(found, dict) and all(key(k) and value(v) for k, v in found.items())


def matching(pattern: str) -> Fits:
    """Return the test for text that the pattern matches as a whole."""
    whole = re.compile(pattern)
    return lambda value: isinstance(value, str) and whole.fullmatch(value) is not None


def record_of(fields: dict[str, Fits], *, optional: tuple[str, ...] = ()) -> Fits:
    """Return the test for a mapping with exactly these fields, of which the optional ones may be missing."""

    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and value.keys() <= fields.keys()
            and all(name in value or name in optional for name in fields)
            and all(fields[name](item) for name, item in value.items())
        )

    return fits
