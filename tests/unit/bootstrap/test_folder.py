"""``bootstrap`` makes what is missing, keeps what is there, and lets nobody else read it."""

from __future__ import annotations

import json
import shutil
import ssl
from datetime import UTC, datetime, timedelta

import bcrypt
import pytest
import yaml
from cryptography import x509

from atlaslens_forwarder.bootstrap.folder import Bootstrap
from atlaslens_forwarder.certificates import CERTIFICATE_LIFE, RENEWED_BEFORE, Pair, Unit, issue
from atlaslens_forwarder.errors import ConfigError

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NODES = ("node-1",)
HOSTS = ("siem.example", "192.0.2.7")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A folder that was filled once; hashing passwords is slow on purpose."""
    path = tmp_path_factory.mktemp("first") / "b"
    work = Bootstrap(path, NODES, HOSTS, NOW)
    work.run()
    assert work.made
    return path


@pytest.fixture
def fill(first, tmp_path):
    """Fills a copy of it again, at a time, and tells what was written."""
    folder = tmp_path / "b"
    shutil.copytree(first, folder)

    def run(now=NOW, nodes=NODES, hosts=HOSTS):
        work = Bootstrap(folder, nodes, hosts, now)
        work.run()
        return work.made

    run.folder = folder
    return run


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_files_are_for_their_owner_only(fill):
    assert {path.stat().st_mode & 0o777 for path in fill.folder.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in fill.folder.rglob("*") if path.is_dir()} == {0o700}


def test_doing_it_again_changes_nothing(fill):
    before = content(fill.folder)

    assert fill() == []
    assert content(fill.folder) == before


def test_a_node_that_is_added_gets_its_certificate_and_nothing_else_changes(fill):

    assert fill(nodes=("node-1", "node-2")) == ["opensearch/node-2.key", "opensearch/node-2.pem"]


def test_a_further_host_renews_what_servers_show(fill):
    assert set(fill(hosts=(*HOSTS, "other.example"))) == {
        f"{name}.{kind}"
        for name in ("opensearch/node-1", "dashboards/dashboards", "grafana/grafana")
        for kind in ("pem", "key")
    }


def test_certificates_are_renewed_before_they_end_and_passwords_stay(fill):
    passwords = (fill.folder / "private" / "passwords.json").read_bytes()
    late = NOW + CERTIFICATE_LIFE - RENEWED_BEFORE

    assert fill(late) == []
    renewed = fill(late + timedelta(seconds=1))

    assert {name.partition(".")[2] for name in renewed} == {"pem", "key"}
    assert len(renewed) == 8
    assert certificate(fill.folder / "opensearch" / "node-1.pem").not_valid_after_utc > NOW + CERTIFICATE_LIFE
    assert (fill.folder / "private" / "passwords.json").read_bytes() == passwords


def test_every_certificate_is_of_the_authority_and_fits_its_key(fill):
    authority = certificate(fill.folder / "private" / "ca.pem")

    for path in fill.folder.rglob("*.pem"):
        if path.name != "ca.pem":
            certificate(path).verify_directly_issued_by(authority)
            ssl.create_default_context().load_cert_chain(path, path.with_suffix(".key"))


def test_a_half_written_certificate_is_made_anew(fill):
    (fill.folder / "opensearch" / "node-1.key").unlink()

    assert fill() == ["opensearch/node-1.key", "opensearch/node-1.pem"]


def test_only_the_authority_may_sign_and_only_nodes_are_named_as_such(fill):

    def unit(path):
        return certificate(fill.folder / path).subject.rfc4514_string()

    assert unit("opensearch/node-1.pem") == "CN=node-1,OU=node,O=atlaslens-forwarder"
    assert unit("setup/admin.pem") == "CN=admin,OU=admin,O=atlaslens-forwarder"
    assert unit("dashboards/dashboards.pem") == "CN=dashboards,OU=server,O=atlaslens-forwarder"
    for path in fill.folder.rglob("*.pem"):
        basic = certificate(path).extensions.get_extension_for_class(x509.BasicConstraints).value
        assert basic.ca == (path.name == "ca.pem")


def test_passwords_are_random_and_known_to_opensearch_by_their_hashes_only(fill):
    passwords = json.loads((fill.folder / "private" / "passwords.json").read_text())
    users = yaml.safe_load((fill.folder / "opensearch" / "internal_users.yml").read_text())

    assert len(set(passwords.values())) == len(passwords)
    assert all(len(password) >= 32 for password in passwords.values())
    for user, password in (
        ("atlaslens-admin", passwords["admin"]),
        ("kibanaserver", passwords["dashboards"]),
    ):
        assert bcrypt.checkpw(password.encode(), users[user]["hash"].encode())
    assert set(users) == {"_meta", "atlaslens-admin", "kibanaserver"}
    seen = b"".join(path.read_bytes() for path in (fill.folder / "opensearch").iterdir())
    assert not any(password.encode() in seen for password in passwords.values())


def test_accounts_without_their_passwords_are_not_papered_over(fill):
    (fill.folder / "private" / "passwords.json").unlink()

    with pytest.raises(ConfigError, match=r"passwords.json is missing"):
        fill()


@pytest.mark.parametrize(
    "name", ["private/ca.pem", "private/ca.key", "private/passwords.json", "opensearch/node-1.pem"]
)
def test_a_damaged_file_is_told_without_its_content(fill, name):
    (fill.folder / name).write_text("-----not what it was-----")

    with pytest.raises(ConfigError) as caught:
        fill(hosts=("other.example",))

    assert "not what it was" not in caught.value.one_line()


def test_a_key_of_another_authority_is_refused(fill, tmp_path):
    other = Bootstrap(tmp_path / "other", ["node-1"], [], NOW)
    other.run()
    mixed = Pair(
        (fill.folder / "private" / "ca.pem").read_text(), (other.folder / "private" / "ca.key").read_text()
    )

    with pytest.raises(ConfigError, match="authority cannot be used"):
        issue(mixed, Unit.SERVER, "x", [], NOW)


def test_a_pair_does_not_show_its_key(fill):
    pair = Pair(
        (fill.folder / "setup" / "admin.pem").read_text(), (fill.folder / "setup" / "admin.key").read_text()
    )

    assert repr(pair) == "Pair(CN=admin,OU=admin,O=atlaslens-forwarder)"


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "b").write_text("a file")

    with pytest.raises(ConfigError, match="cannot write"):
        Bootstrap(tmp_path / "b", ["node-1"], [], NOW).run()
