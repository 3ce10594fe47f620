"""Every error that reaches a user says what to do about it, and no description stands for that."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from livedraft.errors import CODES, InvalidParams
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.params import merge

ROOT = Path(__file__).parents[1]
FOLDERS = ("sdk/livedraft", "runtime", "components", "kernels")
OWN_FIX = {"MissingExtraError"}  # its class writes it


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every construction of an error of ours, with its place."""
    trees = {
        path: ast.parse(path.read_text("utf-8"))
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    names = {cls.__name__ for cls in CODES.values()}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and names & {ast.unparse(b) for b in node.bases}:
                names.add(node.name)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names - OWN_FIX:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_error_is_made_with_a_fix() -> None:
    without = []
    found = list(calls())
    for place, call in found:
        fixes = [keyword.value for keyword in call.keywords if keyword.arg == "fix"]
        if not fixes or (isinstance(fixes[0], ast.Constant) and not fixes[0].value):
            without.append(f"{place}: {ast.unparse(call)[:100]}")
    assert len(found) > 100, "the search finds them"
    assert without == []


@pytest.mark.parametrize("name", ["ink", "echo"])
def test_a_param_that_is_refused_says_what_it_takes(name: str) -> None:
    """And never repeats what the param is: whoever got it wrong has read that."""
    cls = MODELS.load(name).params
    schema = cls.model_json_schema()
    for key, rules in schema["properties"].items():
        with pytest.raises(InvalidParams) as caught:
            merge(cls, None, {key: {"no": ["such", "value"]}})
        fix = caught.value.fix
        assert fix.startswith(f"{key} takes: ")
        assert rules["description"] not in fix
        for bound in ("minimum", "maximum", "maxLength"):
            assert str(rules.get(bound, "")) in fix
