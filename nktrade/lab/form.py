"""A notebook's parameters as a form: what it accepts is what ``nktrade render`` accepts."""

from __future__ import annotations

import json
import shlex
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError
from nktrade.lab.here import Rendered, demand_notebook, find_notebook, render_here
from nktrade.lab.widgets import load_widgets

if TYPE_CHECKING:
    from nktrade.render.catalogue import Notebook
    from nktrade.render.parameters import Parameter

_WIDE = {"layout": {"width": "28em"}, "style": {"description_width": "9em"}}


def choose_parameters(path: str | Path | None = None) -> Form | Rendered:
    """Return the parameters of a notebook as a form, to set them here or to render with them.

    Parameters
    ----------
    path : str or Path, optional
        The notebook; by default the one whose cell is running.

    Returns
    -------
    Form
        Shows itself. `Form.read` gives what was changed, checked as ``nktrade render`` checks
        ``-p NAME=VALUE``. In a run that nobody watches, a line that says so.

    Raises
    ------
    InputError
        ipywidgets is not installed, or the notebook is unknown.

    Examples
    --------
    >>> choose_parameters()  # outside a notebook
    Rendered(page=None, text='No form is shown: no notebook is open here...
    """
    from nktrade.render.catalogue import read_notebook

    if path is None and find_notebook() is None:
        return Rendered(None, "No form is shown: no notebook is open here. Or say path=...")
    load_widgets()
    return Form(read_notebook(demand_notebook(path)))


class Form:
    """A field a parameter, a line that says what is wrong, and two buttons.

    "Use here" sets the values in this notebook, for the cells below the parameters to run anew;
    "Render" renders it with them.
    """

    def __init__(self, notebook: Notebook) -> None:
        widgets = load_widgets()
        self.notebook = notebook
        self.fields = {one.name: _make_field(widgets, one) for one in notebook.parameters}
        self.said = widgets.HTML()
        self.use = widgets.Button(description="Use here")
        self.render = widgets.Button(description="Render", button_style="primary")
        self.use.on_click(lambda _: self._use())
        self.render.on_click(lambda _: self._render())
        for field in self.fields.values():
            field.observe(lambda _: self._check(), names="value")
        buttons = widgets.HBox([self.use, self.render])
        rows = [
            widgets.HBox([self.fields[one.name], widgets.Label(one.help)])
            for one in notebook.parameters
        ]
        self.box = widgets.VBox([*rows, buttons, self.said])
        self._check()

    def read(self) -> dict[str, Any]:
        """Return the parameters that differ from their defaults.

        Raises
        ------
        InputError
            A value is not of its parameter's type, is no month, country or store.
        """
        from nktrade.cli.answerable import check_asked
        from nktrade.render.catalogue import read_catalogue
        from nktrade.render.plan import plan_runs

        notebook, changed = self.notebook, []
        for name, field in self.fields.items():
            if field.value != field.begins:
                changed.append(f"{name}={'none' if field.value is None else field.value}")
        catalogue = read_catalogue(notebook.path.parent)
        (run,) = plan_runs(catalogue, [str(notebook.path)], changed)
        if catalogue.checks == "trade":
            where = f"notebook {notebook.name}"
            check_asked(run.parameters, notebook.defaults, catalogue.folder, where)
        return dict(run.changed)

    @property
    def command(self) -> str:
        """The command that renders the notebook with these values."""
        from nktrade.render.values import plain

        told = [json.dumps(plain(self.read()), ensure_ascii=False)] if self.read() else []
        name = str(self.notebook.path.name)
        return shlex.join(["nktrade", "render", name, *(x for y in told for x in ("-y", y))])

    def _check(self) -> bool:
        try:
            words = f"<code>{escape(self.command)}</code>"
        except InputError as error:
            self._say(f'<span style="color: #8a2b12">{escape(str(error))}</span>', ready=False)
            return False
        self._say(words, ready=True)
        return True

    def _say(self, html: str, ready: bool) -> None:
        self.said.value = html
        self.use.disabled = self.render.disabled = not ready

    def _use(self) -> None:
        from IPython import get_ipython

        shell = get_ipython()
        if not self._check() or shell is None:
            return
        shell.push(self.notebook.defaults | self.read())
        self.said.value = "Set. Run the cells below the parameters again."

    def _render(self) -> None:
        if not self._check():
            return
        self.said.value = "Rendering the notebook as last saved …"
        try:
            done = render_here(self.read(), path=self.notebook.path)
        except InputError as error:
            self._say(escape(str(error)), ready=True)
            return
        self.said.value = done._repr_mimebundle_()["text/html"]

    def _repr_mimebundle_(self, include=None, exclude=None) -> Any:
        return self.box._repr_mimebundle_(include=include, exclude=exclude)


def _make_field(widgets: Any, one: Parameter) -> Any:
    """Return the widget of a parameter; what it begins with stands in its `begins`."""
    told = {"description": one.name, **_WIDE}
    if one.choices:
        options = [(str(choice), choice) for choice in one.choices]
        if one.optional:
            options.append(("none", None))
        field = widgets.Dropdown(options=options, value=one.default, **told)
    elif one.kind is bool and isinstance(one.default, bool) and not one.optional:
        field = widgets.Checkbox(value=one.default, indent=True, **told)
    else:
        field = widgets.Text(value=_spell(one), continuous_update=False, **told)
    field.begins = field.value
    return field


def _spell(one: Parameter) -> str:
    """Return a default as ``-p`` would be given it."""
    value = one.default
    if value is None:
        return "none"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
