"""Cards of providers' models: what an operator says of one, and its OpenAPI."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.fal_double import KEY, FalDouble
from tests.runtime.models.providers.asking import NAME, asked, drawn, fal, made, model_of

from livedraft.errors import ConfigError, InvalidParams
from livedraft.runtime.config import Config
from livedraft.runtime.judge import Judge
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Params

__all__ = ["fal"]

API: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/fal-ai/flux/dev": {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}
                }
            }
        },
        "/fal-ai/flux/requests/{request_id}": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Out"}}
                        }
                    }
                }
            }
        },
    },
    "components": {
        "schemas": {
            "In": {
                "required": ["prompt", "image_url"],
                "properties": {
                    "prompt": {"type": "string", "description": "What it shows.", "maxLength": 99},
                    "image_url": {"type": "string", "description": "What it begins with."},
                    "mask_image_url": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "image_urls": {"type": "array", "items": {"type": "string"}},
                    "steps": {"type": "integer", "default": 28, "minimum": 1, "maximum": 50},
                    "guidance": {"type": "number", "default": 3, "minimum": 1, "maximum": 20},
                    "seed": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "format": {"type": "string", "enum": ["png", "jpeg"], "default": "png"},
                    "safe": {"type": "boolean", "default": True},
                    "size": {"anyOf": [{"$ref": "#/components/schemas/Size"}, {"type": "null"}]},
                    "loras": {"type": "array", "items": {"type": "object"}, "default": []},
                    "number": {"type": "integer"},
                    "_private": {"type": "string"},
                    "not-a-name": {"type": "string"},
                },
            },
            "Size": {"type": "object", "properties": {"width": {"type": "integer"}}},
            "Out": {"properties": {"images": {"type": "array"}, "seed": {"type": "integer"}}},
        }
    },
}


def described(fal: FalDouble, folder: Path, api: Any = API) -> Any:
    """Return a model that its OpenAPI describes."""
    (folder / "api.json").write_text(json.dumps(api))
    return model_of(fal, folder, 'schema = "api.json"')


def test_params_and_pictures_are_those_of_the_openapi(fal: FalDouble, tmp_path: Path) -> None:
    model = described(fal, tmp_path)
    params: type[Params] = model.params
    names = {"prompt", "steps", "guidance", "seed", "format", "safe", "extra"}
    assert set(params.model_fields) == names
    assert [(each.name, each.required) for each in model.info.inputs] == [
        ("image_url", True),
        ("mask_image_url", False),
        ("image_urls", False),
    ]
    assert [each.kind for each in model.info.outputs] == ["image"]
    for wrong in ({"steps": 51}, {"guidance": 0.5}, {"format": "gif"}, {"prompt": "x" * 100}):
        with pytest.raises(ValidationError):
            params.model_validate(wrong)
    assert params().model_dump() == {
        "prompt": "",
        "steps": 28,
        "guidance": 3.0,
        "seed": 42,
        "format": "png",
        "safe": True,
        "extra": "",
    }


def test_they_go_there_by_their_names(fal: FalDouble, tmp_path: Path) -> None:
    model = described(fal, tmp_path)
    pictures = {"image_url": drawn(), "image_urls": drawn()}
    made(model, asked(model, pictures, prompt="a fox", extra='{"size": {"width": 8}}'))
    (sent,) = fal.asked
    assert sent["image_url"].startswith("data:image/jpeg")
    assert [each[:15] for each in sent["image_urls"]] == ["data:image/jpeg"]
    assert (sent["size"], sent["steps"], sent["safe"]) == ({"width": 8}, 28, True)


@pytest.mark.parametrize("text", ["[1]", "3", "{", "nonsense", "[" * 5000, '"x"'])
def test_further_arguments_are_an_object(text: str) -> None:
    with pytest.raises(ValidationError):
        MODELS.load(NAME).params.model_validate({"extra": text})


@pytest.mark.parametrize(
    "api", [{}, [], {"paths": {}}, {"paths": {"/fal-ai/flux/dev": {"post": 3}}}, 7]
)
def test_what_is_no_openapi_of_it_is_refused(fal: FalDouble, tmp_path: Path, api: Any) -> None:
    with pytest.raises(ConfigError, match="is no OpenAPI of fal-ai/flux/dev"):
        described(fal, tmp_path, api)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kind = 'image'", "has no use for kind"),
        ("kinds = ['picture']", "kinds"),
        ("kinds = 'image'", "makes no sense"),
        ("width = '64'", "makes no sense"),
        ("width = 0", "width = 0"),
        ("within_s = -1.0", "within_s"),
        ("within_s = nan", "within_s = nan"),
        ("within_s = inf", "within_s = inf"),
        ("drafts = 1", "makes no sense"),
        ("hosts = [1]", "makes no sense"),
        ("schema = 'none.json'", "cannot read"),
        ("width = ", "is not TOML"),
        ("params = 3", "has no use for params"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused(
    fal: FalDouble, tmp_path: Path, line: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        model_of(fal, tmp_path, line)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("description = 'Paints whatever.'", "Paints whatever."),
        ("", "Runs at fal: your words and pictures leave this computer."),
    ],
)
def test_the_card_says_what_the_model_makes(
    fal: FalDouble, tmp_path: Path, line: str, said: str
) -> None:
    assert model_of(fal, tmp_path, line).info.description == said


def test_a_card_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", KEY)
    for name in ("none.toml", "none.json", "/"):
        with pytest.raises(ConfigError, match="cannot read"):
            MODELS.load(NAME).load(name)


def test_files_may_come_from_hosts_that_the_card_names(fal: FalDouble, tmp_path: Path) -> None:
    """Over https alone; the control is that others are refused before they are asked."""
    from livedraft.errors import ModelFailed

    fal.answer = {"image": {"url": "https://127.0.0.1:9/a.png"}}
    model = model_of(fal, tmp_path, 'hosts = ["127.0.0.1"]')
    with pytest.raises(ModelFailed, match="cannot be reached"):
        made(model, asked(model))
    with pytest.raises(ModelFailed, match="from where nothing is fetched"):
        made(model_of(fal, tmp_path), asked(model))


def test_params_of_a_card_are_judged_by_the_model_not_by_the_page(tmp_path: Path) -> None:
    """The page does not know the card; without one, the params are known."""
    judge = Judge(Config(models=("echo", f"{NAME}=card.toml")))
    assert judge("fal/fal-ai/flux/dev", {"steps": 9}) == ()
    judge = Judge(Config(models=("echo", NAME)))
    with pytest.raises(InvalidParams):
        judge("fal/fal-ai/flux/dev", {"steps": 9})
