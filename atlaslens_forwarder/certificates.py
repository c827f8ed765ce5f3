"""An authority of our own and the certificates it issues (RFC 5280). Pure: time is an argument."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

ORGANISATION: Final = "atlaslens-forwarder"
AUTHORITY_LIFE: Final = timedelta(days=3650)
CERTIFICATE_LIFE: Final = timedelta(days=397)
"""A year and a month; ``bootstrap`` renews them in time wherever it runs at each start."""
RENEWED_BEFORE: Final = timedelta(days=60)
_BACKDATED: Final = timedelta(hours=1)
"""So that a machine whose clock is behind accepts it at once."""


class Unit(Enum):
    """What a certificate is for; OpenSearch knows nodes and administrator by this part of the name."""

    NODE = "node"
    """Another node of the cluster: OpenSearch trusts it wholly."""
    SERVER = "server"
    CLIENT = "client"
    """Is who its common name says."""
    ADMIN = "admin"
    """Whoever holds it may change everything, past all roles."""


_USES: Final = {
    Unit.NODE: (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH),
    Unit.SERVER: (ExtendedKeyUsageOID.SERVER_AUTH,),
    Unit.CLIENT: (ExtendedKeyUsageOID.CLIENT_AUTH,),
    Unit.ADMIN: (ExtendedKeyUsageOID.CLIENT_AUTH,),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, as PEM. The key is not shown by ``repr``."""

    certificate: str
    key: str

    def __repr__(self) -> str:
        return f"Pair({_loaded(self.certificate).subject.rfc4514_string()})"


def new_authority(now: datetime) -> Pair:
    """A new authority, good for ten years, which signs certificates of servers and clients only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("authority", "authority")
    builder = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
    )
    return _pair(builder.sign(key, hashes.SHA256()), key)


def issue(authority: Pair, unit: Unit, name: str, hosts: Sequence[str], now: datetime) -> Pair:
    """A certificate that proves to be ``name``, reachable under ``hosts`` (DNS names or IP addresses).

    Raises:
        ConfigError: the authority's files do not hold a certificate and its key.
    """
    try:
        issuer = _loaded(authority.certificate)
        issuer_key = serialization.load_pem_private_key(authority.key.encode(), None)
    except ValueError:  # not chained: it may quote the key
        raise ConfigError("the authority cannot be read", hint="its certificate or key is damaged") from None
    if (
        not isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        or issuer_key.public_key() != issuer.public_key()
    ):
        raise ConfigError("the authority cannot be used", hint="its key belongs to another certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(unit.value, name), issuer.subject, key.public_key(), now, CERTIFICATE_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_USES[unit]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False
        )
    return _pair(builder.sign(issuer_key, hashes.SHA256()), key)


def is_due(certificate: str, authority: str, hosts: Sequence[str], now: datetime) -> bool:
    """Whether a certificate has to be issued anew: it ends soon, lacks a host, or is another authority's.

    Raises:
        ValueError: one of the two is no certificate.
    """
    found = _loaded(certificate)
    if found.not_valid_after_utc - now < RENEWED_BEFORE:
        return True
    try:
        found.verify_directly_issued_by(_loaded(authority))
    except Exception:  # noqa: BLE001  a broken or foreign signature has no common class of its own
        return True
    named: set[x509.GeneralName] = set()
    if hosts:
        named = set(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    return not named >= {_host(host) for host in hosts}


def distinguished_name(unit: Unit, name: str) -> str:
    """The subject of such a certificate (RFC 4514), by which OpenSearch's settings know it."""
    return _name(unit.value, name).rfc4514_string()


def _loaded(certificate: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.encode())


def _name(unit: str, name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode("ascii"),
    )
