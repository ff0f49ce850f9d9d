"""Imports libraries without the parts that serving never touches: two fifths of that time.

`gradio` brings pandas, its command line and its client of models on the hub; `langsmith` and
`langgraph_sdk` bring 200 classes of APIs that Kefu does not call; `httpx` brings a terminal
program. Modules named here are read when something of theirs is first used, which in Kefu is
never; whoever does use them finds them whole. (Python 3.15 has this built in: PEP 810.)

Gradio also renders the documentation of every event, and parses the source of each component twice
to write `.pyi` files for editors into site-packages; that is put to rest. What a library no longer
has, is not missed.
"""

import sys
from collections.abc import Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import RLock
from types import ModuleType
from typing import cast

# module -> what others import from it to call it; that is handed out without reading the module
LATER: dict[str, tuple[str, ...]] = {
    "gradio.cli": ("deploy",),
    "gradio.external": ("load", "load_chat", "load_openapi"),
    "gradio.workflow": ("Workflow",),
    "httpx._main": ("main",),
    "huggingface_hub.hf_api": ("HfApi", "whoami"),
    "langgraph_sdk": (),
    "langsmith.types": (),
    "pandas": (),
}
WHOLE = {"pandas"}  # read as well when one of its modules is imported; the others' stand alone
AT_REST = {
    "gradio.component_meta": ("create_or_modify_pyi",),
    "gradio.events": ("EventListener", "set_doc"),
}


def install() -> None:
    """Import leanly from now on."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in LATER and fullname not in AT_REST:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            loader = _Later if fullname in LATER else _AtRest
            spec.loader = loader(spec.loader.name, spec.loader.path)
        return spec


class _AtRest(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        *owners, function = AT_REST[module.__name__]
        owner: object = module
        for name in owners:
            owner = getattr(owner, name, None)
        if hasattr(owner, function):
            setattr(owner, function, _do_nothing)


def _do_nothing(*_: object, **__: object) -> None:
    pass


class _Later(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in WHOLE:
            del module.__path__  # which importing one of its modules asks for
        module.__class__ = _Unread

    def read(self, module: ModuleType) -> None:
        folders = module.__spec__.submodule_search_locations if module.__spec__ else None
        if folders is not None:
            module.__path__ = folders
        super().exec_module(module)
        module.__class__ = ModuleType


class _Unread(ModuleType):
    """A module until something of it is used; Python asks here for what it lacks."""

    def __getattr__(self, name: str) -> object:
        if name in LATER[self.__name__]:
            return partial(_call, self, name)
        if name == "__path__" and self.__name__ not in WHOLE:
            raise AttributeError(f"{self.__name__} is no package")
        _read(self)
        return getattr(self, name)


def _call(module: ModuleType, function: str, *args: object, **options: object) -> object:
    _read(module)
    return getattr(module, function)(*args, **options)


def _read(module: ModuleType) -> None:
    with _reading:  # by one thread at a time; the others wait until it is whole
        if module in _begun:
            raise AttributeError(f"{module.__name__} is still being read")
        if module.__class__ is _Unread:
            _begun.append(module)
            try:
                cast(_Later, module.__loader__).read(module)
            finally:
                _begun.remove(module)


_reading = RLock()
_begun: list[ModuleType] = []
