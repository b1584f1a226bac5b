"""The codes of partners and provinces, and what is said to a slip."""

import pytest

from nktrade.codes.geography import check_place, list_places
from nktrade.errors import InputError
from nktrade.study import name_country


def test_every_code_has_its_form_and_a_name():
    assert all(len(code) == 3 and code.isupper() for code in list_places("partner"))
    assert all(len(code) == 2 and code.isdecimal() for code in list_places("province"))
    names = [*list_places("partner").values(), *list_places("province").values()]
    assert [name for name in names if not name.isprintable() or name != name.strip()] == []
    assert all(names)
    assert len(list_places("province")) == 31  # GACC divides by the mainland's provinces


def test_customs_own_names_come_first():
    assert list_places("partner")["PRK"] == name_country("PRK") == "North Korea"
    assert list_places("partner")["GUM"] == "Guam"  # only CEPII lists it
    assert name_country("XYZ") == "XYZ"


@pytest.mark.parametrize(
    ("column", "code", "meant"),
    [
        ("partner", "PKR", "PRK"),
        ("partner", "prk", "PRK"),
        ("partner", "North Korea", "PRK"),
        ("province", "Jilin", "22"),
    ],
)
def test_a_slip_is_answered_with_the_code(column, code, meant):
    with pytest.raises(InputError, match=f"unknown {column} '{code}'. Did you mean '{meant}'"):
        check_place(column, code)
