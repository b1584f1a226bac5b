"""In JupyterLab: a notebook's parameters as a form, the explorer as widgets, a page from within.

`render_here` needs nothing more than nktrade. The form and the explorer are widgets, and want
``pip install 'nktrade[widgets]'``.
"""

from nktrade.lab.exploring import explore
from nktrade.lab.form import choose_parameters
from nktrade.lab.here import render_here

__all__ = ["choose_parameters", "explore", "render_here"]


def __dir__():
    return sorted(__all__)
