"""Population rasters: every pixel with people is a cell, nothing is lost and nothing is made up."""

import math

import numpy as np
import pytest
from affine import Affine

from geodata.errors import UnreadableFile
from geodata.formats import read
from geodata.formats.raw import Request
from tests.geodata.drawn_files import write_raster


def _only(path, **request):
    (raw,) = read(path, Request(**{"layer": "population", **request}))
    return raw


def test_pixels_become_cells_at_their_centres(tmp_path):
    values = np.array([[0.0, 1.5, -99999.0], [2.25, np.nan, -3.0]], dtype=np.float32)
    raw = _only(write_raster(tmp_path / "a.tif", values, nodata=-99999.0))
    assert list(raw.columns["id"]) == ["r0c1", "r1c0"]
    assert list(raw.columns["population"]) == [1.5, 2.25]
    np.testing.assert_allclose([g.coords[0] for g in raw.geometry], [(112.015, 37.995), (112.005, 37.985)], atol=1e-12)
    assert raw.facts["pixels"] == {"nodata": 1, "negative": 1, "nan": 1, "zero": 1}
    assert raw.facts["raster_sum"] == 3.75
    assert raw.crs.to_epsg() == 4326


def test_nodata_that_was_never_declared_is_negative_and_counted(tmp_path):
    raw = _only(write_raster(tmp_path / "a.tif", np.array([[-200.0, 4.0]]), nodata=None))
    assert list(raw.columns["population"]) == [4.0]
    assert raw.facts["pixels"]["negative"] == 1


@pytest.mark.parametrize("nodata", [3.4028234663852886e38, np.nan, 255.0])
def test_any_value_may_be_nodata(tmp_path, nodata):
    values = np.array([[nodata, 7.0]], dtype=np.float32)
    raw = _only(write_raster(tmp_path / "a.tif", values, nodata=nodata))
    assert list(raw.columns["population"]) == [7.0]


def test_integers(tmp_path):
    raw = _only(write_raster(tmp_path / "a.tif", np.array([[65535, 7, 0]], dtype=np.uint16), nodata=65535))
    assert list(raw.columns["population"]) == [7.0]
    assert raw.facts["pixels"] == {"nodata": 1, "negative": 0, "nan": 0, "zero": 1}


def test_the_sum_is_kept_exactly_over_many_blocks_in_row_order(tmp_path):
    rng = np.random.default_rng(3)
    values = np.where(rng.random((700, 600)) < 0.3, rng.gamma(2.0, 30.0, (700, 600)), -1.0).astype(np.float32)
    path = write_raster(tmp_path / "a.tif", values, nodata=-1.0, tiled=True, blockxsize=256, blockysize=256)
    raw = _only(path)
    rows, cols = np.nonzero(values > 0)
    assert list(raw.columns["id"]) == [f"r{r}c{c}" for r, c in zip(rows, cols, strict=True)]
    people = values[rows, cols].astype(np.float64)
    np.testing.assert_array_equal(raw.columns["population"], people)
    assert raw.facts["raster_sum"] == math.fsum(people)


def test_any_crs_and_none(tmp_path):
    mollweide = write_raster(
        tmp_path / "a.tif", np.array([[5.0]]), nodata=None, crs="ESRI:54009",
        transform=Affine(100, 0, 9_900_000, 0, -100, 4_540_000),
    )  # fmt: skip
    assert _only(mollweide).crs.is_projected
    assert _only(write_raster(tmp_path / "b.tif", np.array([[5.0]]), nodata=None, crs=None)).crs is None


def test_no_people_is_no_cells(tmp_path):
    raw = _only(write_raster(tmp_path / "a.tif", np.zeros((3, 3)), nodata=None))
    assert len(raw.rows) == len(raw.geometry) == 0
    assert raw.facts["raster_sum"] == 0.0


def test_a_raster_that_is_nowhere_is_refused(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.array([[5.0]]), nodata=None, crs=None, transform=None)
    with pytest.raises(UnreadableFile, match="没有地理参考"):
        _only(path)


def test_several_bands_and_other_layers_are_refused(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.zeros((2, 3, 3)), nodata=None)
    with pytest.raises(UnreadableFile, match="2 个波段"):
        _only(path)
    with pytest.raises(UnreadableFile, match="人口图层"):
        _only(path, layer="roads")
