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
        ("partner", "Korea, North", "PRK"),
        ("partner", "Dem. People’s Rep. of Korea, the", "PRK"),
        ("partner", "朝鲜", "PRK"),
        ("partner", "109", "PRK"),  # China's customs
        ("partner", "643", "RUS"),  # the United Nations
        ("partner", "Russian Federation", "RUS"),
        ("province", "liaoning", "21"),
        ("province", "Liaoning Province", "21"),
        ("province", "Jilin", "22"),
    ],
)
def test_a_slip_is_answered_with_the_code(column, code, meant):
    with pytest.raises(InputError, match=f"unknown {column} '{code}'. Did you mean '{meant}'"):
        check_place(column, code)


def test_a_number_of_two_offices_is_answered_with_both_codes():
    with pytest.raises(InputError, match=r"'408'. Did you mean 'PRK' or 'BOL'"):
        check_place("partner", "408")


@pytest.mark.parametrize("column", ["partner", "province"])
def test_every_place_is_known_by_its_own_name(column):
    for code, name in list_places(column).items():
        with pytest.raises(InputError, match=rf"'{code}'"):
            check_place(column, name.upper())


@pytest.mark.parametrize("nothing", ["", "of", "…"])
def test_no_name_means_no_place(nothing):
    with pytest.raises(InputError, match="Choose one of"):
        check_place("partner", nothing)
