"""``python:FILE.py:CLASS``: a model of one's own, from a file or a module."""

from __future__ import annotations

import inspect
import sys
import traceback
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from zlib import crc32

from livedraft.errors import ModelNotFound, did_you_mean

from .base import AnyModel, Model, ModelInfo, Params

SCHEME = "python"
_MOST_SAID = 200  # characters of a description

_GUIDE = "docs/guides/add-a-model.md says what a model must have"
_SAY = f"write {SCHEME}:my_model.py:MyModel or {SCHEME}:package.module:MyModel"


def find(where: str) -> type[AnyModel]:
    """Return the model that ``FILE.py:CLASS`` or ``package.module:CLASS`` names.

    Without a class it is the one model that is written there. The file's folder, or for a module
    the current one, is searched for what it imports, after all else. Raises ModelNotFound where
    there is none, where it cannot be imported, and where it is no model.
    """
    place, colon, name = where.rpartition(":")
    if not colon or name.endswith(".py"):
        place, name = where, ""
    if not place or any(sign in name for sign in "/\\"):
        raise ModelNotFound(f"'{where[:100]}' names no class", fix=_SAY)
    module = _of_file(Path(place)) if place.endswith(".py") else _of_name(place)
    return _judged(_named(module, place, name), place)


def _of_file(path: Path) -> ModuleType:
    full = path.expanduser().resolve()
    if not full.is_file():
        beside = [each.name for each in full.parent.glob("*.py")] if full.parent.is_dir() else []
        fix = did_you_mean(full.name, beside) if beside else "name a file that exists"
        raise ModelNotFound(f"there is no file {path}", fix=fix)
    called = f"_own_{full.stem}_{crc32(str(full).encode()):08x}"  # in the way of no other module
    if called in sys.modules:
        return sys.modules[called]
    spec = spec_from_file_location(called, full)
    assert spec is not None, "of a .py there always is one"
    assert spec.loader is not None, "with what loads it"
    module = module_from_spec(spec)
    _search(full.parent)
    sys.modules[called] = module  # dataclasses look their annotations up there
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # anybody's code; what ends the process is raised again
        del sys.modules[called]
        raise _told(error, path) from error
    return module


def _of_name(name: str) -> ModuleType:
    _search(Path.cwd())
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _told(error, Path(name)) from error  # of something that it imports
        raise ModelNotFound(
            f"there is no module '{name[:100]}'",
            fix=f"install it, start where its folder is, or {_SAY}",
        ) from None
    except (ValueError, TypeError):
        raise ModelNotFound(f"'{name[:100]}' is no name of a module", fix=_SAY) from None
    except BaseException as error:  # as above
        raise _told(error, Path(name)) from error


def _search(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _told(error: BaseException, path: Path) -> ModelNotFound:
    """Return what an import raised, with the line of the file; raise what ends the process."""
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
        raise error
    if isinstance(error, SyntaxError):
        where = f"{error.filename or path}, line {error.lineno}"
        return ModelNotFound(f"{where} is not Python: {error.msg}"[:400], fix="correct that line")
    stem = path.stem if path.suffix == ".py" else str(path).rpartition(".")[2]
    frames = traceback.extract_tb(error.__traceback__)
    own = [f"{f.filename}, line {f.lineno}" for f in frames if Path(f.filename).stem == stem]
    where = own[-1] if own else f"{path}"
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SystemExit):
        fix = "let it end no process as it is imported: put that under if __name__ == '__main__'"
    elif isinstance(error, ModuleNotFoundError):
        fix = f"install what has the module '{error.name}'"
    else:
        fix = "correct what it does as it is imported"
    return ModelNotFound(f"{where} cannot be imported: {what}"[:400], fix=fix)


def _named(module: ModuleType, place: str, name: str) -> object:
    """Return what is called so in a module, or without a name the one model that it has."""
    own = {
        each: value
        for each, value in vars(module).items()
        if _is_model(value) and value.__module__ == module.__name__
    }
    if name:
        if not hasattr(module, name):
            fix = did_you_mean(name, own) if own else "write a class that derives from Model there"
            raise ModelNotFound(f"{place} has no '{name[:100]}'", fix=fix)
        found: object = getattr(module, name)
        return found
    whole = {each: value for each, value in own.items() if not inspect.isabstract(value)} or own
    if len(whole) != 1:
        what = "several models" if whole else "no model"
        fix = f"say which: {SCHEME}:{place}:{min(whole)}" if whole else _GUIDE
        raise ModelNotFound(f"{place} has {what}", fix=fix)
    return next(iter(whole.values()))


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Model)


def _judged(found: object, place: str) -> type[AnyModel]:
    """Return a class that can be a model; raise ModelNotFound, saying what it lacks."""
    if not (isinstance(found, type) and issubclass(found, Model)):
        kind = f"the class {found.__name__}" if isinstance(found, type) else repr(found)[:80]
        raise ModelNotFound(f"{kind} of {place} is no Model", fix=f"derive it from Model; {_GUIDE}")
    abstract: frozenset[str] = getattr(found, "__abstractmethods__", frozenset())
    lacks = sorted(abstract)
    if not isinstance(getattr(found, "info", None), ModelInfo):
        lacks.append("info, a ModelInfo")
    params = getattr(found, "params", None)
    if not (isinstance(params, type) and issubclass(params, Params)):
        lacks.append("params, a class of Params")
    if lacks:
        raise ModelNotFound(
            f"{found.__name__} of {place} has no {', '.join(lacks)}", fix=f"write it; {_GUIDE}"
        )
    return _said(found)


def _said(model: type[AnyModel]) -> type[AnyModel]:
    """Return a model that says what it is: by its info, else by its docstring's first line."""
    if not model.info.description:
        first = inspect.cleandoc(model.__doc__ or "").partition("\n")[0]
        model.info = replace(model.info, description=first[:_MOST_SAID].rstrip())
    return model
