"""The house: which room may use which, no circle, and no two modules of one name.

``pytest tests/test_rooms.py -s -k arrows`` prints the rooms and arrows.
"""

import ast
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "nktrade"

#: What each room may use; all stand on the ground.
MAY_USE = {
    "codes": set(),
    "table": {"codes"},
    "sources": {"table", "codes"},
    "measures": {"table", "codes"},
    "published": {"table", "codes", "measures"},
    "store": {"sources", "table", "codes", "published"},
    "charts": {"table"},
    "site": set(),
    "render": {"site"},
}
GROUND = {"errors", "files", "_blame", "_lazily", "_paths", "_version"}
MAY_USE["study"] = {*MAY_USE} - {"site", "render"}
#: These may use every room below them: a question's table, the names at the prompt, the commands.
MAY_USE["teach"] = {"measures", "table", "site", "study"}
MAY_USE["__init__"] = {*MAY_USE} - {"site", "render"}
MAY_USE["cli"] = {*MAY_USE} - {"__init__"}
MAY_USE["lab"] = {*MAY_USE}
MAY_USE["__main__"] = {"cli"}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports(path):
    """Yield (room, line) of every import of the package, wherever in the module it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "nktrade":
                room = parts[1] if len(parts) > 1 else "__init__"
                known = (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").exists()
                yield room if known else "__init__", node.lineno


def arrows():
    found = {}
    for path in modules():
        for room, line in imports(path):
            if room != room_of(path):
                place = f"{path.relative_to(PACKAGE)}:{line}"
                found.setdefault((room_of(path), room), []).append(place)
    return found


def test_rooms_use_only_what_they_may_and_arrows_make_no_circle():
    found = arrows()
    rooms = {room_of(path) for path in modules()}
    wrong = {
        f"{of} -> {to}": places
        for (of, to), places in found.items()
        if to not in MAY_USE.get(of, set()) | GROUND
    }
    assert wrong == {}
    graph = {room: sorted({to for of, to in found if of == room} - GROUND) for room in rooms}
    order = [room for room in TopologicalSorter(graph).static_order() if room not in GROUND]
    for room in order:
        print(f"{room:10} -> {', '.join(graph[room]) or 'nothing'}")
    print(f"{len(order)} rooms, {sum(map(len, graph.values()))} arrows, no circle")
    assert rooms - GROUND == {*MAY_USE}, "a new room needs a line in MAY_USE, and a reason"
    assert len([room for room in rooms if (PACKAGE / room).is_dir()]) <= 17


def test_no_two_modules_share_a_name():
    stems = [path.stem for path in modules() if path.stem != "__init__"]
    names = Counter(stem.strip("_") for stem in stems)
    assert [name for name, count in names.items() if count > 1] == []


def test_rendering_knows_nothing_of_trade():
    """Neither the rooms that render nor the words they print name the table's columns."""
    for room in ("render", "site"):
        assert not [to for of, to in arrows() if of == room and to not in {*GROUND, "site"}]


#: Documented parts of the standard library that are spelt so all the same: of `os` and of `sys`.
DOCUMENTED = {"_exit", "_getframe", "_asdict", "_fields", "_replace"}  # the last of named tuples


def list_made(tree):
    """Yield the names that a module makes: functions, classes, variables and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def list_foreign(path):
    """Yield (line, name) of every private name that a module takes and does not make itself.

    A name that ends with an underscore too is a protocol, as IPython's `_repr_html_`.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {*list_made(tree), *DOCUMENTED}
    for node in ast.walk(tree):
        names = [node.attr] if isinstance(node, ast.Attribute) else []
        if isinstance(node, ast.ImportFrom):
            home = PACKAGE.parent / str(node.module).replace(".", "/")
            names = [one.name for one in node.names if not (home / f"{one.name}.py").is_file()]
        yield from ((node.lineno, n) for n in names if n[0] == "_" != n[-1] and n not in own)


def test_what_is_private_is_used_in_its_own_module_alone():
    """So is nothing private of other libraries; of this package modules alone may be imported."""
    found = {str(path.relative_to(PACKAGE)): list(list_foreign(path)) for path in modules()}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_private_name_of_another_module_is_found(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        "from nktrade.table.rows import _write\nfrom nktrade.sources import _blocks\n"
        "frame._mgr\nself._own = frame._repr_html_()\nself._own.x = row._fields\n",
        encoding="utf-8",
    )
    assert list(list_foreign(module)) == [(1, "_write"), (3, "_mgr")]


#: The one module that reaches into other libraries; `tests/render/test_foreign.py` watches it.
FOREIGN = "render/foreign.py"
#: What the standard library documents to be replaced.
REPLACEABLE = {"warnings.showwarning", "sys.argv", "sys.excepthook"}
REACH = {"getattr", "setattr", "delattr", "hasattr"}


def is_private(name):
    return any(part[:1] == "_" and part[-2:] != "__" for part in str(name).split("."))


def list_reaches(path):
    """Yield (line, what) of all that is done to other libraries from outside their public face.

    Private modules and names that are imported, private attributes asked for by a text, modules
    put among or taken from `sys.modules`, and attributes of foreign modules that are set.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    foreign = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            if module.startswith("nktrade") or module == "__future__":
                continue
            for alias in node.names:
                foreign.add((alias.asname or alias.name).partition(".")[0])
                if is_private(module) or is_private(alias.name):
                    yield node.lineno, f"imports {module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            asked = node.args[1] if len(node.args) > 1 else None
            reached = getattr(node.func, "id", "") in REACH and isinstance(asked, ast.Constant)
            if reached and is_private(asked.value):
                yield node.lineno, ast.unparse(node)
            if ast.unparse(node.func).startswith(("sys.modules.setdefault", "sys.modules.pop")):
                yield node.lineno, ast.unparse(node)
        targets = []
        if isinstance(node, ast.Assign | ast.Delete):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            said = ast.unparse(target)
            ours = not isinstance(target, ast.Attribute) or said in REPLACEABLE
            if said.startswith("sys.modules[") or (
                not ours and isinstance(target.value, ast.Name) and target.value.id in foreign
            ):
                yield node.lineno, f"sets {said}"


def test_other_libraries_are_reached_into_in_one_module():
    found = {
        f"{path.relative_to(PACKAGE)}:{line}": what
        for path in modules()
        for line, what in list_reaches(path)
        if str(path.relative_to(PACKAGE)) != FOREIGN
    }
    assert found == {}
    assert len(list(list_reaches(PACKAGE / FOREIGN))) >= 2


def test_a_reach_into_another_library_is_found(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        "import pandas as pd, sys\nfrom pandas._libs import lib\n"
        "pd.options = 1\nsys.modules['x'] = None\ngetattr(pd, '_testing')\npd.read_csv('_a')\n",
        encoding="utf-8",
    )
    assert [line for line, _ in list_reaches(module)] == [2, 3, 4, 5]


#: These say more than the nearest word: the code of a country or province named in words.
OWN_HINT = {"codes/baskets.py", "codes/geography.py", "sources/_customs_codes.py"}


def test_an_unknown_word_is_refused_in_one_place():
    """`check_choice` says "unknown x" and the nearest; nobody writes that sentence anew."""
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InputError":
                subject = node.args[0] if node.args else None
                first = subject.values[0] if isinstance(subject, ast.JoinedStr) else None
                if isinstance(first, ast.Constant) and str(first.value).startswith("unknown "):
                    found.add(str(path.relative_to(PACKAGE)))
    assert found - {"errors.py"} <= OWN_HINT
