"""What a run says of itself: facts that an executed notebook leaves in its outputs.

A notebook speaks to the runner through outputs of MIME type ``application/vnd.nktrade+json``:
``{"published": {"agree": n, "corrected": n, "differ": n, "circular": n, "unchecked": n},
"figures": {id: verdict}, "computed": {id: words}}``,
``{"data": {name: sha256}, "status": "estimated" | "reported"}``,
``{"finding": "one sentence"}``, ``{"refusal": "one sentence"}``. Several outputs are merged.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from nktrade.render.cells import tags_of
from nktrade.site.text import VERDICTS
from nktrade.site.told import read_told

_MOST_PIXELS = 40e6  # of a picture to be made smaller: a larger one takes longer than its run
_WIDTH = 720  # pixels of the picture on the index: sharp on a phone, light in a long list


@dataclass
class Facts:
    """What the index and ``runs.json`` say of a run.

    Attributes
    ----------
    data : dict
        Name of each data set that the run read → its sha256.
    data_status : str
        ``"estimated"`` as soon as one data set is, else ``"reported"``; empty when the run
        did not say.
    published : dict
        How many published figures ``agree`` as printed, how many only as ``corrected``, how many
        ``differ``, how many were imposed on the data (``circular``) and how many stay
        ``unchecked``.
    figures : dict
        The verdict on each published figure, by its id: the same figure can be on several pages.
    computed : dict
        What the run computed for each of them, in words.
    finding : str
        One sentence: what the page found, or else the first thing its data could not answer.
    support : str
        How what the finding rests on is known, in the notebook's own word.
    subjects : list of dict
        What the page is about: kind, title and the address of the page that gathers it.
    picture, picture_alt : str
        The page's picture as a data address, and what it shows in words.
    """

    data: dict[str, str] = field(default_factory=dict)
    data_status: str = ""
    published: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    figures: dict[str, str] = field(default_factory=dict)
    computed: dict[str, str] = field(default_factory=dict)
    finding: str = ""
    support: str = ""
    subjects: list[dict[str, str]] = field(default_factory=list)
    picture: str = ""
    picture_alt: str = ""


def read_facts(cells: list[Mapping]) -> Facts:
    """Gather the facts of an executed notebook from its cells."""
    facts = Facts()
    refusals = []
    for output in _outputs(cells):
        said = read_told(output)
        _merge(facts, said)
        refusals += [said["refusal"]] if "refusal" in said else []
    facts.finding = facts.finding or next(iter(refusals), "")
    for output in _outputs(sorted(cells, key=lambda cell: "cover" not in tags_of(cell))):
        png = output.get("data", {}).get("image/png")
        if png:
            # A broken picture is the page's to tell, and so is one that is too large.
            with suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                facts.picture = _shrink(png)
            if facts.picture:
                facts.picture_alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
                break
    return facts


def _merge(facts: Facts, said: Mapping) -> None:
    for name in facts.published:
        facts.published[name] += int(said.get("published", {}).get(name, 0))
    facts.figures.update(said.get("figures", {}))
    facts.computed.update(said.get("computed", {}))
    facts.data.update(said.get("data", {}))
    if facts.data_status != "estimated":
        facts.data_status = said.get("status", facts.data_status)
    if "finding" in said:
        facts.finding, facts.support = said["finding"], said.get("support", "")


def _outputs(cells: list[Mapping]) -> Iterator[Mapping]:
    for cell in cells:
        yield from cell.get("outputs", [])


def _shrink(png: str) -> str:
    """Return the picture, no wider than the index shows it, as a data address."""
    from PIL import Image

    content = base64.b64decode("".join(png))
    found = Image.open(io.BytesIO(content))
    if found.width * found.height > _MOST_PIXELS:
        return ""
    image = found.convert("RGB")
    image.thumbnail((_WIDTH, _WIDTH))
    # 64 colours keep a chart's lines and text clean at a fifth of the size.
    small = io.BytesIO()
    image.quantize(64, Image.Quantize.FASTOCTREE).save(small, "PNG")
    return "data:image/png;base64," + base64.b64encode(small.getvalue()).decode()
