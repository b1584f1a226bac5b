"""A class system is one folder or file, checked; one's own works where a built-in one does."""

import pandas as pd
import pytest

from nktrade.codes import classes
from nktrade.codes.rules import read_rules
from nktrade.errors import CodeError, InputError

RULES = "prefix,class\n67,hair\n6703,raw\n"
LABELS = "class,name,stage\nhair,Hair goods,made\nraw,Prepared hair,raw\n"


def make(folder, rules=RULES, labels=LABELS):
    own = folder / "hair"
    own.mkdir()
    for name, text in (("rules.csv", rules), ("labels.csv", labels)):
        if text is not None:
            (own / name).write_text(text, encoding="utf-8")
    return own


def test_a_system_of_ones_own_works_where_a_built_in_one_does(tmp_path):
    trade = pd.DataFrame({"hs": ["670300", "67042000", "690220"], "hs_edition": "HS2017"})
    own = make(tmp_path)
    for path in (own, own / "rules.csv"):
        column = path.stem
        found = classes.classify(trade, to=[str(path), "industry"])
        assert found[column].tolist()[:2] == ["raw", "hair"]
        assert pd.isna(found[column].iloc[2])
    assert classes.load_class(str(own))["name"].tolist() == ["Hair goods", "Prepared hair"]
    assert read_rules(own, "stage")["class"].tolist() == ["made", "raw"]
    (own / "rules.csv").write_text(RULES.replace("6703,raw", "6704,raw"), encoding="utf-8")
    again = classes.classify(trade, to=str(own))  # a file that changed is read again
    assert again["hair"].tolist()[:2] == ["hair", "raw"]


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        ({"rules": None}, InputError, "no such file"),
        ({"labels": None}, InputError, "no such file"),
        ({"rules": RULES + "67,raw\n"}, InputError, "row 4, column 'prefix': '67' is there twice"),
        (
            {"rules": RULES + "6704,hare\n"},
            InputError,
            "row 4.*unknown class 'hare'. Did you mean 'hair'",
        ),
        ({"labels": LABELS + "wool,Wool,made\n"}, InputError, "class without a rule 'wool'"),
        ({"labels": LABELS + "raw,Raw,raw\n"}, InputError, "'raw' is there twice"),
        ({"rules": RULES + "7799,raw\n"}, CodeError, "no HS code begins with '7799'"),
        ({"rules": RULES + "101,raw\n"}, CodeError, "Did you mean '0101'"),
        ({"rules": RULES + "６704,raw\n"}, CodeError, "no HS code begins with"),
        ({"labels": LABELS + "raw,,raw\n"}, InputError, "row 4, column 'name': the cell is empty"),
        ({"rules": RULES.replace("prefix", "code")}, InputError, "a column is missing"),
    ],
)
def test_what_does_not_hold_together_is_refused_by_name(tmp_path, files, kind, message):
    with pytest.raises(kind, match=message):
        read_rules(make(tmp_path, **files))


def test_every_built_in_system_holds_together():
    for name in classes.list_classes()["name"]:
        if name not in ("chapter", "heading", "subheading", "family"):
            assert len(classes.load_class(name)) > 5
