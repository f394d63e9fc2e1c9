"""What importing costs, and rules that hold for every source file."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import latent_studio

PACKAGE = Path(latent_studio.__path__[0])
SOURCES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "PySide6", "shiboken6", "pyqtgraph", "av", "tqdm")


def loaded_after(statement: str) -> set[str]:
    """Which heavy packages a fresh interpreter has loaded after ``statement``."""
    code = f"import sys\n{statement}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import latent_studio") == set()
    assert loaded_after("from latent_studio import Recipe, Scene, StudioError") == set()


def test_help_loads_nothing_heavy():
    run = "from latent_studio.cli.main import main\nmain(['--help'])\nmain(['render', '--help'])"
    assert loaded_after(run) == set()


@pytest.mark.parametrize("command", ["models", "presets"])
def test_lists_load_nothing_heavy(command):
    run = f"from latent_studio.cli.main import main\nassert main([{command!r}]) == 0"
    assert loaded_after(run) == set()


def test_commands_do_not_load_qt():
    imports = "import latent_studio.cli.main as m\n" + "\n".join(
        f"import latent_studio.jobs.{path.stem}" for path in (PACKAGE / "jobs").glob("[a-z]*.py")
    )
    assert loaded_after(imports) & {"PySide6", "shiboken6", "pyqtgraph"} == set()


def test_public_names_resolve():
    for name in latent_studio.__all__:
        assert getattr(latent_studio, name) is not None
        assert name in dir(latent_studio)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = latent_studio.nothing


def test_module_runs_as_program():
    result = subprocess.run(
        [sys.executable, "-m", "latent_studio", "--version"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert result.returncode == 0
    assert latent_studio.__version__ in result.stdout


def calls(tree: ast.AST):
    """Every call with its dotted name and keyword arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            keywords = {k.arg: ast.unparse(k.value) for k in node.keywords if k.arg}
            yield ast.unparse(node.func), keywords, node.lineno


def offences(tree: ast.AST):
    for name, keywords, line in calls(tree):
        last = name.rsplit(".", 1)[-1]
        if name in ("eval", "exec") or (last in ("load", "loads") and "pickle" in name):
            yield line, name
        if name == "torch.load" and keywords.get("weights_only") != "True":
            yield line, "torch.load without weights_only=True"
        if keywords.get("allow_pickle", "False") != "False":
            yield line, "allow_pickle"
        if last == "manual_seed" and name in ("torch.manual_seed", "torch.cuda.manual_seed"):
            yield line, "global seed"
        if name in ("np.random.seed", "numpy.random.seed", "random.seed"):
            yield line, "global seed"
        if last == "terminate" and "thread" in name.lower():
            yield line, "QThread.terminate"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "relative import"
        if isinstance(node, ast.Import) and any(alias.name == "pickle" for alias in node.names):
            yield node.lineno, "import pickle"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_source_keeps_the_rules(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(offences(tree)) == []


@pytest.mark.parametrize(
    "line",
    [
        "pickle.load(f)",
        "torch.load(p)",
        "torch.load(p, weights_only=False)",
        "np.load(p, allow_pickle=True)",
        "eval(text)",
        "from . import x",
        "torch.manual_seed(0)",
        "import pickle",
    ],
)
def test_the_rules_would_be_noticed(line):
    assert list(offences(ast.parse(line)))


def test_text_files_name_their_encoding():
    """Windows would read and write another one."""
    bad = []
    for path in SOURCES:
        for name, keywords, line in calls(ast.parse(path.read_text(encoding="utf-8"))):
            text = path.read_text(encoding="utf-8").splitlines()[line - 1]
            plain = name == "open" or name.endswith((".read_text", ".write_text"))
            binary = name == "open" and re.search(r"""["'][rwxa]\+?b""", text)
            if plain and not binary and "encoding" not in keywords and "atomic" not in name:
                bad.append(f"{path.name}:{line} {name}")
    assert bad == []


def test_size_of_files_and_functions():
    """DESIGN: 95 % of files under 400 lines; functions 95 % under 40, none over 80."""
    lines = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES)
    assert lines[int(len(lines) * 0.95) - 1] < 400
    sizes = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                sizes.append((code_lines(node), f"{path.name}:{node.name}"))
    sizes.sort()
    assert sizes[int(len(sizes) * 0.95) - 1][0] < 40
    assert sizes[-1][0] <= 80, sizes[-1]


def code_lines(node: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 1
