"""A plan to take away: tables as CSV and workbook, places as GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import plan_ids as pid
from callbacks.asked import city_of
from callbacks.gaps_words import safe_name
from callbacks.grid_columns import rows
from callbacks.plan_result import found_for
from callbacks.plan_runs import Runs
from geodata.assemble import CitySource
from geodata.city import City
from layers.siting.plan import Plan
from layers.siting.plan_tables import CHOSEN_COLUMNS, chosen_table, plan_csv, plan_facts, plan_run, plan_xlsx


def plan_geojson(city: City, plan: Plan) -> bytes:
    """Return the chosen places as GeoJSON (RFC 7946, WGS-84) with all facts of the plan beside them."""
    places = rows(chosen_table(plan), [one.key for one in CHOSEN_COLUMNS])
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]}, "properties": row}
        for row in places
    ]
    body = {"type": "FeatureCollection", "features": features, "plan": plan_facts(city, plan)}
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


WRITERS: dict[str, Callable[[City, Plan], bytes]] = {"csv": plan_csv, "xlsx": plan_xlsx, "geojson": plan_geojson}


def plan_file(city: City, plan: Plan, *, ending: str) -> tuple[bytes, str]:
    """Return a plan as a file and its name."""
    return WRITERS[ending](city, plan), f"{safe_name(f'{city.name}_选址_{plan_run(city, plan.ask)}')}.{ending}"


def register(app: Dash, source: CitySource, runs: Runs) -> None:
    """Tie the buttons to the files."""

    def save(_csv: Any, _xlsx: Any, _geojson: Any, run: Any) -> Any:
        plan = found_for(source, runs, run)
        city = None if plan is None else city_of(source, run)
        if plan is None or city is None or not ctx.triggered[0]["value"]:
            return no_update
        ending = next(key for key, button in pid.SAVES.items() if button == ctx.triggered_id)
        return dcc.send_bytes(*plan_file(city, plan, ending=ending))

    app.callback(
        Output(pid.FILE, "data"),
        *(Input(button, "n_clicks") for button in pid.SAVES.values()),
        State(pid.RUN, "data"),
        prevent_initial_call=True,
    )(save)
