"""The words around the offline map: its title, legend, notes and table, as parts of the page."""

from __future__ import annotations

from geodata.city import City
from layers.captions import Caption
from layers.query import Query
from layers.safe_text import safe
from layers.scale import cell_scale, class_people, class_units, unit_scale
from layers.sheets import Column, table_of

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"
SHARE = Column("share", "占比", "share")
STYLE = """
/*typeface*/
html,body{height:100%;margin:0}
body,.leaflet-container{font-family:'Yikezhong','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC',sans-serif}
body{color:#222;background:#fff}
.folium-map{position:absolute!important;top:5.2rem!important;bottom:7.2rem!important;left:0!important;
 right:21rem!important;width:auto!important;height:auto!important;background:#fff}
header{position:absolute;top:0;left:0;right:0;height:5.2rem;box-sizing:border-box;padding:.6rem 1rem;overflow:hidden}
header h1{font-size:1.35rem;margin:0 0 .2rem}
header p{margin:0;color:#444}
.marks{position:absolute;right:1rem;top:.6rem;text-align:right;color:#a12a00;list-style:none;margin:0;padding:0}
aside{position:absolute;top:5.2rem;right:0;bottom:7.2rem;width:20rem;overflow:auto;padding:0 .5rem;
 box-sizing:border-box}
footer{position:absolute;bottom:0;left:0;right:0;height:7.2rem;overflow:auto;box-sizing:border-box;padding:.4rem 1rem;
 color:#444;font-size:.85rem}
footer p{margin:.1rem 0}
.cells{image-rendering:pixelated}
.place{background:none;border:0;box-shadow:none;padding:0;text-shadow:0 0 3px #fff,0 0 3px #fff,0 0 3px #fff}
.place::before{display:none}.place span{font-size:.9rem}
table{border-collapse:collapse;font-size:.85rem}
td,th{padding:.15rem .4rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
td:first-child,th:first-child,td.t,th.t{text-align:left}
.swatch{display:inline-block;width:1.4rem;height:.9rem;border:1px solid #777;vertical-align:middle;
 print-color-adjust:exact;-webkit-print-color-adjust:exact}
details{margin-top:1rem}
.leaflet-control-scale-line:not(:first-child){display:none}
"""


def page_parts(city: City, query: Query, *, words: Caption, unit: str) -> tuple[tuple[str, str], ...]:
    """Return (``header`` or ``html``, text) pairs: head matter, title, legend with table, notes."""
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{safe(words.title)}</title><style>{STYLE}</style>"
        "<script>L_NO_TOUCH=false;L_DISABLE_3D=false;</script>"
    )
    marks = "".join(f"<li>{safe(mark)}</li>" for mark in words.marks)
    title = f"<header><h1>{safe(words.title)}</h1><p>{safe(words.subtitle)}</p><ul class=marks>{marks}</ul></header>"
    notes = "".join(f"<p>{safe(line)}</p>" for line in (*words.notes, words.source, words.run))
    side = f"<aside>{_legend(city, query, unit=unit)}{_table(city, query, unit=unit)}</aside>"
    return ("header", head), ("html", title), ("html", side), ("html", f"<footer>{notes}</footer>")


def _legend(city: City, query: Query, *, unit: str) -> str:
    by_cell = unit == "cell"
    table = class_people(city, query) if by_cell else class_units(city, query.but(unit=unit))
    title = (cell_scale(city, query) if by_cell else unit_scale(query)).title
    rows = "".join(
        f'<tr><td><span class=swatch style="background:{line["colour"]}"></span> {safe(line["title"])}</td>'
        f"<td>{line['people']:,.0f}</td><td>{SHARE.text(line['share'])}</td></tr>"
        for line in table.to_dict("records")
    )
    return (
        f"<table><thead><tr><th>{safe(title)}</th><th>人口</th><th>占比</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _table(city: City, query: Query, *, unit: str) -> str:
    """Return the table twin of the units, folded away; cells are too many for a page."""
    if unit == "cell":
        return ""
    frame, columns = table_of(city, query.but(unit=unit))
    shown = [column for column in columns if column.key in ("name", "people", "reached", "full", "share", "nominal")]
    head = "".join(f"<th>{safe(column.title)}</th>" for column in shown)
    body = "".join(
        "<tr>" + "".join(f"<td>{safe(c.text(v))}</td>" for c, v in zip(shown, line, strict=True)) + "</tr>"
        for line in frame[[column.key for column in shown]].itertuples(index=False)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<details><summary>数据表</summary>{table}</details>"
