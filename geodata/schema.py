"""Which layers the city consists of, and which columns each one has: names, aliases, kinds, and what is required.

A layer frame that has passed its checks has exactly the columns of its :class:`LayerSpec` (missing optional ones are
added, empty), a ``geometry`` column in EPSG:4326 (longitude, latitude; WGS-84, which CGCS2000 equals to a few
centimetres), and nothing else. *code*, *text* and *choice* columns are of pandas' ``str`` type and hold ``""`` where
nothing is known; *number* and *count* are float64, NaN where unknown; *flag* is ``boolean``, NA where unknown. Points
and lines are single, areas are Polygon or MultiPolygon, heights are dropped, the index is 0..n-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geodata.errors import UnknownKey

Kind = Literal["code", "text", "number", "count", "flag", "choice"]
Shape = Literal["point", "line", "polygon"]


@dataclass(frozen=True)
class Field:
    """A column of a layer.

    ``kind``: *code* is text whose leading zeros count, *text* any text, *number* a finite number ≥ ``least``, *count*
    a number of people, dwellings or places (finite, ≥ 0), *flag* yes or no, *choice* one of ``choices``.
    ``aliases`` are the Chinese, pinyin and English headings that mean this column, compared without case, blanks,
    underscores and units in brackets. ``words`` are further spellings of the choices: (spelling, choice).
    """

    key: str
    title: str
    kind: Kind = "text"
    required: bool = False
    unit: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    least: float | None = 0.0
    help: str = ""


@dataclass(frozen=True)
class LayerSpec:
    """A layer: its key (the word of ``--as``), title, the shapes it may have, its fields, and its unique key.

    ``keep_invalid`` lets areas that cross themselves in, because finding them is the work of a page.
    """

    key: str
    title: str
    shapes: tuple[Shape, ...]
    fields: tuple[Field, ...]
    unique: tuple[str, ...] = ("id",)
    geometry_required: bool = True
    keep_invalid: bool = False
    help: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in order, without the geometry."""
        return tuple(field.key for field in self.fields)


LEVELS: tuple[str, ...] = ("city", "county", "township", "community")
LEVEL_TITLES: dict[str, str] = {
    "city": "市",
    "county": "县（区、市）",
    "township": "乡镇（街道）",
    "community": "村（社区）",
}

LEVEL_WORDS: tuple[tuple[str, str], ...] = (
    *((word, "city") for word in ("市", "市级", "地级", "地级市", "地市")),
    *(
        (word, "county")
        for word in ("县", "区", "县级", "区县", "县区", "县级市", "市辖区", "县（区、市）", "district")
    ),
    *(
        (word, "township")
        for word in ("乡镇", "镇", "乡", "街道", "乡级", "镇级", "乡镇级", "镇街", "乡镇（街道）", "town")
    ),
    *(
        (word, "community")
        for word in ("村", "社区", "村级", "行政村", "村居", "村社区", "村（社区）", "居委会", "village")
    ),
)
STATUS_WORDS: tuple[tuple[str, str], ...] = (
    *((word, "open") for word in ("营业", "营业中", "开放", "在用", "正常", "运营", "运营中", "已建", "现状", "建成")),
    *((word, "closed") for word in ("关闭", "停业", "歇业", "停用", "注销", "已关闭")),
    *((word, "planned") for word in ("规划", "在建", "拟建", "待建", "未建", "规划中")),
)
SITE_WORDS: tuple[tuple[str, str], ...] = (
    *((word, "parcel") for word in ("地块", "空地", "闲置地块", "闲置土地", "候选地块", "储备用地", "土地")),
    *((word, "idle_house") for word in ("闲置用房", "闲置房屋", "闲置房", "空置房", "空置用房", "房屋", "用房")),
)

_ID = Field(
    "id", "编号", "code", required=True,
    aliases=(
        "id", "fid", "objectid", "osm_id", "gid", "uid", "bh", "bm", "编码", "标识码", "bsm", "poiid", "poi_id", "序号",
    ),
)  # fmt: skip
_NAME = Field(
    "name", "名称", aliases=("name", "mc", "mingcheng", "名字", "标准名称", "title", "名称_1", "设施名称", "poi名称")
)


def _band(key: str, title: str, *spellings: str) -> Field:
    return Field(key, title, "count", unit="人", aliases=(key, *spellings))


_PEOPLE = (
    _band("age_0_6", "0–6 岁儿童", "0-6", "0-6岁", "0—6岁", "0~6岁", "0至6岁"),
    _band("age_7_14", "7–14 岁儿童", "7-14", "7-14岁", "7—14岁", "7~14岁", "7至14岁"),
    _band(
        "age_60_plus",
        "60 岁及以上老年人",
        "60+",
        "60岁及以上",
        "60岁以上",
        "60岁及以上人口",
        "60岁以上人口",
        "laonian60",
    ),
    _band("age_65_plus", "65 岁及以上老年人", "65+", "65岁及以上", "65岁以上", "65岁及以上人口", "65岁以上人口"),
    _band("age_80_plus", "80 岁及以上老年人", "80+", "80岁及以上", "80岁以上", "80岁及以上人口", "80岁以上人口"),
    _band("age_0_4", "0–4 岁", "0-4", "0-4岁", "0至4岁"),
    _band("age_5_9", "5–9 岁", "5-9", "5-9岁", "5至9岁"),
    _band("age_10_14", "10–14 岁", "10-14", "10-14岁", "10至14岁"),
    _band("age_15_59", "15–59 岁", "15-59", "15-59岁", "15至59岁"),
    _band("age_60_64", "60–64 岁", "60-64", "60-64岁", "60至64岁"),
    _band("age_65_79", "65–79 岁", "65-79", "65-79岁", "65至79岁"),
)
_POPULATION_ALIASES = (
    "population", "pop", "rk", "rks", "renkou", "renkoushu", "人口", "人口数", "常住人口", "常住人口数", "总人口",
    "人数", "people", "人口数_合计", "popu", "total_population",
)  # fmt: skip

UNITS = LayerSpec(
    "units",
    "行政与社区单元",
    ("polygon",),
    (
        Field(
            "code",
            "区划代码",
            "code",
            required=True,
            aliases=(
                "code",
                "xzqdm",
                "xzqhdm",
                "daima",
                "dm",
                "代码",
                "区划代码",
                "行政区代码",
                "行政区划代码",
                "统计用区划代码",
                "编码",
                "adcode",
            ),
        ),
        Field(
            "name",
            "名称",
            required=True,
            aliases=("name", "xzqmc", "xzqhmc", "mc", "名称", "mingcheng", "行政区名称", "社区名称", "村名"),
        ),
        Field(
            "level",
            "级别",
            "choice",
            required=True,
            choices=LEVELS,
            words=LEVEL_WORDS,
            aliases=("level", "jb", "jibie", "级别", "层级", "行政级别"),
        ),
        Field("parent", "上级代码", "code", aliases=("parent", "sjdm", "上级代码", "parent_code")),
        Field(
            "urban",
            "是否城市社区",
            "flag",
            aliases=("urban", "sfcs", "城镇", "城乡", "城乡分类", "城乡分类代码", "cxfldm"),
        ),
        Field("built_year", "建成年份", "number", aliases=("built_year", "jcnf", "建成年份")),
        Field(
            "households",
            "家庭户数",
            "count",
            unit="户",
            aliases=("households", "hs", "hushu", "户数", "家庭户数", "总户数"),
        ),
        Field(
            "floor_area_m2",
            "社区总建筑面积",
            "number",
            unit="㎡",
            aliases=("total_floor_area", "zjzmj", "sqzjzmj", "总建筑面积", "建筑总面积"),
        ),
        Field(
            "social_orgs",
            "社区社会组织数",
            "count",
            unit="个",
            aliases=("shzzs", "sqshzzs", "社会组织数", "社区社会组织"),
        ),
        Field("population", "常住人口", "count", unit="人", aliases=_POPULATION_ALIASES),
        *_PEOPLE,
    ),
    unique=("code",),
    help="市、县、乡镇、村（社区）的范围；带普查人口的单元使格点人口按其总数校准。",
)
ROADS = LayerSpec(
    "roads",
    "步行道路",
    ("line", "point"),
    (
        Field("id", "编号", "code", aliases=_ID.aliases),
        Field(
            "highway",
            "道路类别",
            aliases=("highway", "class", "fclass", "type", "dldj", "道路等级", "类别", "道路类别"),
        ),
        _NAME,
        Field("foot", "步行许可", aliases=("foot", "步行")),
        Field("access", "通行许可", aliases=("access", "通行")),
        Field("service", "专用道类型", aliases=("service",)),
        Field("barrier", "障碍或门", aliases=("barrier", "gate", "门", "障碍")),
        Field("stairs", "是否台阶", "flag", aliases=("stairs", "steps", "台阶")),
        Field(
            "rise_m",
            "上升高度",
            "number",
            unit="米",
            least=None,
            aliases=("rise_m", "rise", "上升"),
            help="沿线方向终点比起点高多少",
        ),
        Field("tags", "其他标签", help="OSM 其余标签，JSON 文本"),
    ),
    unique=(),
    help="道路中心线；点要素是门禁或障碍。相同坐标的折点相连。",
)
FACILITIES = LayerSpec(
    "facilities",
    "服务设施",
    ("point", "polygon"),
    (
        _ID,
        Field(
            "element",
            "服务要素",
            required=True,
            aliases=(
                "element",
                "category",
                "yslx",
                "ys",
                "要素",
                "服务要素",
                "设施类型",
                "设施类别",
                "要素名称",
                "类别",
                "类型",
                "type",
            ),
        ),
        _NAME,
        Field(
            "floor_area_m2",
            "建筑面积",
            "number",
            unit="㎡",
            aliases=("floor_area_m2", "floor_area", "area", "jzmj", "建筑面积", "面积"),
        ),
        Field(
            "land_area_m2",
            "用地面积",
            "number",
            unit="㎡",
            aliases=("land_area_m2", "land_area", "ydmj", "用地面积", "占地面积"),
        ),
        Field(
            "activity_area_m2",
            "居民活动区域面积",
            "number",
            unit="㎡",
            aliases=("activity_area", "hdmj", "jmhdmj", "居民活动面积", "活动区域面积", "活动面积"),
        ),
        Field(
            "capacity",
            "容量",
            "number",
            aliases=("capacity", "rl", "rongliang", "容量", "床位", "床位数", "学位", "托位"),
        ),
        Field("opening_hours", "开放时间", aliases=("opening_hours", "hours", "kfsj", "yysj", "开放时间", "营业时间")),
        Field("address", "地址", aliases=("address", "addr", "dz", "dizhi", "地址")),
        Field(
            "status",
            "状态",
            "choice",
            choices=("open", "closed", "planned"),
            words=STATUS_WORDS,
            aliases=("status", "zt", "zhuangtai", "状态", "营业状态"),
        ),
        Field("source", "来源", aliases=("source", "ly", "来源")),
    ),
    unique=("id", "element"),
    help="每行一处设施；同一处提供几种服务要素时各写一行。",
)
POPULATION = LayerSpec(
    "population",
    "人口格点",
    ("point", "polygon"),
    (
        _ID,
        Field("population", "人口", "count", required=True, unit="人", aliases=_POPULATION_ALIASES),
        *_PEOPLE,
        Field("unit", "所属单元代码", "code", aliases=("unit", "community", "sqdm", "社区代码", "单元代码")),
    ),
    help="每条记录是一个格点（点、栅格像元或网格面的内点），编号原样保留到结果。",
)
GRIDS = LayerSpec(
    "grids",
    "服务网格",
    ("polygon",),
    (
        Field("id", "网格编码", "code", aliases=("id", "code", "wgbm", "wgdm", "网格编码", "网格代码", "编号")),
        Field("name", "网格名称", aliases=("name", "wgmc", "网格名称", "名称")),
        Field("unit", "所属社区代码", "code", aliases=("unit", "sqdm", "社区代码", "所属社区")),
        Field("workers", "网格员", aliases=("workers", "wgy", "网格员", "网格员姓名"), help="姓名，多人用顿号分开"),
        Field("households", "户数", "count", unit="户", aliases=("households", "hs", "户数")),
        Field("population", "人口", "count", unit="人", aliases=_POPULATION_ALIASES),
    ),
    unique=(),
    keep_invalid=True,
    help="网格的毛病由网格页检查，入库时不拒绝。",
)
SITES = LayerSpec(
    "sites",
    "候选地块与闲置用房",
    ("point", "polygon"),
    (
        _ID,
        _NAME,
        Field(
            "kind",
            "类别",
            "choice",
            required=True,
            choices=("parcel", "idle_house"),
            words=SITE_WORDS,
            aliases=("kind", "lb", "类别", "类型", "资产类型"),
        ),
        Field(
            "floor_area_m2",
            "可用建筑面积",
            "number",
            unit="㎡",
            aliases=("floor_area_m2", "area", "jzmj", "可用面积", "建筑面积", "面积"),
        ),
        Field("land_area_m2", "用地面积", "number", unit="㎡", aliases=("land_area_m2", "ydmj", "用地面积")),
        Field("owner", "权属", aliases=("owner", "qs", "权属", "产权单位")),
        Field("cost_wan", "改造或建设费用", "number", unit="万元", aliases=("cost_wan", "cost", "fy", "费用", "造价")),
        Field("address", "地址", aliases=("address", "dz", "地址")),
    ),
    help="可用于新增设施的地块（parcel）和闲置用房（idle_house）。",
)
LAND = LayerSpec(
    "land",
    "居住用地",
    ("polygon",),
    (
        _ID,
        Field(
            "land_code", "用地代码", "code", aliases=("land_code", "ydlbdm", "ghydlbdm", "dlbm", "用地代码", "地类编码")
        ),
        _NAME,
    ),
    help="国土空间规划用地，居住用地代码以 07 开头。",
)

LAYERS: tuple[LayerSpec, ...] = (UNITS, ROADS, FACILITIES, POPULATION, GRIDS, SITES, LAND)


def layer(key: str) -> LayerSpec:
    """Find a layer by key or title."""
    for spec in LAYERS:
        if key in (spec.key, spec.title):
            return spec
    known = "、".join(spec.key for spec in LAYERS)
    raise UnknownKey(f"没有图层「{key}」；可用的图层：{known}。")
