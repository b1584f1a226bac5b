"""Every code block of the documentation runs, in the order in which it is read."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from nktrade.cli import main

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: Commands that other tests run on smaller things, or that do not end.
ELSEWHERE = ("render", "serve", "fetch")
PAGES = [p for p in sorted((ROOT / "docs").rglob("*.md")) if "reference" not in p.parts]
#: Examples of clusters are scripts of their own (tests/render/test_cluster.py starts workers), and
#: all partners' declarations have first to be fetched.
APART = ("scale", "all_partners")
WITH_CODE = [
    page
    for page in PAGES
    if page.stem not in APART and BLOCK.search(page.read_text(encoding="utf-8"))
]


def write_inputs(folder):
    """Write the files that the recipes speak of: a small customs download of made-up rows."""
    rows = ['"数据年月","贸易伙伴编码","贸易伙伴名称","商品编码","商品名称","第一数量",'
            '"第一计量单位","第二数量","第二计量单位","US dollar",']  # fmt: skip
    for month in range(1, 13):
        rows.append(
            f'"2023{month:02d}","109","朝鲜","67042000","假发","900","千克","0","?","5,000",'
        )
        rows.append(f'"2023{month:02d}","410","巴西","15079010","豆油","70","千克","0","?","100",')
    mine = "Month,Code,Value,Flow\n2020-01,6704,12,export\n2020-02,6704,9,import\n"
    (folder / "mine.csv").write_text(mine, encoding="utf-8")
    (folder / "downloads").mkdir()
    (folder / "downloads" / "2023.csv").write_text("\n".join(rows) + "\n", encoding="gb18030")


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda path: path.stem)
def test_code_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_inputs(tmp_path)
    space: dict = {}
    for kind, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python":
            exec(compile(code, page.name, "exec"), space)
            continue
        for line in code.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] != ["nktrade"] or set(words) & set(ELSEWHERE):
                continue
            result = CliRunner().invoke(main, words[1:])
            assert result.exit_code == 0, f"{line}\n{result.output}"


def test_there_are_twenty_recipes():
    howto = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "howto").glob("*.md")]
    assert sum(len(re.findall(r"^## ", text, re.MULTILINE)) for text in howto) >= 20


def test_links_between_the_texts_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+\.md)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
