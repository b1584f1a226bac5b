import json

import pytest
from bs4 import BeautifulSoup

from nktrade.site.search import write_search


def entry(**fields):
    return {"kind": "page", "title": "Wigs", "text": "", "words": "", "href": "a.html", **fields}


def test_what_is_found_stands_in_the_page_as_data_that_cannot_end_early(tmp_path):
    path = write_search([entry(title="</script><b>x")], tmp_path)
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    rows = json.loads(page.find(id="list").string)
    assert rows == [["page", "</script><b>x", "", "", "a.html"]]
    assert "MIT licence" in page.find_all("script")[1].string


def test_an_unknown_kind_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="unknown kind"):
        write_search([entry(kind="thing")], tmp_path)
    assert list(tmp_path.iterdir()) == []
