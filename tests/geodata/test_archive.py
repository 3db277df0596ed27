"""Archives are not trusted: bombs, ways out, links, broken and locked ones are refused; GBK names come out right."""

import stat
import struct
import zipfile

import pytest

from geodata.archive import Limits, inspect, member_name, unpacked
from geodata.errors import UnreadableFile


def _zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def test_a_good_archive_unpacks_and_leaves_nothing_behind(tmp_path):
    path = _zip(tmp_path / "a.zip", [("dir/a.csv", "1,2"), ("b.csv", "3")])
    with unpacked(path) as folder:
        assert (folder / "dir" / "a.csv").read_text() == "1,2"
        assert (folder / "b.csv").read_text() == "3"
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/evil", "C:\\evil.csv", "..\\evil.csv", "\\\\x\\y"]
)
def test_names_that_lead_out_are_refused(tmp_path, name):
    path = _zip(tmp_path / "a.zip", [("ok.csv", "1"), (name, "2")])
    with pytest.raises(UnreadableFile, match="指向包外"):
        inspect(path)


def test_a_link_is_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = _zip(tmp_path / "a.zip", [(info, "/etc/passwd")])
    with pytest.raises(UnreadableFile, match="链接"):
        inspect(path)


def test_a_bomb_is_refused_by_ratio_size_and_number(tmp_path):
    path = _zip(tmp_path / "a.zip", [("zeros", b"\0" * 2_000_000)])
    assert len(inspect(path)) == 1
    with pytest.raises(UnreadableFile, match="压缩比"):
        inspect(path, limits=Limits(small_bytes=1_000_000))
    with pytest.raises(UnreadableFile, match="大小"):
        inspect(path, limits=Limits(total_bytes=1_999_999))
    many = _zip(tmp_path / "b.zip", [(f"{i}.csv", "") for i in range(5)])
    with pytest.raises(UnreadableFile, match="5 个文件"):
        inspect(many, limits=Limits(members=4))


def test_a_header_that_lies_about_the_size_is_found_out(tmp_path):
    path = _zip(tmp_path / "a.zip", [("zeros", b"\0" * 1_000_000)])
    data = path.read_bytes()
    lie = data.replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10))
    assert lie != data
    path.write_bytes(lie)
    with pytest.raises(UnreadableFile, match=r"损坏|多于"), unpacked(path):
        pass


@pytest.mark.parametrize("data", [b"", b"not a zip at all", b"PK\x03\x04 broken"])
def test_what_is_no_zip_is_refused(tmp_path, data):
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="损坏"):
        inspect(path)


def test_a_damaged_member_is_refused(tmp_path):
    path = _zip(tmp_path / "a.zip", [("a.csv", "经度,纬度\n" * 500)])
    data = bytearray(path.read_bytes())
    data[45:60] = b"\xff" * 15
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableFile, match="损坏"), unpacked(path):
        pass


def test_a_locked_archive_is_refused(tmp_path):
    path = _zip(tmp_path / "a.zip", [("a.csv", "1")])
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableFile, match="密码"):
        inspect(path)


def test_names_in_gbk_are_read_as_meant(tmp_path):
    name = "榆次区/社区.csv"
    info = zipfile.ZipInfo("x" * len(name.encode("gbk")))
    path = _zip(tmp_path / "a.zip", [(info, "1")])
    path.write_bytes(path.read_bytes().replace(info.filename.encode(), name.encode("gbk")))
    assert [member_name(m) for m in inspect(path)] == [name]
    with unpacked(path) as folder:
        assert (folder / "榆次区" / "社区.csv").read_text() == "1"


def test_names_in_utf8_stay(tmp_path):
    path = _zip(tmp_path / "a.zip", [("社区.csv", "1")])
    assert [member_name(m) for m in inspect(path)] == ["社区.csv"]


def test_an_archive_of_nothing_unpacks_to_nothing(tmp_path):
    with unpacked(_zip(tmp_path / "a.zip", [("empty/", "")])) as folder:
        assert [p for p in folder.rglob("*") if p.is_file()] == []
