"""Twenty numbers of the pages, from page to proof: worked out by hand from what is printed.

Each expectation is the arithmetic that a reader would do with the figures named beside it. The
library's answer must be that number, and its own proof, added up as it is written, must give it.
"""

import re

import pytest

import nktrade as nk

MILLION = 1e6
#: Exports of 2023 at most: both ways (reported:137) less imports (kiep2023:51).
EXPORTS_2023 = 2295.385 - 2003.495
#: Exports of 2022: at least both ways less imports (reported:120, reported:118); at most what grew
#: by 118.4 % to those of 2023 (kiep2023:66).
EXPORTS_2022 = (1027.715 - 894.045, EXPORTS_2023 / 2.1835)

BY_HAND = [
    # the page; the question; the least and the greatest in million USD; the figures
    ("02", {"flow": "import", "period": "2020-06"}, 87.6785, 87.6795, "fact:ee7c2d16"),
    ("05", {"flow": "import", "period": "2023"}, 2003.495, 2295.385 - 291.885,
     "kiep2023:51 reported:136 reported:137"),
    ("05", {"flow": "export", "period": "2023"}, 291.885, EXPORTS_2023,
     "reported:136 reported:137 kiep2023:51"),
    ("18", {"flow": "balance", "period": "2023"}, 2 * 291.885 - 2295.385, 2295.385 - 2 * 2003.495,
     "reported:136 reported:137 kiep2023:51"),
    ("04", {"flow": "export", "period": "2023", "hs": "6704"}, 166.735, 166.745, "kiep2023:84"),
    ("04", {"flow": "export", "period": "2022", "hs": "6704"},
     0.0865 * EXPORTS_2022[0], 0.0875 * EXPORTS_2022[1],
     "kiep2023:85 kiep2023:66 kiep2023:51 reported:118 reported:120 reported:137"),
    ("12", {"flow": "export", "period": "2022", "hs": "7202"},
     0.2015 * EXPORTS_2022[0], 0.2025 * EXPORTS_2022[1],
     "kiep2023:88 kiep2023:66 kiep2023:51 reported:118 reported:120 reported:137"),
    ("03", {"flow": "import", "period": "2020-06", "hs": "6902"}, 3.15, 3.25, "kiep2020h1:83"),
    ("01", {"flow": "export", "period": "2017-08"}, 604.265 - 315.975, 604.275 - 315.965,
     "fact:c8fe3f8e fact:30677dc4"),
    ("01", {"flow": "import", "period": "2021-02"}, 0.0325 - 0.0295, 0.0035,
     "reported:104 fact:6db51e96 reported:105"),
    ("01", {"flow": "export", "period": "2021-02"}, 1.7575 - 0.0035, 1.7545,
     "fact:a51abd0b reported:105 fact:fe0e367b"),
    ("14", {"flow": "import", "period": "2023", "hs": "1006"}, 76.805, 76.815,
     "kiep2023:13 kiep2023:30"),
    # Five medicines of KIEP's table, and nothing else of the chapter is printed.
    ("02", {"flow": "import", "period": "2020-H1", "hs": "30"},
     9.7135 + 2.1175 + 0.9365 + 0.8445 + 0.3945, None,
     "kiep2020h1:54 kiep2020h1:58 kiep2020h1:62 kiep2020h1:66 kiep2020h1:70"),
    ("10", {"flow": "import", "period": "2020-H1", "province": "21"}, 194.325, 194.335,
     "kiep2020h1:143"),
    # A share of a province, 20.2 %, of 105.04 million.
    ("10", {"flow": "import", "period": "2020-H1", "province": "44", "industry": "textile"},
     0.2015 * 105.035, 0.2025 * 105.045, "kiep2020h1:197 kiep2020h1:147"),
    ("06", {"flow": "import", "period": "2023", "industry": "textile"},
     0.2995 * 2003.495, 0.3005 * (2295.385 - 291.885),
     "kiep2023:55 kiep2023:51 reported:136 reported:137"),
    ("12", {"flow": "export", "period": "2017-03", "hs": "2701"}, 0.0, 0.0,
     "fact:b38fc129 fact:04ff4d24 fact:57f645db fact:e0d2ecde"),
    ("12", {"flow": "export", "period": "2020-H1", "hs": "2716"}, 5.065, 5.075, "kiep2020h1:102"),
    # Yuan of a month at the year's widest rates, and of one at customs' own.
    ("18", {"flow": "export", "period": "2024-12"}, 272.26585 / 7.30, 272.26595 / 7.00,
     "reported:190"),
    ("18", {"flow": "import", "period": "2024-05"}, 1068.1235 / 7.12, 1068.1245 / 7.09,
     "reported:175"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "asked", "low", "high", "figures"), BY_HAND)
def test_a_number_is_the_arithmetic_of_its_proof(page, asked, low, high, figures):
    assert len(BY_HAND) == 20
    found = nk.bounds(view="PRK", **asked).loc[0]
    assert found["low"] == pytest.approx(low * MILLION, rel=1e-9, abs=15)
    if high is not None:
        assert found["high"] == pytest.approx(high * MILLION, rel=1e-9, abs=15)
    named = [figure for figure in figures.split() if figure in found["proof"]]
    assert named, found["proof"]  # where prints repeat each other, others may prove it as well
    for end, part in zip(("low", "high"), found["proof"].split("; "), strict=True):
        assert add_up(part) == pytest.approx(found[end] / MILLION, rel=2e-5, abs=0.02)


TERM = re.compile(r"(-?) ?(?:([\d.,]+) x )?([\d.,]+) \[")


def add_up(proof: str) -> float:
    """Add up a proof as it is written: signs, factors and figures."""
    terms = TERM.findall(proof.partition("=")[2])
    numbers = [[float(text.replace(",", "") or 1) for text in term[1:]] for term in terms]
    signs = [-1.0 if term[0] else 1.0 for term in terms]
    return sum(sign * times * figure for sign, (times, figure) in zip(signs, numbers, strict=True))
