"""The routes that serve arrays and outlines to the map, compressed once and kept by the browser for good.

An address names everything its bytes depend on (the stamp stands for data version, program and walkers), so answers
are immutable. Every parameter is checked against a catalogue; no parameter is ever part of a path on disk.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Thread

import brotli
from flask import Flask, Response, request

from callbacks import overview
from callbacks.asked import city_of
from callbacks.choice import first_question
from callbacks.wire import ROOT, scenario_in, stamp
from dashboard import arrays, grid_arrays
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from geodata.schema import LEVELS
from geodata.walkers import walkers
from layers.coverage import refuse_sensitive
from layers.gridcheck import grid_table
from layers.live.family import family_of
from layers.query import Query
from layers.scenario_source import ScenarioSource
from layers.sweep import element_minutes

BINARY, JSON = "application/octet-stream", "application/json"
FOREVER = "public, max-age=31536000, immutable"
MOST_KEPT = 256
MOST_TILE = 2**arrays.TILE_ZOOM
FIELDS: tuple[str, ...] = ("walker", "speed_m_s", "inclusive", "circle", "required")


@dataclass(frozen=True)
class Kind:
    """One kind of array: the type of its bytes, how they are made, and which fields of the question they depend on.

    ``encode`` gets the city, the question, and the city as it is without the edits of a scenario.
    """

    mimetype: str
    encode: Callable[[City, Query, City], bytes]
    fields: tuple[str, ...] = ()


def _of(make: Callable[[City], bytes]) -> Callable[[City, Query, City], bytes]:
    return lambda city, _query, _base: make(city)


def _asked(make: Callable[[City, Query], bytes]) -> Callable[[City, Query, City], bytes]:
    return lambda city, query, _base: make(city, query)


KINDS: dict[str, Kind] = {
    "cells": Kind(BINARY, _of(arrays.cells)),
    "names": Kind(JSON, _of(arrays.names)),
    "grids": Kind(BINARY, _of(grid_arrays.grids)),
    "borders": Kind(BINARY, _of(grid_arrays.borders)),
    "grid-names": Kind(JSON, _of(grid_arrays.grid_names)),
    "missing": Kind(BINARY, _asked(arrays.missing), FIELDS),
}
WALK = ("walker", "speed_m_s", "inclusive")
KINDS_OF_ELEMENT: dict[str, Kind] = {
    "seconds": Kind(BINARY, _asked(arrays.seconds), WALK),
    "changes": Kind(BINARY, lambda city, query, base: arrays.changes(city, query, base=base), WALK),
    "official": Kind(BINARY, _asked(arrays.official_flags), ("inclusive",)),
    "facilities": Kind(JSON, _asked(arrays.facilities)),
}


class RefusedRequestError(Exception):
    """A request that cannot be answered; the message is short and may be shown."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


def register(server: Flask, source: CitySource) -> None:
    """Add the routes to a server."""

    @lru_cache(maxsize=MOST_KEPT)
    def packed(path: tuple[str, ...], query: Query, encoding: str, _stamp: str) -> tuple[bytes, str]:
        city = _city(source, _stamp)
        body, _ = encoded(city, path, query, base=_base(source, city))
        tag = hashlib.sha256(body).hexdigest()[:20]
        return _compressed(body, encoding), f"{tag}-{encoding}"

    def answer(given: str, path: str) -> Response:
        try:
            parts = tuple(path.split("/"))
            mimetype, query = _checked(_city(source, given), parts, request.args)
            encoding = request.accept_encodings.best_match(("br", "gzip"), default="identity") or "identity"
            body, tag = packed(parts, query, encoding, given)
        except RefusedRequestError as refusal:
            return _refusal(refusal.status, str(refusal))
        except UnknownKey as error:
            return _refusal(404, str(error))
        except GeodataError as error:
            return _refusal(400, str(error))
        return _response(body, tag, mimetype=mimetype, encoding=encoding)

    server.add_url_rule(f"{ROOT}/<given>/<path:path>", "wire", answer, methods=["GET"])


def _city(source: CitySource, given: str) -> City:
    """Return the city with a stamp: under the scenario that it names, as it is, or one of those alive."""
    city = city_of(source, scenario_in(given)) if scenario_in(given) else source()
    if city is None:
        raise RefusedRequestError(404, "尚无数据。")
    alive = source.alive() if isinstance(source, ScenarioSource) and given != stamp(city) else []
    found = next((one for one in (city, *alive) if stamp(one) == given), None)
    if found is None:
        raise RefusedRequestError(404, "数据版本已更新，请刷新页面。")
    return found


def _base(source: CitySource, city: City) -> City:
    """Return the city without the edits of its scenario."""
    if city.scenario is None:
        return city
    alive = source.alive() if isinstance(source, ScenarioSource) else []
    found = next((one for one in (*alive, source()) if one is not None and one.version == city.base), None)
    if found is None:
        raise RefusedRequestError(404, "数据版本已更新，请刷新页面。")
    return found


def _kind(city: City, path: tuple[str, ...], args: Mapping[str, str]) -> tuple[Kind, Query]:
    """Return what a path asks for; only words of the catalogues are understood."""
    match path:
        case (name,) if name in KINDS:
            return KINDS[name], _query(KINDS[name], args)
        case (name, key) if name in KINDS_OF_ELEMENT:
            known = {e.key: e for e in city.catalogue.elements}
            if key not in known:
                raise RefusedRequestError(404, "没有这个服务要素。")
            refuse_sensitive(known[key])
            return KINDS_OF_ELEMENT[name], _query(KINDS_OF_ELEMENT[name], args).but(element=key)
        case ("people", group):
            return Kind(BINARY, _asked(arrays.people_of)), Query(group=group)
        case ("units", level) if level in LEVELS:
            return Kind(JSON, _of(lambda city: arrays.units(city, level))), Query()
        case ("streets", x, y):
            column, row = _tile(x), _tile(y)
            return Kind(BINARY, _of(lambda city: arrays.streets(city, column, row))), Query()
    raise RefusedRequestError(404, "没有这个地址。")


def _query(kind: Kind, args: Mapping[str, str]) -> Query:
    """Read the fields that the bytes depend on; others are ignored, so that they cannot fill the cache."""
    return Query.from_dict({name: args[name] for name in kind.fields if args.get(name)})


def _tile(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < MOST_TILE):
        raise RefusedRequestError(404, "没有这个地址。")
    return int(text)


def _checked(city: City, path: tuple[str, ...], args: Mapping[str, str]) -> tuple[str, Query]:
    kind, query = _kind(city, path, args)
    return kind.mimetype, query


def encoded(city: City, path: tuple[str, ...], query: Query, *, base: City) -> tuple[bytes, str]:
    """Return the bytes of a path and their type; ``query`` is what the path and its parameters were read to mean."""
    kind, _ = _kind(city, path, {})
    return kind.encode(city, query, base), kind.mimetype


def _compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        packed: bytes = brotli.compress(body, quality=5)
        return packed
    return gzip.compress(body, compresslevel=6, mtime=0) if encoding == "gzip" else body


def _response(body: bytes, tag: str, *, mimetype: str, encoding: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = FOREVER
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    response.set_etag(tag)
    response.make_conditional(request)
    return response


def _refusal(status: int, message: str) -> Response:
    response = Response(message, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def warm(source: CitySource) -> Thread:
    """Compute all minutes of every walker, streets and grids, in the background, so that the first look is quick.

    Where scenarios can be opened, what their edits start from as well.

    What fails here fails again, and is told, when a page asks for it.
    """

    def work() -> None:
        city = source()
        if city is None or not city.catalogue.elements:
            return
        for walker in walkers():
            with suppress(GeodataError):
                element_minutes(city, city.catalogue.elements[0].key, walker)
        if isinstance(source, ScenarioSource):
            family_of(city, walkers())
        arrays.streets(city, 0, 0)
        with suppress(GeodataError):
            overview.prepare(city, first_question(city))
            if city.grids is not None:
                grid_table(city, first_question(city))

    thread = Thread(target=work, name="warm-minutes", daemon=True)
    thread.start()
    return thread
