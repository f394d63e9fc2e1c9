"""``import torch`` without the part of it that showing pictures does not want.

At the end of its import torch defines, in Python, what some thousand operators do with tensors
that have shapes and no values (the module ``torch._meta_registrations``): a quarter of the import,
for ``torch.compile``, for fake tensors and for parts of the meta device. Put off here, it is loaded
when a name in it is asked for, before torch's compiler is (optimisers import that), or by
:func:`load_meta_kernels` where torch's dispatcher needs what it registers. Nothing is changed or
left out otherwise.
"""

import contextlib
import importlib.abc
import importlib.machinery
import sys
import threading
import types
from collections.abc import Sequence

_NAME = "torch._meta_registrations"
# Parts of torch that expect it, or what it imports, to be there.
_WANTING = tuple(f"torch.{name}" for name in ("_decomp", "_dynamo", "_inductor", "_prims", "_refs"))
_RUNNING = "__running__"


class _PutOff(types.ModuleType):
    """A module that runs when the first of its names is asked for."""

    _lock = threading.RLock()

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # as the import system and inspect ask of any module
            raise AttributeError(name)
        self.load()
        return types.ModuleType.__getattribute__(self, name)

    def load(self) -> None:
        """Run it, or wait for the thread that does."""
        with self._lock:
            if type(self) is not _PutOff or self.__dict__.get(_RUNNING):
                return  # done, or asked for by what it imports itself
            assert self.__spec__ is not None
            loader = self.__spec__.loader
            assert isinstance(loader, _Later)
            self.__dict__[_RUNNING] = True
            try:
                loader.real.exec_module(self)
            finally:
                del self.__dict__[_RUNNING]
            self.__class__ = types.ModuleType  # type: ignore[assignment]


class _Later(importlib.abc.Loader):
    """Makes the module and leaves its code for later."""

    def __init__(self, real: importlib.abc.Loader) -> None:
        self.real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _PutOff(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing yet, unless this torch can't do without."""
        if not _random_numbers():
            assert isinstance(module, _PutOff)
            module.load()


class _There(importlib.abc.Loader):
    """For a module that was imported while it was being looked for: it must not run twice.

    The import system takes such a module's own spec, so that is exchanged until it is "loaded".
    """

    def __init__(self, module: types.ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    @classmethod
    def put(cls, module: types.ModuleType) -> importlib.machinery.ModuleSpec:
        module.__spec__ = importlib.machinery.ModuleSpec(
            module.__name__, cls(module), is_package=hasattr(module, "__path__")
        )
        return module.__spec__

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._module

    def exec_module(self, module: types.ModuleType) -> None:
        module.__spec__ = self._spec


def _random_numbers() -> bool:
    """Whether torch makes generators of random numbers, if need be after what allows it to.

    From 2.12 on it refuses until one of the modules put off here has given them their metaclass.
    """
    import torch

    try:
        with contextlib.suppress(RuntimeError):
            return torch.Generator() is not None
        from torch._opaque_base import OpaqueBaseMeta

        torch._C._set_generator_metaclass(OpaqueBaseMeta)
        return torch.Generator() is not None
    except (ImportError, AttributeError, RuntimeError, TypeError):
        return False


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in _WANTING and load_meta_kernels() and fullname in sys.modules:
            return _There.put(sys.modules[fullname])
        if fullname != _NAME:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


def defer_meta_kernels() -> None:
    """Have a later ``import torch`` leave its meta kernels out; nothing if torch is there already.

    For the program's own processes: a library does not decide how another's torch is loaded.
    """
    if "torch" not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def load_meta_kernels() -> bool:
    """Load what was put off; whether there was anything.

    To be called before meta tensors go through operators of any kind, and before compiling.
    """
    module = sys.modules.get(_NAME)
    if not isinstance(module, _PutOff):
        return False
    module.load()
    return True
