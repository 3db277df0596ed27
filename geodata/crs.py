"""Which coordinate reference system a layer is in, and how it gets to WGS-84, to metres and to square metres.

CGCS2000 equals WGS-84 to a few centimetres and is taken as the same. Geographic systems on other ellipsoids
(Beijing 1954, Xi'an 1980) are accepted only where PROJ knows a transformation of known accuracy.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from geodata.datum import bd09_to_wgs84, gcj02_to_wgs84
from geodata.errors import UnknownReference

ALLOWED = (
    "WGS-84、CGCS2000、GCJ-02（高德、腾讯）、BD-09（百度）、EPSG:代号（如 EPSG:4490、EPSG:4547），"
    "以及 CGCS2000 三度带（如「高斯带 37」「中央经线 114」）"
)
WGS84_WORDS = ("wgs84", "epsg4326", "4326", "crs84", "gps")
CGCS_WORDS = ("cgcs2000", "epsg4490", "4490", "国家2000", "2000国家大地坐标系", "大地2000", "china2000")
GCJ_WORDS = ("gcj02", "gcj", "火星坐标", "火星坐标系", "高德", "高德坐标", "腾讯", "amap")
BD_WORDS = ("bd09", "bd09ll", "百度", "百度坐标", "baidu")
ROUNDING = 10  # decimals of a degree kept after a transformation, 0.01 mm: equal vertices stay equal
GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, eq=False)
class Reference:
    """A declared coordinate reference.

    ``crs`` are the systems the word may mean (two where only the easting tells whether the zone is prefixed);
    ``shift`` is ``GCJ-02`` or ``BD-09`` for a displaced datum on geographic degrees, else empty. ``chinese`` is true
    where every position has to be in China.
    """

    word: str
    title: str
    crs: tuple[CRS, ...] = field(default_factory=tuple)
    shift: str = ""
    chinese: bool = False

    @property
    def geographic(self) -> bool:
        """True for degrees of longitude and latitude."""
        return all(crs.is_geographic for crs in self.crs)


def reference(word: str) -> Reference:
    """Understand a word of ``--crs`` or ``--datum``; case, blanks, hyphens and underscores do not count."""
    plain = re.sub(r"[\s\-_:：/]+", "", unicodedata.normalize("NFKC", word)).casefold()
    if plain in WGS84_WORDS:
        return Reference(word, "WGS-84", (CRS.from_epsg(4326),))
    if plain in CGCS_WORDS:
        return Reference(word, "CGCS2000", (CRS.from_epsg(4490),), chinese=True)
    if plain in GCJ_WORDS:
        return Reference(word, "GCJ-02", (CRS.from_epsg(4326),), shift="GCJ-02", chinese=True)
    if plain in BD_WORDS:
        return Reference(word, "BD-09", (CRS.from_epsg(4326),), shift="BD-09", chinese=True)
    return _zone(word, plain) or _epsg(word, plain)


def own_reference(crs: CRS) -> Reference:
    """Wrap the system that a file carries itself."""
    return Reference(crs.name, crs.name, (crs,), chinese=bool(re.search("CGCS2000|China.*2000", crs.name)))


def resolve(declared: Reference, x: ArrayLike) -> Reference:
    """Choose among the systems of ``declared`` by the eastings ``x`` and refuse eastings that contradict it.

    An easting of eight digits begins with the number of its zone; one of six digits does not. Raises
    UnknownReference when the typical easting contradicts all systems of the word.
    """
    eastings = np.asarray(x, dtype=np.float64)
    eastings = eastings[np.isfinite(eastings)]
    if len(eastings) == 0:
        return declared
    typical = float(np.median(eastings))
    if declared.geographic and abs(typical) <= 1000:
        return declared
    fitting = [crs for crs in declared.crs if not crs.is_geographic and _fits(crs, typical)]
    if fitting:
        return Reference(declared.word, _title(fitting[0]), (fitting[0],), chinese=declared.chinese)
    raise UnknownReference(_contradiction(declared, typical))


def same_place(first: Reference, second: Reference, xy: NDArray[np.float64]) -> bool:
    """Say whether both references put the points ``xy`` (k, 2) within a metre of each other."""
    if len(xy) == 0:
        return bool(first.crs[0] == second.crs[0])
    lon_a, lat_a = lonlat(resolve(first, xy[:, 0]), xy[:, 0], xy[:, 1])
    try:
        lon_b, lat_b = lonlat(resolve(second, xy[:, 0]), xy[:, 0], xy[:, 1])
    except UnknownReference:
        return False
    finite = np.isfinite(lon_a) & np.isfinite(lon_b) & (np.abs(lat_a) <= 90) & (np.abs(lat_b) <= 90)
    if not finite.any():
        return bool(first.crs[0] == second.crs[0])
    return bool(distance_m(lon_a[finite], lat_a[finite], lon_b[finite], lat_b[finite]).max() < 1.0)


def lonlat(ref: Reference, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn coordinates of a resolved reference into WGS-84 degrees; what cannot be turned becomes inf."""
    if ref.shift:
        moved = gcj02_to_wgs84(x, y) if ref.shift == "GCJ-02" else bd09_to_wgs84(x, y)
        return moved[0].round(ROUNDING), moved[1].round(ROUNDING)
    if ref.crs[0].is_geographic and _like_wgs84(ref.crs[0]):
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    lon, lat = _transformer(ref.crs[0]).transform(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    return np.round(lon, ROUNDING), np.round(lat, ROUNDING)


def to_wgs84(frame: gpd.GeoDataFrame, ref: Reference) -> gpd.GeoDataFrame:
    """Return the frame in EPSG:4326, its geometry flat (heights dropped); whatever CRS it carries is ignored.

    Equal vertices stay equal. Coordinates outside the domain of the reference become inf.
    """
    flat = shapely.force_2d(np.asarray(frame.geometry.array))
    resolved = resolve(ref, shapely.get_coordinates(flat)[:, 0])
    moved = shapely.transform(flat, lambda x, y: lonlat(resolved, x, y), interleaved=False)
    geometry = gpd.GeoSeries(moved, index=frame.index, crs="EPSG:4326")
    return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=geometry)


def distance_m(lon_a: ArrayLike, lat_a: ArrayLike, lon_b: ArrayLike, lat_b: ArrayLike) -> NDArray[np.float64]:
    """Return geodesic distances between points, metres (WGS-84 ellipsoid)."""
    return np.atleast_1d(np.asarray(GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2], dtype=np.float64))


def metric_crs(lon: ArrayLike, lat: ArrayLike) -> CRS:
    """Return a transverse Mercator in metres, true to scale on the meridian through the middle of the points.

    Within 75 km of that meridian a metre of the plane is a metre on the ground to 1 in 14,000. Raises
    UnknownReference when no point is finite.
    """
    x, y = np.asarray(lon, dtype=np.float64).ravel(), np.asarray(lat, dtype=np.float64).ravel()
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        raise UnknownReference("没有可用的坐标，无法确定城市的米制坐标系。")
    middle_x, middle_y = ((v[finite].min() + v[finite].max()) / 2 for v in (x, y))
    return CRS.from_user_input(
        f"+proj=tmerc +lat_0={middle_y:.4f} +lon_0={middle_x:.4f} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +type=crs"
    )


def geodesic_area_m2(geometries: ArrayLike) -> NDArray[np.float64]:
    """Return areas on the WGS-84 ellipsoid, square metres; NaN for no geometry, 0 for points and lines."""
    shapes = np.atleast_1d(np.asarray(geometries, dtype=object))
    return np.array(
        [np.nan if g is None else abs(GEOD.geometry_area_perimeter(_oriented(g))[0]) for g in shapes], dtype=np.float64
    )


def _oriented(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.orient_polygons(shape) if shape.geom_type in ("Polygon", "MultiPolygon") else shape


def _zone(word: str, plain: str) -> Reference | None:
    """Read a CGCS2000 Gauss-Kruger zone (EPSG:4491-4554) out of a word."""
    six = bool(re.search("6度|六度|6degree", plain))
    numbered = re.fullmatch(r".*(?:带|zone|高斯|gk|cgcs2000|国家2000)(\d{2})带?|(\d{2})带", plain)
    meridian = re.fullmatch(r".*(?:中央经线|中央子午线|cm)(\d{2,3})(?:e|度|°)?", plain)
    if meridian:
        degrees = int(meridian[1])
        number = (degrees + 3) // 6 if six else degrees // 3
        regular = degrees % 6 == 3 if six else degrees % 3 == 0
    elif numbered:
        number, regular = int(numbered[1] or numbered[2]), True
    else:
        return None
    first, last, prefixed, bare = (13, 23, 4491, 4502) if six else (25, 45, 4513, 4534)
    if not regular or not first <= number <= last:
        return None
    codes = [prefixed + number - first, bare + number - first]
    codes = codes[:1] if "zone" in plain else codes[1:] if "cm" in plain else codes
    systems = tuple(CRS.from_epsg(code) for code in codes)
    return Reference(word, _title(systems[0]), systems, chinese=True)


def _epsg(word: str, plain: str) -> Reference:
    code = re.fullmatch(r"(?:epsg)?(\d{4,6})", plain)
    if code:
        try:
            crs = CRS.from_epsg(int(code[1]))
        except CRSError:
            crs = None
        if crs is not None and (crs.is_geographic or crs.is_projected):
            return Reference(word, _title(crs), (crs,), chinese=crs.name.startswith("CGCS2000"))
    raise UnknownReference(f"不认识坐标系「{word}」；可用的写法：{ALLOWED}。")


def _title(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code} {crs.name}" if code else crs.name


def _false_easting(crs: CRS) -> float | None:
    """Return the false easting of a Gauss-Kruger system in metres; None for any other."""
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    return next((float(p.value) for p in operation.params if p.name == "False easting"), None)


def _fits(crs: CRS, easting: float) -> bool:
    false_easting = _false_easting(crs)
    if false_easting is None or false_easting % 1e6 != 500_000:
        return True
    return bool(int(easting // 1e6) == int(false_easting // 1e6))


def _contradiction(declared: Reference, typical: float) -> str:
    zone = int(typical // 1e6)
    found = f"横坐标约为 {typical:.0f}" + (f"（带号 {zone}）" if zone >= 13 else "（不带带号）")
    hint = (
        f"；若横坐标带有带号，可声明「高斯带 {zone}」" if 25 <= zone <= 45 else "；请声明不带带号的坐标系或核对中央经线"
    )
    if zone < 13 and 1e6 < typical < 1e7:
        hint = "；这更像纵坐标（北方向），请检查 X、Y 两列是否对调"
    return f"声明的坐标系「{declared.word}」（{declared.title}）与数据矛盾：{found}{hint}。"


def _like_wgs84(crs: CRS) -> bool:
    ellipsoid = crs.ellipsoid
    return (
        ellipsoid is not None
        and abs(ellipsoid.semi_major_metre - 6378137.0) < 0.5
        and abs(ellipsoid.inverse_flattening - 298.257) < 0.01
        and crs.prime_meridian is not None
        and crs.prime_meridian.longitude == 0
    )


def _transformer(crs: CRS) -> Transformer:
    """Return the best transformation to WGS-84.

    Between different ellipsoids only one of known accuracy and for the whole area of the system will do; parameters
    made for one basin are not used for a country.
    """
    try:
        candidates = TransformerGroup(crs, "EPSG:4326", always_xy=True).transformers
    except ProjError as error:
        raise UnknownReference(f"坐标系「{crs.name}」无法换算到 WGS-84。") from error
    fitting = candidates if _like_wgs84(crs) else [t for t in candidates if t.accuracy >= 0 and _covers(t, crs)]
    if not fitting:
        raise UnknownReference(
            f"坐标系「{crs.name}」到 WGS-84 没有已知精度的换算参数；请先由测绘部门转换到 CGCS2000 或 WGS-84。"
        )
    return fitting[0]


def _covers(transformer: Transformer, crs: CRS) -> bool:
    meant, own = transformer.area_of_use, crs.area_of_use
    if meant is None or own is None:
        return False
    inside_x = meant.west <= own.west and own.east <= meant.east
    return bool(inside_x and meant.south <= own.south and own.north <= meant.north)
