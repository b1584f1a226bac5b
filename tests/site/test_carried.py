"""What a notebook shows or links to beside it travels with its page, or a line says why not."""

import base64
import os

import pytest
from bs4 import BeautifulSoup
from IPython.display import Audio, FileLink, FileLinks, IFrame, Video
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from nktrade.site import carried
from nktrade.site.carried import Beside
from nktrade.site.cleaning import clean_html
from nktrade.site.prose import write_words
from tests.site.active import find_active
from tests.site.test_outputs import show, show_data

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
FILES = {
    "project/notebooks/data.csv": b"a,b\n1,2\n",
    "project/notebooks/my data #1.csv": b"a,b\n3,4\n",
    "project/notebooks/tables/x.csv": b"x",
    "project/notebooks/map.gif": GIF,
    "project/notebooks/sound.wav": b"RIFF",
    "project/notebooks/clip.mp4": b"film",
    "project/notebooks/report.html": b"<script>go()</script>",
    "project/notebooks/.secret.csv": b"key",
    "project/notebooks/large.csv": b"0" * 600,
    "project/plan.csv": b"plan",
    "elsewhere.csv": b"elsewhere",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    home = tmp_path / "project" / "notebooks"
    (home / "linked.csv").symlink_to(tmp_path / "elsewhere.csv")
    monkeypatch.chdir(home)
    monkeypatch.setattr(carried, "LARGEST", 500)
    return home


def look(html):
    """Return what a piece of HTML lets a reader save or see, by name, and the lines it says."""
    soup = BeautifulSoup(html, "html.parser")
    found = {}
    for element in soup.find_all(True):
        for key in ("href", "src", "xlink:href"):
            address = element.get(key, "")
            if address.startswith("data:"):
                content = base64.b64decode(address.partition(",")[2])
                found[element.get("download") or element.name] = content
                assert element.name != "a" or address.startswith("data:application/octet-stream;")
    lines = [" ".join(line.text.split()) for line in soup.select(".notice")]
    for line in soup.select(".notice"):
        line.decompose()
    dead = [a["href"] for a in soup.find_all("a", href=True) if ":" not in a["href"]]
    return found, lines, dead


#: What is written → the file that arrives.
ARRIVE = {
    "[x](data.csv)": {"data.csv": b"a,b\n1,2\n"},
    "[x](./data.csv#rows) text": {"data.csv": b"a,b\n1,2\n"},
    "[x](<my data #1.csv>)": {"my data #1.csv": b"a,b\n3,4\n"},
    "[x](my%20data%20%231.csv)": {"my data #1.csv": b"a,b\n3,4\n"},
    "[x][1]\n\n[1]: tables/x.csv": {"x.csv": b"x"},
    "<a href=data.csv>x</a>": {"data.csv": b"a,b\n1,2\n"},
    "<p><a target='_blank' href='tables/x.csv'>x</a></p>": {"x.csv": b"x"},
    "[x](../plan.csv)": {"plan.csv": b"plan"},
    "[x](file:{home}/data.csv)": {"data.csv": b"a,b\n1,2\n"},
    "[x](file://{home}/data.csv)": {"data.csv": b"a,b\n1,2\n"},
    "[x]({home}/data.csv)": {"data.csv": b"a,b\n1,2\n"},
    "[![x](map.gif)](data.csv)": {"img": GIF, "data.csv": b"a,b\n1,2\n"},
    "<svg viewBox='0 0 1 1'><image href='map.gif'/></svg>": {"image": GIF},
    "<video src=clip.mp4 poster=map.gif controls></video>": {"video": b"film"},
    "<audio controls><source src='no.ogg'><source src='sound.wav'></audio>": {"source": b"RIFF"},
    "<iframe src='report.html'></iframe>": {"report.html": b"<script>go()</script>"},
    "[x](report.html)": {"report.html": b"<script>go()</script>"},
}
#: What is written → words of the line that says why nothing does.
STAY = {
    "[x](no.csv)": "no.csv is missing",
    "![x](no.png)": "no.png is missing",
    "[x](../../elsewhere.csv)": "outside the notebook's project",
    "![x](/usr/share/pixmaps/debian-logo.png)": "",
    "[x](/etc/hostname)": "outside the notebook's project",
    "[x](file:///etc/hostname)": "outside the notebook's project",
    "[x](linked.csv)": "outside the notebook's project",
    "[x](.secret.csv)": "is hidden",
    "[x](tables/)": "is a folder",
    "[x](large.csv)": "too large",
    "![x](data.csv)": "of another kind",
    "<video src='data.csv'></video>": "of another kind",
    "<video><source src='no.mp4'>old browser</video>": "no.mp4 is missing",
    "<audio src='https://example.org/a.ogg'></audio>": "pages load nothing",
    "<svg><image xlink:href='https://example.org/a.png'/></svg>": "pages load nothing",
    "[x](attachment:no.csv)": "no.csv is missing",
    "<object data='https://example.org/a.svg'></object>": "https://example.org/a.svg",
}


@pytest.mark.parametrize("source", ARRIVE)
def test_what_words_and_outputs_name_arrives(folder, source):
    words = source.format(home=folder)
    places = {"project": folder.parent}
    found, lines, dead = look(write_words(words, Beside(folder, **places)))
    assert (found, dead) == (ARRIVE[source], [])
    assert len(lines) == ("no.ogg" in words or "iframe" in words)
    if source.startswith("<"):
        beside = Beside(folder, **places)
        output = new_output("display_data", data={"text/html": words})
        html = show(folder, new_code_cell(outputs=[output]), beside=beside)
        assert look(html)[0] == ARRIVE[source]
        # A change of it is a change of the page.
        kept = [os.path.basename(path) for path, sha256 in beside.taken.items() if sha256]
        assert kept


@pytest.mark.parametrize("source", STAY)
def test_what_cannot_travel_leaves_a_line(folder, source):
    beside = Beside(folder, folder.parent)
    found, lines, dead = look(write_words(source, beside))
    assert (found, dead) == ({}, [])
    assert len(lines) == 1
    assert STAY[source] in lines[0]


def test_what_ipython_shows_of_files_arrives(folder):
    shown = {
        FileLink("data.csv"): {"data.csv"},
        FileLink("my data #1.csv"): {"my data #1.csv"},
        FileLinks("tables"): {"x.csv"},
        Audio(url="sound.wav"): {"source"},
        Video("clip.mp4"): {"video"},
        IFrame("report.html", 9, 9): {"report.html"},
    }
    for shower, names in shown.items():
        html = show_data(folder, {"text/html": shower._repr_html_()})
        found, lines, dead = look(html[: html.index("take-away")])
        assert (set(found), dead) == (names, [])
        assert len(lines) == isinstance(shower, IFrame)


def test_a_link_to_another_notebook_leads_to_its_page(folder):
    cell = new_markdown_cell("[x](../notebooks/02%20b.ipynb#Why) [y](02%20b.ipynb) [z](size.html)")
    way = {"notebooks": {"02 b.ipynb": "02-b.html", "../notebooks/02 b.ipynb": "02-b.html"}}
    html = show(folder, cell, way=way)
    assert ['href="02-b.html#Why"' in html, 'href="02-b.html"' in html] == [True, True]
    assert 'href="size.html"' in html  # a page of the site
    assert "notice" not in html


def test_an_attached_file_is_saved_and_all_of_them_have_a_bound(folder, monkeypatch):
    attached = {"a b.csv": {"text/csv": base64.b64encode(b"1").decode()}}
    found, lines, _ = look(write_words("[x](attachment:a%20b.csv)", Beside(folder), attached))
    assert (found, lines) == ({"a b.csv": b"1"}, [])
    beside = Beside(folder, _left=10)
    found, lines, _ = look(write_words("[x](data.csv) [y](data.csv)", beside))
    assert len(lines) == 1
    assert "too large" in lines[0]


def test_what_stands_in_a_style_is_no_element(folder):
    html = (
        "<video src=no.mp4><style></video><img src=x onerror=ran()></style></video>"
        "<style><a href='data.csv'><svg></style><img src='map.gif'>"
    )
    made = write_words(f"<div>{html}</div>", Beside(folder))
    assert find_active(clean_html(made)) == []
    assert "onerror" not in made.partition("<style>")[0]
    assert look(made)[0] == {"img": GIF}
