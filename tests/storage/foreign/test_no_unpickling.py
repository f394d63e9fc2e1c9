"""No way through the program leads to a function that runs what a file says."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "latent_studio"
# Modules that run what they read, or find what to run by names.
MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
MODULES |= {"runpy", "code", "codeop", "torch.package", "torch.hub", "jsonpickle", "yaml"}
BARE = {"eval", "exec", "compile", "__import__"}
CALLS = {"torch.jit.load", "torch.hub.load", "torch.package.PackageImporter"}
CALLS |= {"torch.serialization._legacy_load", "torch.storage._load_from_bytes"}


def dotted(node):
    """``a.b.c`` of a name or attribute, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inner := dotted(node.value)):
        return f"{inner}.{node.attr}"
    return ""


def keyword(call, name):
    found = [k.value for k in call.keywords if k.arg == name]
    return found[0].value if found and isinstance(found[0], ast.Constant) else None


def imports(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def findings(source):
    """What a source text does that it must not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for name in imports(node):
            if name in MODULES or name.split(".")[0] in MODULES:
                found.append(f"imports {name}")
            if name in {"torch.load", "numpy.load", "torch.jit.load", "builtins.eval"}:
                found.append(f"imports {name} without its module's name")
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in BARE or name in CALLS or name.startswith("builtins."):
                found.append(f"calls {name}")
            if name == "torch.load" and keyword(node, "weights_only") is not True:
                found.append("calls torch.load without weights_only=True")
            if name in ("np.load", "numpy.load") and keyword(node, "allow_pickle") is not False:
                found.append("calls numpy.load without allow_pickle=False")
            if name.endswith((".Unpickler", ".load_module")):
                found.append(f"calls {name}")
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            value = node.value
            if not (isinstance(value, ast.Constant) and value.value is False):
                found.append("gives allow_pickle")
        if isinstance(node, ast.Name) and node.id in BARE and isinstance(node.ctx, ast.Load):
            found.append(f"names {node.id}")
        if isinstance(node, ast.Attribute) and dotted(node) in CALLS:
            found.append(f"names {dotted(node)}")
    return found


def test_the_program_does_not():
    files = sorted(ROOT.rglob("*.py"))
    assert len(files) > 150
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in files
        if (found := findings(file.read_text("utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import torch\ntorch.load('a')",
        "import torch\ntorch.load('a', weights_only=False)",
        "from torch import load",
        "import numpy as np\nnp.load('a', allow_pickle=True)",
        "import numpy as np\nnp.load('a')",
        "import torch\ntorch.jit.load('a')",
        "import torch\nf = torch.jit.load",
        "eval('1')",
        "f = exec",
        "import torch.hub",
    ],
)
def test_the_test_notices(source):
    assert findings(source)


def test_what_is_fine():
    assert not findings(
        "import torch\ntorch.load('a', weights_only=True)\nmodel.eval()\napp.exec()"
    )
