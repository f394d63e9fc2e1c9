"""Finds, in a source text, the ways to functions that run what a file says.

A way is a mention, not a call of one spelling: an import under another name, an alias, ``getattr``,
a subscript of ``sys.modules`` are resolved to the full name, and a module that has such functions
may not be handed on as a whole, to where nobody looks.
"""

import ast
from collections.abc import Iterator

# Modules that run what they read, or find what to run by names.
_MODULES = """
pickle _pickle cPickle dill cloudpickle joblib marshal shelve jsonpickle yaml
runpy code codeop builtins __builtin__ copyreg imp
torch.package torch.hub torch.serialization torch.distributed.rpc torch.utils.model_zoo
torch.utils.cpp_extension torch.utils.serialization torch.multiprocessing
multiprocessing.reduction multiprocessing.managers multiprocessing.pool multiprocessing.queues
concurrent.futures.process numpy.lib.npyio numpy.lib.format numpy.lib._npyio_impl
numpy.lib._format_impl
"""
MODULES = set(_MODULES.split())
# Functions and classes of modules that are in use for other things.
_NAMES = """
torch.load torch.jit.load torch.jit._serialization torch.export.load
torch.storage._load_from_bytes torch.ops.load_library torch.classes.load_library
numpy.load numpy.ctypeslib.load_library pandas.read_pickle pandas.io.pickle
multiprocessing.Queue multiprocessing.SimpleQueue multiprocessing.JoinableQueue
multiprocessing.Pool multiprocessing.Manager multiprocessing.connection.Client
multiprocessing.connection.Listener concurrent.futures.ProcessPoolExecutor
logging.config.listen logging.config.dictConfig operator.attrgetter operator.methodcaller
importlib.__import__
"""
NAMES = set(_NAMES.split())
BARE = {"eval", "exec", "compile", "__import__", "__builtins__", "__loader__"}
# Names so telling that it does not matter whose they are.
_ANYWHERE = """
Unpickler load_module exec_module read_pickle ForkingPickler weights_only_unpickler
_load_from_bytes _legacy_load broadcast_object_list all_gather_object gather_object
scatter_object_list send_object_list recv_object_list _tensor_to_object
CmaEsSampler JournalStorage JournalFileBackend JournalRedisBackend PickleType
recv PackageImporter load_state_dict_from_url add_safe_globals __builtins__ __globals__
"""
ANYWHERE = set(_ANYWHERE.split())
# Good with a word that forbids it to run anything.
SAFE_WITH = {"torch.load": ("weights_only", True), "numpy.load": ("allow_pickle", False)}
# A value that is one of these whole can be any of its functions.
WHOLE = {name.rpartition(".")[0] for name in NAMES | MODULES if "." in name}
WHOLE |= {"sys.modules", "importlib", "torch.distributed"}


def findings(source: str) -> list[str]:
    """What a source text does that it must not."""
    return list(dict.fromkeys(_Reader(ast.parse(source)).findings()))


class _Reader:
    """Resolves the expressions of a text; a name means the same everywhere in it."""

    def __init__(self, tree: ast.AST) -> None:
        self._nodes = list(ast.walk(tree))
        self._aliases: dict[str, set[str]] = {}
        self._constants: dict[str, set[str]] = {}
        for node in self._nodes:
            for alias, full in _imported(node):
                self._aliases.setdefault(alias, set()).add(full)
            if isinstance(node, ast.Assign) and (texts := self._texts(node.value)):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._constants.setdefault(target.id, set()).update(texts)

    def findings(self) -> Iterator[str]:
        good = {id(node.func) for node in self._nodes if self._is_safe(node)}
        inner = {id(part) for node in self._nodes for part in self._parts(node)}
        for node in self._nodes:
            yield from _spoken(node)
            if id(node) in good:
                continue
            for name in self.names(node):
                if _forbidden(name):
                    yield f"names {name}"
                elif name in WHOLE and id(node) not in inner:
                    yield f"hands on {name}"

    def names(self, node: ast.AST) -> set[str]:
        """The full names that an expression may mean; none for what is nobody's."""
        if isinstance(node, ast.Name):
            return self._aliases.get(node.id, {node.id} & BARE)
        if isinstance(node, ast.Attribute):
            bases = self.names(node.value)
            return bases if node.attr == "__dict__" else _ends(bases, {node.attr})
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.Subscript):
            return self._inside(node.value, node.slice)
        return set()

    def _called(self, call: ast.Call) -> set[str]:
        """Of ``getattr(a, 'b')``, ``import_module('a')``, ``vars(a)`` and ``modules.get('a')``."""
        if not call.args:
            return set()
        first, function = call.args[0], call.func
        plain = function.id if isinstance(function, ast.Name) else ""
        if plain == "vars":
            return self.names(first)
        if plain == "getattr" and len(call.args) > 1:
            return _ends(self.names(first) or {""}, self._texts(call.args[1]) or {"?"})
        if self.names(function) & {"importlib.import_module", "__import__"}:
            return self._texts(first) or {"?"}
        if isinstance(function, ast.Attribute) and function.attr in ("get", "pop", "setdefault"):
            return self._inside(function.value, first)
        return set()

    def _inside(self, holder: ast.expr, key: ast.expr) -> set[str]:
        """Of ``sys.modules['a']``, ``a.__dict__['b']`` and ``vars(a)['b']``."""
        keys, bases = self._texts(key) or {"?"}, self.names(holder)
        found = keys if "sys.modules" in bases else set()
        return found | _ends(bases - {"sys.modules"}, keys)

    def _texts(self, node: ast.expr) -> set[str]:
        """What a text may be; a ``?`` stands for what is filled in."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return {node.value}
        if isinstance(node, ast.Name):
            return self._constants.get(node.id, set())
        if isinstance(node, ast.JoinedStr):
            begin = node.values[0].value if isinstance(node.values[0], ast.Constant) else ""
            package, dot, _ = str(begin).partition(".")
            return {f"{package}.?" if dot else "?"}
        return set()

    def _parts(self, node: ast.AST) -> Iterator[ast.AST]:
        """The modules in an expression of which it takes one thing, which is judged by itself."""
        if isinstance(node, ast.Attribute | ast.Subscript):
            yield node.value
        elif isinstance(node, ast.Compare):
            yield from node.comparators
        elif isinstance(node, ast.Call) and self.names(node):
            yield from node.args[:1]

    def _is_safe(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        words = {word.arg: word.value for word in node.keywords}
        return any(
            name in SAFE_WITH and _is_constant(words.get(SAFE_WITH[name][0]), SAFE_WITH[name][1])
            for name in self.names(node.func)
        )


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that an import binds, and what they mean."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or whole, whole
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _spoken(node: ast.AST) -> Iterator[str]:
    """Findings for which nothing needs to be resolved."""
    if isinstance(node, ast.Import):
        yield from (f"imports {alias.name}" for alias in node.names if _forbidden(alias.name))
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (f"imports {name}" for name in names if _forbidden(name) or name[-1] == "*")
    if isinstance(node, ast.Attribute) and node.attr in ANYWHERE:
        yield f"names {node.attr}"
    pickling = isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "pickle_module")
    if pickling and not _is_constant(node.value, False):
        yield f"gives {node.arg}"
    if isinstance(node, ast.Constant) and node.value in ("__builtins__", "__import__"):
        yield f"names {node.value}"


def _ends(bases: set[str], ends: set[str]) -> set[str]:
    return {f"{base}.{end}" for base in bases for end in ends}


def _is_constant(node: ast.AST | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _forbidden(name: str) -> bool:
    parts = name.split(".")
    if parts[0] == "latent_studio":
        return False
    if name == "?" or parts[0] in BARE or parts[-1] in ANYWHERE:
        return True
    if parts[-1] == "?" and ".".join(parts[:-1]) in WHOLE:
        return True
    return any(".".join(parts[:end]) in MODULES | NAMES for end in range(1, len(parts) + 1))
