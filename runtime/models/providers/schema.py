"""Params, pictures and outputs of a model from the OpenAPI that its provider publishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, create_model

from ..base import ImageInput, Params
from .generic import GenericParams

_KINDS = {
    "image": ("image", "images"),
    "video": ("video", "videos"),
    "audio": ("audio", "audio_file", "audio_url"),
}
_PLAIN: dict[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}
_LIMITS = {"minimum": "ge", "maximum": "le", "maxLength": "max_length", "pattern": "pattern"}
_MOST = 100  # params
_MOST_CHARS = 20_000  # of a text that names no limit


def described(
    api: Mapping[str, Any], model: str, width: int, height: int
) -> tuple[type[Params], tuple[ImageInput, ...], tuple[str, ...]]:
    """Return the params, the pictures and the kinds of outputs; raise LookupError and the like.

    What is a list or an object goes into the param ``extra``, as do numbers without a default.
    """
    paths = api["paths"]
    asked = _resolved(api, _body(paths[f"/{model}"]["post"]["requestBody"]))
    needed = set(asked.get("required", ()))
    columns: dict[str, Any] = {}
    inputs: list[ImageInput] = []
    for name, raw in list(asked["properties"].items())[:_MOST]:
        if name.endswith(("image_url", "image_urls")):
            words = str(raw.get("description", ""))[:300]
            required = name in needed
            inputs.append(ImageInput(name, width, height, required=required, description=words))
        elif name.isidentifier() and not name.startswith("_") and name != "extra":
            column = _column(_resolved(api, raw), name)
            columns |= {name: column} if column else {}
    columns["extra"] = (str, GenericParams.model_fields["extra"])
    made = create_model("ProviderParams", __base__=(Extra,), **columns)
    return made, tuple(inputs), _kinds(api, model)


class Extra(Params):
    """Base of params that a provider describes; ``extra`` is judged as of any model."""


def _kinds(api: Mapping[str, Any], model: str) -> tuple[str, ...]:
    owner_app = "/".join(model.split("/")[:2])
    for path in (f"/{model}/requests/{{request_id}}", f"/{owner_app}/requests/{{request_id}}"):
        answer = api["paths"].get(path, {}).get("get", {}).get("responses", {}).get("200")
        if answer:
            names = _resolved(api, _body(answer)).get("properties", {}).keys()
            return tuple(kind for kind, known in _KINDS.items() if names & set(known))
    return ()


def _body(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = holder["content"]["application/json"]["schema"]
    return found


def _resolved(api: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with what it refers to, and of several the first that is not null."""
    for _ in range(8):
        if "$ref" in schema:
            at: Any = api
            for part in str(schema["$ref"]).removeprefix("#/").split("/"):
                at = at[part]
            schema = {**at, **{key: value for key, value in schema.items() if key != "$ref"}}
        elif len(schema.get("allOf", ())) == 1:
            schema = {**schema["allOf"][0], **{k: v for k, v in schema.items() if k != "allOf"}}
        elif "anyOf" in schema:
            (first, *_) = [each for each in schema["anyOf"] if each.get("type") != "null"]
            schema = {**first, **{k: v for k, v in schema.items() if k != "anyOf"}}
        else:
            break
    return schema


def _column(schema: Mapping[str, Any], name: str) -> tuple[Any, Any] | None:
    """Return a param as pydantic makes it; None for one that goes into ``extra``."""
    plain = _PLAIN.get(str(schema.get("type")))
    usual = schema.get("default")
    choices = schema.get("enum")
    if plain is None:
        return None
    if usual is None:
        if name == "seed":
            usual = 42
        elif choices:
            usual = choices[0]
        elif plain is str:
            usual = ""
        else:
            return None
    if plain is float and isinstance(usual, int):
        usual = float(usual)
    kind: Any = Literal[tuple(choices)] if choices else plain
    limits: dict[str, Any] = {
        ours: schema[theirs] for theirs, ours in _LIMITS.items() if theirs in schema
    }
    if plain is not str:
        limits = {key: value for key, value in limits.items() if key in ("ge", "le")}
    elif not choices:
        limits = {"max_length": limits.get("max_length", _MOST_CHARS)}
    words = str(schema.get("description") or schema.get("title") or name)[:500]
    field: Any = Field
    return kind, field(default=usual, description=words, **({} if choices else limits))
