"""The reference tables of docs/formats.md, made from the records; run as a module it writes them into the document."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from geodata import checks, rule_fields, schema
from geodata.edits import EDITS, Edit
from geodata.errors import GeodataError
from geodata.field_rules import FieldRule
from geodata.fields import COORDINATES, accepted
from geodata.formats import ARCHIVE, READERS
from geodata.schema import Field, LayerSpec

DOCUMENT = Path(__file__).parents[2] / "docs" / "formats.md"
SHAPES = {"point": "point", "line": "line", "polygon": "area"}


def tables() -> dict[str, str]:
    """Return each table of the document by the name in its marks."""
    made = {f"layer {spec.key}": _layer(spec) for spec in schema.LAYERS}
    made |= {
        "standards editions": _editable(rule_fields.EDITION_FIELDS),
        "standards rules": _editable(rule_fields.RULE_FIELDS),
        "standards derived": _editable(rule_fields.DERIVED_FIELDS),
    }
    made |= {f"edit {edit.kind}": _edit(edit) for edit in EDITS.values()}
    return {"formats": _formats(), "coordinates": _fields(COORDINATES), "drop": _reasons(), **made}


def filled(text: str) -> str:
    """Return the document's text with every table between its marks as the records have it now."""
    for name, table in tables().items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda mark, table=table: mark[1] + table + "\n" + mark[2], text, flags=re.DOTALL)
    return text


def _formats() -> str:
    rows = ["| suffix | reader | what it does |", "|---|---|---|"]
    for suffix, reader in READERS.items():
        said = " ".join((reader.__doc__ or "").split("\n\n")[0].split())
        rows.append(f"| `{suffix}` | `{reader.__module__}.{reader.__name__}` | {said} |")
    return "\n".join([*rows, f"| `{ARCHIVE}` | `geodata.archive` | Any one of the above, packed. |"])


def _layer(spec: LayerSpec) -> str:
    shapes = " or ".join(SHAPES[shape] for shape in spec.shapes)
    unique = " + ".join(f"`{key}`" for key in spec.unique) or "none"
    return f"{spec.title}: {spec.help} Geometry: {shapes}. Unique key: {unique}.\n\n{_fields(spec.fields)}"


def _fields(fields: tuple[Field, ...]) -> str:
    rows = ["| field | title | kind | headings understood |", "|---|---|---|---|"]
    for field in fields:
        kind = field.kind + (f", {field.unit}" if field.unit else "") + (", **required**" if field.required else "")
        if field.choices:
            kind += ": " + ", ".join(f"`{choice}`" for choice in field.choices)
        rows.append(f"| `{field.key}` | {field.title} | {kind} | {'、'.join(accepted(field))} |")
    return "\n".join(rows).replace("0~6岁", "0\\~6岁").replace("7~14岁", "7\\~14岁")


def _editable(fields: tuple[FieldRule, ...]) -> str:
    rows = ["| field | title | what it has to be |", "|---|---|---|"]
    return "\n".join(
        [*rows, *(f"| {'**' * f.required}`{f.key}`{'**' * f.required} | {f.title} | {f.needed} |" for f in fields)]
    )


def _edit(edit: type[Edit]) -> str:
    said = " ".join((edit.__doc__ or "").split("\n\n")[0].split())
    rows = [f"`{edit.kind}` {edit.title}. {said}", "", "| field | title | what it has to be |", "|---|---|---|"]
    for one in sorted(dataclasses.fields(edit), key=lambda one: one.name == "cost_wan"):
        needed = one.default is dataclasses.MISSING
        rows.append(f"| {'**' * needed}`{one.name}`{'**' * needed} | {one.metadata['title']} | {_needed(one)} |")
    return "\n".join(rows)


def _needed(one: dataclasses.Field[object]) -> str:
    """Return what the check of a field asks for, in its own words."""
    try:
        one.metadata["check"](object(), "")
    except GeodataError as error:
        return str(error).rpartition("；需要")[2].rstrip("。")
    raise AssertionError(f"{one.name} takes anything")


def _reasons() -> str:
    rows = ["| reason | rows it leaves out |", "|---|---|"]
    return "\n".join([*rows, *(f"| `{key}` | {title} |" for key, title in checks.REASONS.items())])


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8")), "utf-8")
