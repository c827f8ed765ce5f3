"""docker-compose.yml, as Compose's own library reads it, and its settings as the forwarder reads them."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from atlaslens_forwarder.bootstrap.folder import Bootstrap
from atlaslens_forwarder.bootstrap.security_files import DASHBOARDS_FOLDER
from atlaslens_forwarder.settings import load_settings

pytestmark = pytest.mark.timeout(900)  # the first test builds the tool

REPOSITORY = Path(__file__).resolve().parents[2]
FILE = REPOSITORY / "docker-compose.yml"
TEXT = yaml.safe_load(FILE.read_text())
SERVICES = TEXT["services"]
ONCE = {"bootstrap", "setup"}
OURS = {name for name, service in SERVICES.items() if "build" in service}
ALL_PROFILES = ("demo", "monitoring", "three-nodes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What ``bootstrap`` writes."""
    path = tmp_path_factory.mktemp("bootstrap")
    Bootstrap(path, ["opensearch", "opensearch-2", "opensearch-3"], [], datetime.now(UTC)).run()
    return path


@pytest.mark.parametrize(
    ("profiles", "more"),
    [
        ((), set()),
        (("monitoring",), {"prometheus", "grafana"}),
        (("three-nodes",), {"opensearch-2", "opensearch-3"}),
        (("demo",), {"simulator", "demo"}),
    ],
)
def test_compose_reads_it_with_each_profile(compose_model, profiles, more):
    done = compose_model(FILE, *profiles)

    assert (done.returncode, done.stderr) == (0, "")
    usual = {"bootstrap", "opensearch", "dashboards", "setup", "forwarder"}
    assert set(json.loads(done.stdout)["services"]) == usual | more


def test_compose_would_refuse_a_mistake(compose_model, tmp_path):
    bad = tmp_path / "docker-compose.yml"
    bad.write_text("services: {one: {image: x, depends_on: [two]}}\n")

    done = compose_model(bad)

    assert done.returncode == 1
    assert "two" in done.stderr


def test_variables_change_what_they_say(compose_model):
    environ = {
        "FORWARDER_IMAGE": "images.example/it:1",
        "OPENSEARCH_HEAP": "4g",
        "PUBLIC_HOST": "siem.example",
    }

    services = json.loads(compose_model(FILE, environ=environ).stdout)["services"]

    assert services["forwarder"]["image"] == "images.example/it:1"
    assert services["opensearch"]["environment"]["OPENSEARCH_JAVA_OPTS"] == "-Xms4g -Xmx4g"
    assert "--host=siem.example" in services["bootstrap"]["command"]


def test_nothing_in_it_is_a_password():
    names = [name for service in SERVICES.values() for name in service.get("environment", {})]

    assert [name for name in names if re.search("PASSWORD(?!__FILE)|TOKEN|SECRET(?!S_DIR)", name)] == []
    assert all(
        SERVICES[name]["environment"]["DISABLE_INSTALL_DEMO_CONFIG"] == "true"
        for name in SERVICES
        if name.startswith("opensearch")
    )


def test_every_service_is_confined_and_watched():
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert ":latest" not in service["image"], name
        if name in ONCE:
            assert service["restart"] == "no", name
        else:
            assert service["restart"] == "unless-stopped", name
            assert "healthcheck" in service or name in OURS, name  # ours is in the image
    assert all(SERVICES[name]["read_only"] for name in OURS)


def test_only_this_machine_reaches_a_port_unless_told_otherwise():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert [port for port in ports if not re.match(r"(\$\{\w+:-)?127\.0\.0\.1:", port)] == []


def test_every_file_it_mounts_is_in_the_repository():
    sources = {
        mount["source"]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
        if isinstance(mount, dict) and mount["type"] == "bind"
    }

    assert {source for source in sources if not (REPOSITORY / source).exists()} == {"./secrets"}


def test_each_service_sees_only_the_secrets_that_are_meant_for_it():
    def seen(name):
        return {
            mount["source"] if isinstance(mount, dict) else mount.partition(":")[0]
            for mount in SERVICES[name].get("volumes", [])
        }

    secret = {name for name in TEXT["volumes"] if name.endswith(("-secrets", "-security"))} | {"private"}
    assert {name: seen(name) & secret for name in SERVICES} == {
        "bootstrap": secret,
        "opensearch": {"opensearch-security"},
        "opensearch-2": {"opensearch-security"},
        "opensearch-3": {"opensearch-security"},
        "dashboards": {"dashboards-secrets"},
        "setup": {"setup-secrets"},
        "forwarder": {"forwarder-secrets"},
        "simulator": set(),
        "demo": {"forwarder-secrets"},
        "prometheus": set(),
        "grafana": {"grafana-secrets"},
    }


def test_bootstrap_fills_every_folder_it_is_given(folder):
    targets = {mount.partition(":/bootstrap/")[2] for mount in SERVICES["bootstrap"]["volumes"]}
    made = re.search(r"install -d .*?(?= *\n[A-Z])", (REPOSITORY / "Dockerfile").read_text(), re.DOTALL)

    assert targets == {path.name for path in folder.iterdir()}
    assert made is not None
    assert targets == set(re.findall(r"/bootstrap/(\w+)", made[0]))


@pytest.mark.parametrize(
    ("service", "secrets"), [("setup", "setup"), ("forwarder", "forwarder"), ("demo", "forwarder")]
)
def test_the_forwarder_understands_the_settings_of_each_service(
    folder, tmp_path, monkeypatch, service, secrets
):
    tokens = tmp_path / "secrets"
    tokens.mkdir()
    (tokens / "ATLASLENS_OPENSEARCH__READER__PASSWORD").write_text("the operator's")
    for name in [name for name in os.environ if name.startswith("ATLASLENS_")]:
        monkeypatch.delenv(name)
    for name, value in SERVICES[service]["environment"].items():
        there = value.replace(DASHBOARDS_FOLDER, f"{folder}/{secrets}").replace("/run/secrets", str(tokens))
        monkeypatch.setenv(name, there)
    monkeypatch.chdir(tmp_path)

    opensearch = load_settings().opensearch

    accounts = [opensearch, opensearch.reader, opensearch.keeper]
    accounts += [opensearch.admin] if service == "setup" else []
    assert all(account.username and account.password.get_secret_value() for account in accounts)
    assert opensearch.ca_file.exists()
    assert (opensearch.reader.password.get_secret_value() == "the operator's") == (service == "forwarder")


def test_opensearch_finds_the_certificates_that_its_settings_name(folder):
    settings = yaml.safe_load((REPOSITORY / "deploy" / "compose" / "opensearch.yml").read_text())

    for node in ("opensearch", "opensearch-2", "opensearch-3"):
        assert SERVICES[node]["environment"]["NODE_NAME"] == node
        assert node in settings["discovery.seed_hosts"]
        for name, value in settings.items():
            if name.endswith("_filepath"):
                path = value.replace("${NODE_NAME}", node).removeprefix("opensearch-security/")
                assert (folder / "opensearch" / path).exists(), name


def test_dashboards_finds_the_files_that_its_settings_name(folder):
    settings = yaml.safe_load((folder / "dashboards" / "opensearch_dashboards.yml").read_text())

    paths = [settings["server.ssl.certificate"], settings["server.ssl.key"]]
    paths += settings["opensearch.ssl.certificateAuthorities"]
    assert all(
        (folder / "dashboards" / path.removeprefix(f"{DASHBOARDS_FOLDER}/")).exists() for path in paths
    )
    assert SERVICES["dashboards"]["command"][-1] == f"{DASHBOARDS_FOLDER}/opensearch_dashboards.yml"
