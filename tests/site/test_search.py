import json

import pytest

from nktrade.site.search import write_search


def entry(**fields):
    return {"kind": "page", "title": "Wigs", "text": "", "words": "", "href": "a.html", **fields}


def test_what_is_found_is_written_as_a_script_that_cannot_end_early(tmp_path):
    write_search([entry(title="</script><b>x")], tmp_path, "Site")
    listed = (tmp_path / "search-list.js").read_text(encoding="utf-8")
    assert "</script>" not in listed
    rows = json.loads(listed.removeprefix("var NKTRADE_SEARCH = ").rstrip(";\n"))
    assert rows == [["page", "</script><b>x", "", "", "a.html"]]
    assert "MIT licence" in (tmp_path / "search.js").read_text(encoding="utf-8")


def test_an_unknown_kind_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match="unknown kind"):
        write_search([entry(kind="thing")], tmp_path, "Site")
    assert list(tmp_path.iterdir()) == []
