"""Certificates that tests make for themselves: one that signs files, and the authority above it."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def make_certificate(folder: Path) -> tuple[str, str]:
    """Write a certificate with its chain, and its key, as PEM; return their paths."""
    authority, own = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    above = _certificate("Authority", "Authority", authority, authority)
    below = _certificate("Studio", "Authority", own, authority)
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(below.public_bytes(Encoding.PEM) + above.public_bytes(Encoding.PEM))
    key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(chain), str(key)


def _certificate(
    name: str,
    by: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    public, day = key.public_key(), datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    root = name == by
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(by))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 30 * day)
        .add_extension(x509.BasicConstraints(root, None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not root,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=root,
                crl_sign=root,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
    )
    if not root:
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(use, critical=False)
    return made.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "livedraft's tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )
