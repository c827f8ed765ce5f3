"""The secured node: its home, its certificates, and that nobody is known to it at first."""

from __future__ import annotations

import json
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from atlaslens_forwarder.engine.artifacts import PLUGIN_LOCK_FILE, parse_lock, read_lock
from atlaslens_forwarder.engine.install_secured import install_secured, standing_alone
from atlaslens_forwarder.engine.secured import NodeSecurity
from atlaslens_forwarder.engine.spec import SECURITY_PLUGIN
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTOR = "name=opensearch-security\nextended.plugins=one;optional=true,two\nversion=3\n"


@pytest.fixture
def base(tmp_path):
    """A plain home."""
    home = tmp_path / "opensearch-3-abc"
    (home / "lib").mkdir(parents=True)
    (home / "plugins").mkdir()
    (home / "lib" / "server.jar").write_bytes(b"jar")
    return home


def fetch(artifacts, repository, **_):
    """Hands out the plugin's zip, and any jar."""
    repository.mkdir(parents=True, exist_ok=True)
    found = {}
    for artifact in artifacts:
        found[artifact] = path = repository / artifact.file_name
        path.write_bytes(b"jar")
        if artifact.extension == "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("plugin-descriptor.properties", DESCRIPTOR)
                archive.writestr("tools/hash.sh", "#!")
    return found


def test_the_home_is_the_plain_one_and_the_plugin(tmp_path: Path, base: Path) -> None:
    home = install_secured(tmp_path, plain=lambda *_, **__: base, fetch=fetch)

    plugin = home / "plugins" / SECURITY_PLUGIN.name
    assert (home / "lib" / "server.jar").read_bytes() == b"jar"
    assert "extended.plugins=\n" in (plugin / "plugin-descriptor.properties").read_text()
    assert (plugin / "commons-collections4-4.4.jar").is_file()
    assert not [*plugin.glob("*.zip")]
    assert all(path.stat().st_mode & stat.S_IROTH for path in plugin.rglob("*"))
    assert not [*(base / "plugins").iterdir()]

    def never(*_: object, **__: object) -> dict:
        raise AssertionError

    assert install_secured(tmp_path, plain=lambda *_, **__: base, fetch=never) == home


def test_a_download_that_fails_leaves_no_home(tmp_path: Path, base: Path) -> None:
    def broken(*_: object, **__: object) -> dict:
        raise EngineError("it cannot be downloaded")

    with pytest.raises(EngineError):
        install_secured(tmp_path, plain=lambda *_, **__: base, fetch=broken)

    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == [base.name]


def test_only_the_line_of_extended_plugins_is_emptied() -> None:
    assert standing_alone(DESCRIPTOR) == "name=opensearch-security\nextended.plugins=\nversion=3\n"


def test_the_shipped_lock_has_what_the_spec_names() -> None:
    locked = {artifact.coordinates for artifact in parse_lock(read_lock(PLUGIN_LOCK_FILE))}

    assert locked == {SECURITY_PLUGIN.archive, *SECURITY_PLUGIN.missing}


def test_certificates_are_signed_by_the_authority_and_keys_are_private(tmp_path: Path) -> None:
    security = NodeSecurity.make(tmp_path, clients=("someone",))
    authority = x509.load_pem_x509_certificate(security.ca_file.read_bytes())

    for name, is_server in (("node", True), ("admin", False), ("someone", False)):
        made = x509.load_pem_x509_certificate((tmp_path / f"{name}.pem").read_bytes())
        made.verify_directly_issued_by(authority)
        assert made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == name
        assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)
        uses = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert (ExtendedKeyUsageOID.SERVER_AUTH in uses) is is_server
        assert ExtendedKeyUsageOID.CLIENT_AUTH in uses
        assert stat.S_IMODE((tmp_path / f"{name}.key").stat().st_mode) == 0o600
    security.client_context()


def test_at_first_nobody_is_known_and_tls_is_on(tmp_path: Path) -> None:
    security = NodeSecurity.make(tmp_path, rest_roles=("atlaslens-admin",))
    files, settings = security.files(), security.settings()

    for name in ("internal_users", "roles", "roles_mapping"):
        assert [*json.loads(files[f"opensearch-security/{name}.yml"])] == ["_meta"]
    assert settings["plugins.security.ssl.http.enabled"] is True
    assert settings["plugins.security.authcz.admin_dn"] == ["CN=admin,OU=admin,O=atlaslens-forwarder"]
    assert settings["plugins.security.restapi.roles_enabled"] == ["atlaslens-admin"]
    assert "admin.key" not in files
