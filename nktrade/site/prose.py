"""A notebook's words as HTML: formulas as MathML, what they name beside them within the page.

Browsers draw MathML themselves, so that a formula needs neither a script nor a font from
elsewhere. A formula that cannot be read stands as its author wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from nktrade.site.carried import BESIDE, Beside, carry, keep_still, tell_active
from nktrade.site.cleaning import clean_html

#: Environments whose name a formula within a formula has.
_INNER = {"aligned": "align*", "gathered": "align*", "split": "align*", "eqnarray": "align*"}
_ENVIRONMENT = re.compile(r"(\\(?:begin|end)\s*\{)(aligned|gathered|split|eqnarray)(\*?\})")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
_BEGIN = re.compile(r"\\(begin|end)\{([^{}\n]{0,40})\}")
#: Characters of a cell of words (forty printed pages) and of a formula; what is longer stands as
#: its author wrote it. And environments without an end: for each the rest of the text is searched.
_LONGEST, _LONGEST_FORMULA, _MOST_OPEN = 200_000, 4000, 20


def write_words(
    source: str, beside: Beside | None = None, attachments: Mapping[str, Any] | None = None
) -> str:
    """Return the HTML of Markdown; its author's own HTML stays, but nothing that runs.

    Parameters
    ----------
    source : str
    beside : Beside, optional
        Where pictures and files are looked for.
    attachments : mapping, optional
        The cell's own files: name → type → content in base 64.
    """
    if len(source) > _LONGEST:
        return f'<pre tabindex="0">{escape(source)}</pre>'
    html = MarkdownWithMath(renderer=_Renderer()).render(_spell_open(source))
    return carry(clean_html(keep_still(html, tell_active), BESIDE), beside or Beside(), attachments)


def _spell_open(source: str) -> str:
    """Return Markdown in which environments without an end, if they are many, are plain text."""
    ends = {found[2]: found.start() for found in _BEGIN.finditer(source) if found[1] == "end"}

    def is_open(found: re.Match[str]) -> bool:
        return found[1] == "begin" and found.start() > ends.get(found[2], -1)

    if sum(map(is_open, _BEGIN.finditer(source))) <= _MOST_OPEN:
        return source
    return _BEGIN.sub(lambda m: f"&#92;{m[0][1:]}" if is_open(m) else m[0], source)


def write_formula(source: str, block: bool = False) -> str:
    """Return a formula of LaTeX as MathML; one that cannot be read as its author wrote it.

    Examples
    --------
    >>> print(write_formula("a^2"))
    <math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><msup><mi>a</mi>\
<mn>2</mn></msup></mrow></math>
    >>> write_formula(r"\\nosuch{a}")
    '<code class="formula">\\\\nosuch{a}</code>'
    """
    return _convert(source.strip(), block)


@lru_cache(maxsize=1000)
def _convert(source: str, block: bool) -> str:
    from latex2mathml.converter import convert

    try:
        if len(source) > _LONGEST_FORMULA:
            raise ValueError("a formula of many pages")
        told = _ENVIRONMENT.sub(lambda m: m[1] + _INNER[m[2]] + m[3].lstrip("*"), source)
        html = clean_html(convert(told, display="block" if block else "inline"))
    except Exception:  # whatever its author meant, it is shown
        html = ""
    if not html or "<mi>\\" in html or "<mi>&</mi>" in html:
        element = "pre" if block else "code"
        return f'<{element} class="formula">{escape(source)}</{element}>'
    return html


def write_latex(source: str) -> str:
    """Return an output of LaTeX: formulas as MathML, the rest as text.

    Examples
    --------
    >>> write_latex("about $x$")[:16]
    'about <math xmln'
    """
    if not _FORMULA.search(source):
        return write_formula(source, block=True)
    parts, at = [], 0
    for found in _FORMULA.finditer(source):
        parts.append(str(escape(source[at : found.start()])))
        parts.append(write_formula(found[1] or found[2], block=bool(found[1])))
        at = found.end()
    return "".join([*parts, str(escape(source[at:]))])


class _Renderer(IPythonRenderer):
    """nbconvert's, with formulas that need no script; what is named beside is settled later."""

    def __init__(self) -> None:
        # Headings get ids only where there is a text for their link; it is taken out again.
        super().__init__(escape=False, anchor_link_text="")

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        # The empty link that each is given ends in "/>", which browsers read as the beginning of
        # a link that never ends.
        return re.sub(
            r'<a class="anchor-link" href="[^"]*" />', "", super().heading(text, level, **attrs)
        )

    def block_code(self, code: str, info: str | None = None) -> str:
        # One that is wider than a telephone is scrolled by the keyboard, too.
        return super().block_code(code, info).replace("<pre>", '<pre tabindex="0">', 1)

    def block_math(self, body: str) -> str:
        return write_formula(body, block=True)

    def inline_math(self, body: str) -> str:
        return write_formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return write_formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        told = f' title="{escape(title)}"' if title else ""
        return f'<img src="{escape(url)}" alt="{escape(text)}"{told}>'
