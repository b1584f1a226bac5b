"""Folders and archives as they are: taken, or set aside with a line."""

import os
import re
import warnings
import zipfile

import pytest

from nktrade.errors import InputError
from nktrade.sources._customs_codes import country_isos
from nktrade.store import import_files, load, status
from nktrade.store.gathering import SetAsideWarning
from tests.sources.dresses import put, write_text, write_zip

HEADS = ["数据年月", "贸易伙伴编码", "商品编码", "美元"]
#: The numbers of CEPII's own list of countries (release 202201).
CEPII = """
4 8 12 16 20 24 28 31 32 36 40 44 48 50 51 52 56 58 60 64 68 70 72 76 84 86 90 92 96 100 104 108
112 116 120 124 132 136 140 144 148 152 156 162 166 170 174 175 178 180 184 188 191 192 196 200
203 204 208 212 214 218 222 226 231 232 233 238 242 246 251 258 260 262 266 268 270 275 276 278
280 288 292 296 300 304 308 316 320 324 328 332 340 344 348 352 360 364 368 372 376 381 384 388
392 398 400 404 408 410 414 417 418 422 426 428 430 434 440 442 446 450 454 458 462 466 470 478
480 484 490 496 499 500 504 508 512 516 520 524 528 530 531 533 534 535 540 548 554 558 562 566
570 574 579 580 583 584 585 586 591 598 600 604 608 612 616 620 624 626 634 642 643 646 652 654
659 660 662 666 670 674 678 682 686 688 690 694 697 699 702 703 704 705 706 710 711 716 724 728
729 736 740 748 752 757 760 762 764 768 772 776 780 784 788 792 795 796 798 800 804 807 810 818
826 834 842 849 854 858 860 862 876 882 887 891 894
"""


def rows(value, month="202301"):
    return write_text([HEADS, [month, "109", "6902", str(value)]])


def bring(folder, *paths, **said):
    return import_files(folder / "s", "gacc", paths, **({"flow": "export"} | said))


@pytest.mark.parametrize(
    ("litter", "why"),
    [
        ("b.csv.crdownload", "not finished"), ("b.csv.part", "not finished"),
        ("Unconfirmed 1.crdownload", "not finished"), ("b.csv.tmp", "not finished"),
        ("b.csv.xltd", "not finished"), ("b.csv.td", "not finished"),
        ("b.csv.downloading", "not finished"),
        ("._a.csv", "hidden"), (".a.csv", "hidden"), (".ipynb_checkpoints/a.csv", "hidden"),
        ("__MACOSX/._a.csv", "hidden"), ("~$a.xlsx", "lock"), (".~lock.a.csv#", "lock"),
        ("Thumbs.db", "hidden"), ("readme.txt", "ending"), ("notes.docx", "ending"),
    ],
)  # fmt: skip
def test_litter_is_set_aside_with_a_line(tmp_path, litter, why):
    put(tmp_path, "dl/2023/a.csv", rows(10))
    put(tmp_path, f"dl/2023/{litter}", b"half a downl")
    with pytest.warns(SetAsideWarning, match=why) as told:
        bring(tmp_path, tmp_path / "dl")
    assert litter.partition("/")[0] in str(told[0].message)
    assert load(tmp_path / "s")["value"].tolist() == [10]
    if why in ("not finished", "lock", "hidden") and "/" not in litter:
        with pytest.raises(InputError, match=why):
            bring(tmp_path, tmp_path / "dl" / "2023" / litter)


@pytest.mark.parametrize("note", ["readme.txt", "README", "Read me.csv", "LICENSE.txt", "说明.txt"])
@pytest.mark.parametrize("packed", [False, True])
def test_notes_beside_tables_of_text_are_set_aside(tmp_path, note, packed):
    said = {"columns": {"period": "Month", "hs": "Code", "value": "USD"}, "flow": "export",
            "reporter": "RUS", "partner": "PRK", "currency": "USD"}  # fmt: skip
    table, words = b"Month\tCode\tUSD\n2020-01\t270112\t5\n", b"words, of the table\n"
    if packed:
        with zipfile.ZipFile(tmp_path / "dl.zip", "w") as archive:
            archive.writestr("dl/a.txt", table)
            archive.writestr(f"dl/{note}", words)
    else:
        put(tmp_path, "dl/a.txt", table)
        put(tmp_path, f"dl/{note}", words)
    with pytest.warns(SetAsideWarning, match=re.escape(note)):
        import_files(tmp_path / "s", "table", [tmp_path / ("dl.zip" if packed else "dl")], **said)
    assert load(tmp_path / "s")["value"].tolist() == [5]


def test_a_file_that_is_still_fetched_is_known_by_what_stands_beside_it(tmp_path):
    put(tmp_path, "dl/a.csv", rows(10))
    half = put(tmp_path, "dl/b.csv", rows(20, "202302"))
    put(tmp_path, "dl/b.csv.aria2", b"")
    with pytest.raises(InputError, match=r"b\.csv.*not finished"):
        bring(tmp_path, half)
    with pytest.warns(SetAsideWarning, match=r"b\.csv \(a download that is not finished"):
        bring(tmp_path, tmp_path / "dl")
    assert load(tmp_path / "s")["value"].tolist() == [10]


def test_a_clean_folder_is_taken_without_a_word(tmp_path):
    put(tmp_path, "dl/a.CSV", rows(10))
    put(tmp_path, "dl/sub/b.csv", rows(20, "202302"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = bring(tmp_path, tmp_path / "dl")
    assert report["file"].tolist() == ["a.CSV", "b.csv"]


def test_links_are_followed_once(tmp_path):
    put(tmp_path, "real/a.csv", rows(10))
    (tmp_path / "dl").mkdir()
    (tmp_path / "dl" / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "dl" / "again.csv").symlink_to(tmp_path / "real" / "a.csv")
    (tmp_path / "real" / "loop").symlink_to(tmp_path / "dl")
    (tmp_path / "dl" / "lost.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.warns(SetAsideWarning, match="link to a file that is not there"):
        report = bring(tmp_path, tmp_path / "dl")
    assert len(report) == 1
    with pytest.raises(InputError, match="a link to a file that is not there"):
        bring(tmp_path, tmp_path / "dl" / "lost.csv")
    assert load(tmp_path / "s")["value"].tolist() == [10]


def test_flows_by_the_nearest_folder(tmp_path):
    for flow, value in (("import", 7), ("export", 1000)):
        put(tmp_path, f"import/dl/{flow}/2023.csv", rows(value))
        put(tmp_path, f"import/dl/{flow}/old/2022.csv", rows(value, "202201"))
    flow = {"import": "import/*", "export": "export/*"}
    bring(tmp_path, tmp_path / "import" / "dl", flow=flow)
    sums = load(tmp_path / "s").groupby("flow")["value"].sum()
    assert sums.to_dict() == {"export": 2000, "import": 14}


def test_archives_of_downloads_with_names_in_gbk(tmp_path):
    folder = tmp_path / "dl"
    put(folder, "出口.zip", write_zip(rows(10), "出口/2023年1月.csv"))
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("2/a.csv", rows(20, "202302"))
        archive.writestr("2/a.csv.part", b"half")
        archive.writestr("../../b.csv", rows(30, "202303"))
        archive.writestr("3/inner.zip", write_zip(rows(40, "202304"), "2023年4月.csv"))
    with pytest.warns(SetAsideWarning, match="not finished"):
        report = bring(tmp_path, folder)
    assert sorted(report["file"]) == ["2023年1月.csv", "2023年4月.csv", "a.csv", "b.csv"]
    assert load(tmp_path / "s")["value"].tolist() == [10, 20, 30, 40]
    assert not (tmp_path.parent / "b.csv").exists()


def test_archives_in_archives_end_somewhere(tmp_path):
    content = rows(10)
    for _ in range(6):
        content = write_zip(content, "in.zip" if content[:2] == b"PK" else "a.csv")
    path = put(tmp_path, "a.zip", content)
    with pytest.raises(InputError, match="an archive within archives"):
        bring(tmp_path, path)


def test_names_on_disk_in_gbk(tmp_path):
    folder = os.fsencode(tmp_path / "dl")
    os.mkdir(folder)
    with open(os.path.join(folder, "朝鲜.csv".encode("gbk")), "wb") as file:
        file.write(rows(10))
    bring(tmp_path, tmp_path / "dl")
    assert status(tmp_path / "s")["file"].tolist() == ["朝鲜.csv"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.zip", b"PK\x03\x04 cut", "zip archive that is damaged"),
        ("a.zip", write_zip(b"x", "a.txt"), r"the archive has no CSV .*a.txt"),
        ("a.csv", b"PK\x03\x04 cut", "zip archive that is damaged"),
        ("a.rar", b"Rar!\x1a\x07", "a RAR archive"),
    ],
)
def test_archives_that_cannot_be_opened(tmp_path, name, content, words):
    path = put(tmp_path, name, content)
    with pytest.raises(InputError, match=words):
        bring(tmp_path, path)
    assert not (tmp_path / "s").exists()


def test_one_bad_file_refuses_the_whole_folder(tmp_path):
    put(tmp_path, "dl/a.csv", rows(10))
    put(tmp_path, "dl/b.csv", rows("x"))
    with pytest.raises(InputError, match=r"b.csv, row 2, column '美元'"):
        bring(tmp_path, tmp_path / "dl")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("packed", [True, False])
def test_the_archive_of_cepii_as_it_comes(tmp_path, packed):
    codes = CEPII.split()
    lines = [["t", "i", "j", "k", "v", "q"]]
    met: dict[str, int] = {}  # Sudan has two numbers, of different years
    for code in codes:
        year = met[country_isos()[code]] = met.get(country_isos()[code], 2021) + 1
        if code != "156":
            lines.append([str(year), "156", code, "690220", "1.0", "NA"])
    files = {
        "BACI_HS92_V202501.csv": write_text(lines),
        "country_codes_V202501.csv": b"country_code,country_name\n",
        "product_codes_HS92_V202501.csv": b"code,description\n",
        "Readme.txt": b"x",
    }
    for name, content in files.items():
        put(tmp_path / "BACI_HS92_V202501", name, content)
    path = tmp_path / "BACI_HS92_V202501"
    if packed:
        path = tmp_path / "BACI_HS92_V202501.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    with pytest.warns(SetAsideWarning, match=r"country_codes.*goes with the data"):
        import_files(tmp_path / "s", "baci", [path])
    trade = load(tmp_path / "s", partner=None)
    assert trade["value"].sum() == 1000 * (len(codes) - 1)
    assert set(trade["hs_edition"]) == {"HS1992"}
    assert set(codes) <= set(country_isos())
