"""What a page is: the record from which navigation, routing and wiring derive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dash import Dash
from dash.development.base_component import Component

from geodata.assemble import CitySource
from geodata.desk import Desk


@dataclass(frozen=True)
class Page:
    """One page of the dashboard.

    ``path`` begins with a slash, ``title`` is its name in the navigation and ``icon`` the name of a drawing in
    ``assets/icons`` (without ``.svg``). ``layout`` builds the page; it must work without arguments and accepts what
    the URL carries (``place``, the code of a unit to look at, and the fields of the query) by keyword, taking none of
    it for trusted. ``register`` ties the page's callbacks to one app and one source of the city; ``register_desk``, of
    pages that write, ties what they write to the desk, which may be closed.

    A page reads the question from the store ``ids.QUERY`` and asks for changes of it by writing a dict of fields into
    ``ids.CHANGE``. The class ``page-fill`` gives a page exactly the height between header and footer.
    """

    path: str
    title: str
    layout: Callable[..., Component]
    register: Callable[[Dash, CitySource], None]
    icon: str = ""
    register_desk: Callable[[Dash, CitySource, Desk], None] | None = None
