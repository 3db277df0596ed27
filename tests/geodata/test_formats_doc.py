"""The document of formats says what the records say."""

import pytest

from tests.geodata.formats_tables import DOCUMENT, filled, tables


@pytest.mark.parametrize("name", tables())
def test_every_table_is_in_the_document_as_the_records_have_it(name):
    text = DOCUMENT.read_text("utf-8")
    assert f"<!-- {name} -->" in text
    assert tables()[name] in text, "run: python -m tests.geodata.formats_tables"


def test_the_document_is_up_to_date():
    text = DOCUMENT.read_text("utf-8")
    assert filled(text) == text
