"""What the site's own pages share: the frame around them and its style sheets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nktrade._version import __version__
from nktrade.site.text import spell_agreement, spell_date, spell_value

TEMPLATES = Path(__file__).with_name("templates")


@cache
def _environment():
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True
    )
    environment.filters |= {
        "read_asset": read_asset,
        "spell_agreement": spell_agreement,
        "spell_date": spell_date,
        "spell_value": spell_value,
    }
    return environment


@cache
def read_asset(name: str) -> Markup:
    """Return a style sheet or script of the site, to stand inside a page."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8").strip())


def render_template(name: str, **values: Any) -> str:
    """Return the HTML of one of the site's own pages; what it is given is text, never markup."""
    return _environment().get_template(name).render(version=__version__, **values)
