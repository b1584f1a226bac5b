"""What a page says otherwise than when it was rendered last."""

from nktrade.render.changes import MOST, tell_changes


def cell(html="", **told):
    data = {"text/html": html} | ({"application/vnd.nktrade+json": told} if told else {})
    return {"cell_type": "code", "source": "", "metadata": {}, "outputs": [{"data": data}]}


def table(caption, *rows):
    lines = "".join(
        f"<tr><th>{row[0]}</th>{''.join(f'<td>{c}</td>' for c in row[1:])}</tr>" for row in rows
    )
    return f"<table id='T_1'><caption>{caption}</caption>{lines}</table>"


def test_the_same_page_says_nothing():
    page = [cell(table("Tons", ("2023", 1)), finding="Tons rose 3 %.")]
    assert tell_changes(page, page) == []


def test_findings_figures_rows_and_tables():
    old = [cell(finding="Tons rose 3 %.", figures={"a:1": "differs"})]
    old += [cell(table("Tons", ("2022", 1, 5), ("2021", 2, 5))), cell(table("Gone", ("x", 1)))]
    new = [cell(finding="Tons rose 4 %.", figures={"a:1": "agrees as printed"})]
    new += [cell(table("Tons", ("2022", 9, 5), ("2023", 2, 5))), cell(table("New", ("x", 1)))]
    assert tell_changes(old, new) == [
        "finding: Tons rose 3 %. -> Tons rose 4 %.",
        "figure a:1: differs is now agrees as printed",
        'table "Gone" is gone',
        'table "New" is new',
        'table "Tons": row 2021 is gone',
        'table "Tons": 2022: 1 is now 9',
        'table "Tons": row 2023 is new',
    ]


def test_much_is_not_told_in_full():
    old = [cell(table("Tons", *((n, n) for n in range(50))))]
    new = [cell(table("Tons", *((n, n + 1) for n in range(50))))]
    told = tell_changes(old, new)
    assert len(told) == MOST + 1
    assert told[-1] == "and 38 changes more"
