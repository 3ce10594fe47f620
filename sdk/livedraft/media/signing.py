"""Signs files with C2PA (Content Credentials) by a certificate of the user's; asks nobody."""

from __future__ import annotations

import io
import json
from typing import IO

from PIL import Image

from livedraft.errors import ConfigError, MissingExtraError
from livedraft.files import read
from livedraft.version import __version__

from . import marks

try:
    import c2pa
except ImportError:
    raise MissingExtraError("c2pa", "signing files") from None

# Neither lists of trust nor manifests nor what was revoked are fetched, and nothing drawn small.
_ALONE = {
    "verify": {
        "verify_after_sign": False,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
    "builder": {"thumbnail": {"enabled": False}},
}


_MOST_BYTES = 2**20  # of a PEM file


class Signer:
    """A certificate with its key, judged as it is made; for several threads."""

    def __init__(self, certificate: str, key: str, algorithm: str = "es256") -> None:
        self._chain = _read(certificate, "c2pa_certificate")
        self._key = _read(key, "c2pa_key")
        self._algorithm = algorithm.encode()
        try:
            why = self._try()
        except c2pa.C2paError as error:
            why = str(error)
        if why:
            raise ConfigError(
                f"nothing can be signed with {certificate} and {key}: {why[:200]}",
                fix="give a certificate for signing documents with its chain, its key, both as "
                "PEM, and their algorithm",
            )

    def _try(self) -> str:
        """Sign a picture; return what is wrong with the signature."""
        plain, signed = io.BytesIO(), io.BytesIO()
        Image.new("L", (8, 8)).save(plain, "PNG")
        self.sign(io.BytesIO(plain.getvalue()), signed, "image/png", marks.MADE)
        signed.seek(0)
        with (
            c2pa.Context(c2pa.Settings.from_dict(_ALONE)) as context,
            c2pa.Reader("image/png", signed, context=context) as reader,
        ):
            found = json.loads(reader.json())
        if found["validation_state"] != "Invalid":
            return ""
        codes = (each["code"] for each in found["validation_status"])
        return ", ".join(code for code in codes if code != "signingCredential.untrusted")

    def sign(self, file: IO[bytes], out: IO[bytes], mime: str, mark: str) -> None:
        """Write a file with a manifest that says how it was made; ``mark`` is IPTC's word."""
        info = c2pa.C2paSignerInfo(
            alg=self._algorithm, sign_cert=self._chain, private_key=self._key, ta_url=None
        )
        manifest = {
            "claim_generator_info": [{"name": "livedraft", "version": __version__}],
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "data": {
                        "actions": [
                            {"action": "c2pa.created", "digitalSourceType": marks.SOURCES + mark}
                        ]
                    },
                }
            ],
        }
        with (
            c2pa.Context(c2pa.Settings.from_dict(_ALONE)) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(manifest), context) as builder,
        ):
            builder.sign(signer, mime, file, out)


def _read(path: str, setting: str) -> bytes:
    try:
        return read(path, _MOST_BYTES)
    except OSError as error:
        raise ConfigError(
            f"{setting} = '{path}' cannot be read: {error.strerror}",
            fix="name a PEM file that this server may read",
        ) from None
