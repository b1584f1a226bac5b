"""What is done around other libraries still does what it is there for."""

import builtins
import subprocess
import sys
from importlib.machinery import PathFinder

import pytest

from nktrade.render import foreign
from nktrade.render.batch import PRELOAD


@pytest.mark.skipif(not PathFinder.find_spec("rfc3987_syntax"), reason="it is not installed")
@pytest.mark.parametrize("kept_out", [["nktrade.render.run"], PRELOAD, []])
def test_the_grammar_of_addresses_is_kept_out_and_would_be_loaded_otherwise(kept_out):
    """If the last case fails, `keep_out_address_grammar` can go."""
    script = f"""
        import sys
        {f"import {', '.join(kept_out)}" if kept_out else ""}
        import nbformat
        nbformat.validate(nbformat.v4.new_notebook())
        sys.exit(sys.modules.get("rfc3987_syntax") is not None)
    """
    lines = [line.strip() for line in script.splitlines()]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False)
    assert done.returncode == (not kept_out)


def ask(script):
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_pandas_still_looks_for_a_kernel_as_it_is_imported():
    """If both say the same, `import_pandas_as_in_a_kernel` can go."""
    show = "; import pandas; print(pandas.get_option('display.max_columns'))"
    plain = ask(f"import nktrade.render.foreign{show}")
    as_in_kernel = ask(
        f"import nktrade.render.foreign as f; f.import_pandas_as_in_a_kernel(){show}"
    )
    assert (plain, as_in_kernel) == ("0", "20")
    assert not hasattr(builtins, "get_ipython")


def test_beyond_its_bound_a_step_is_left_undone(monkeypatch):
    assert all(foreign.is_known(package) for package in foreign.BOUNDS)
    monkeypatch.setattr(foreign, "version", lambda package: "5.0.1")
    monkeypatch.delitem(sys.modules, "rfc3987_syntax", raising=False)
    foreign.keep_out_address_grammar()
    assert "rfc3987_syntax" not in sys.modules
    assert not foreign.is_known("pandas")


LINKED = "import os, sys; os.symlink('a', 'b'); told = []; from nktrade.render import foreign; "


def test_pythons_audit_has_no_event_for_links(tmp_path, monkeypatch):
    """If it has one, `tell_of_links` can go."""
    monkeypatch.chdir(tmp_path)
    script = "sys.addaudithook(lambda *event: told.append(event)); os.readlink('b'); print(told)"
    assert ask(LINKED + script) == "[]"


def test_whoever_resolves_a_path_asks_where_links_lead(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = (
        "foreign.tell_of_links(told.append); from pathlib import Path; Path('b').readlink(); "
        "Path('b').resolve(); os.path.realpath('b'); os.readlink(b'b'); "
        "print([os.path.basename(one) for one in told], os.readlink in os.supports_dir_fd)"
    )
    assert ask(LINKED + script) == "['b', 'b', 'b', b'b'] True"
