"""The Helm chart, as Helm renders it and Kubernetes' schemas judge it."""

from __future__ import annotations

import functools
import json
import re
from importlib.resources import as_file, files
from pathlib import Path

import pytest
import yaml

from atlaslens_forwarder import __version__
from atlaslens_forwarder.settings.reading import variable_names

pytestmark = pytest.mark.timeout(900)  # the first test builds the tool

REPOSITORY = Path(__file__).resolve().parents[2]
CHART = REPOSITORY / "deploy" / "helm" / "atlaslens-forwarder"
RULES = yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "atlaslens.rules.yml").read_text())
KUBERNETES = "1.37.0"
NOT_OF_KUBERNETES = "ServiceMonitor,PrometheusRule"
"""Kinds of the Prometheus operator, whose schemas no package has."""
LEAST = {"existingSecret": "tokens"}
SETS = {
    "least": LEAST,
    "two forwarders": LEAST | {"replicas": 2, "persistence": {"accessMode": "ReadWriteMany"}},
    "a claim that is there": LEAST | {"replicas": 2, "persistence": {"existingClaim": "keys"}},
    "no set-up": LEAST | {"setup": {"enabled": False}, "networkPolicy": {"enabled": False}},
    "everything": {
        "existingSecret": "tokens",
        "image": {"repository": "images.example/forwarder", "digest": f"sha256:{'0' * 64}"},
        "imagePullSecrets": [{"name": "pull"}],
        "config": {
            "ATLASLENS_SITES__ACME__URL": "https://acme.atlassian.net",
            "ATLASLENS_SERVICE__RETENTION_DAYS": 400,
            "ATLASLENS_PRIVACY__SEAL_NAMES": True,
        },
        "setup": {
            "security": True,
            "existingSecret": "admin",
            "config": {"ATLASLENS_OPENSEARCH__ADMIN__USERNAME": "admin"},
        },
        "persistence": {"storageClass": "fast", "size": "5Gi"},
        "podAnnotations": {"a": "b"},
        "podLabels": {"c": "d"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "k", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
        "networkPolicy": {"metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True},
        **RULES,
    },
}


@pytest.fixture(scope="module")
def rendered(tool, tmp_path_factory):
    """Renders the chart with values, once each; what Helm said, and a file with what it made."""
    helm = tool("helm")

    @functools.cache
    def render_text(values):
        folder = tmp_path_factory.mktemp("chart")
        (folder / "values.json").write_text(values)
        done = helm(
            "template", "live", CHART, "--kube-version", KUBERNETES, "--values", folder / "values.json"
        )
        (folder / "all.yaml").write_text(done.stdout)
        return done, folder / "all.yaml"

    return lambda values: render_text(json.dumps(values))


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    """Kubernetes' own schemas, with references between files in the form that kubeconform follows."""
    folder = tmp_path_factory.mktemp("schemas")
    place = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{KUBERNETES}-local-strict"
    with as_file(place) as source:
        for path in source.glob("*-v1.json"):
            (folder / path.name).write_text(anchored(path))
        (folder / "_definitions.json").write_text(anchored(source / "_definitions.json"))
    return f"{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"


def anchored(path):
    text = re.sub(r'"\$id": "[^"]*",?\s*', "", path.read_text())
    return re.sub(r",(\s*})", r"\1", text).replace("/api/_definitions.json#", "_definitions.json#")


def objects(file):
    return {each["kind"]: each for each in yaml.safe_load_all(file.read_text()) if each}


def test_helm_and_kubernetes_accept_it_with_all_values(tool, rendered, schemas):
    made = {name: rendered(values) for name, values in SETS.items()}
    assert {name: (done.returncode, done.stderr) for name, (done, _) in made.items()} == dict.fromkeys(
        SETS, (0, "")
    )

    judged = tool("kubeconform")(
        *("-strict", "-summary", "-output", "json", "-skip", NOT_OF_KUBERNETES),
        *("-schema-location", schemas),
        *(file for _, file in made.values()),
    )

    summary = json.loads(judged.stdout)["summary"]
    assert (judged.returncode, summary["invalid"], summary["errors"]) == (0, 0, 0), judged.stdout
    assert summary["valid"] == sum(file.read_text().count("\nkind: ") for _, file in made.values()) - 2
    assert summary["skipped"] == 2


def test_kubernetes_would_refuse_a_mistake(tool, schemas, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\nautomountToken: false\n")

    judged = tool("kubeconform")("-strict", "-schema-location", schemas, file)

    assert judged.returncode == 1
    assert "automountToken" in judged.stdout


@pytest.mark.parametrize("values", [SETS["least"], SETS["everything"]], ids=["least", "everything"])
def test_lint_finds_nothing(tool, tmp_path, values):
    (tmp_path / "values.json").write_text(json.dumps(values))

    done = tool("helm")(
        "lint", "--strict", "--kube-version", KUBERNETES, CHART, "--values", tmp_path / "values.json"
    )

    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "existingSecret"),
        (LEAST | {"replicas": 2}, "ReadWriteMany"),
        (LEAST | {"replica": 1}, "replica"),
        (LEAST | {"replicas": "1"}, "replicas"),
        (LEAST | {"image": {"repository": "x", "tag": "latest"}}, "tag"),
        (LEAST | {"config": {"ATLASLENS_SITES__ACME__API_TOKEN": "s"}}, "API_TOKEN"),
        (LEAST | {"config": {"ATLASLENS_OPENSEARCH__PASSWORD": "s"}}, "PASSWORD"),
        (LEAST | {"config": {"OTHER": "x"}}, "OTHER"),
        (LEAST | {"prometheusRule": {"enabled": True}}, "groups"),
        (LEAST | {"persistence": {"size": "much"}}, "size"),
    ],
)
def test_a_mistake_in_the_values_is_told(rendered, values, said):
    done, _ = rendered(values)

    assert done.returncode == 1
    assert said in done.stderr


def test_no_secret_setting_may_stand_in_the_values(rendered):
    schema = json.loads((CHART / "values.schema.json").read_text())["definitions"]["config"]["propertyNames"]

    def allowed(name):
        return re.search(schema["pattern"], name) and not re.search(schema["not"]["pattern"], name)

    names = {name.replace("<SITE>", "ACME") for name in variable_names()}
    refused = {name for name in names if not allowed(name)}
    secret = {name for name in names if re.search("(PASSWORD|_TOKEN|API_KEY|SECRET|WEBHOOK_URL)$", name)}
    ours = {"ATLASLENS_SECRETS_DIR", "ATLASLENS_DATA_DIR"}
    ours |= {"ATLASLENS_SERVICE__LISTEN_HOST", "ATLASLENS_SERVICE__LISTEN_PORT"}
    assert refused == secret | ours


def test_every_pod_is_confined(rendered):
    found = objects(rendered(SETS["everything"])[1])

    for pod in (
        found["Deployment"]["spec"]["template"]["spec"],
        found["Job"]["spec"]["template"]["spec"],
        found["Pod"]["spec"],
    ):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]
            assert container["image"] == f"images.example/forwarder@sha256:{'0' * 64}"


def test_settings_reach_the_forwarder_and_those_of_setup_only_setup(rendered):
    found = objects(rendered(SETS["everything"])[1])

    def environment(kind):
        container = found[kind]["spec"]["template"]["spec"]["containers"][0]
        return {each["name"]: each["value"] for each in container["env"]}

    common = {
        "ATLASLENS_SECRETS_DIR": "/run/secrets",
        "ATLASLENS_SITES__ACME__URL": "https://acme.atlassian.net",
        "ATLASLENS_SERVICE__RETENTION_DAYS": "400",
        "ATLASLENS_PRIVACY__SEAL_NAMES": "true",
    }
    assert environment("Deployment") == common
    assert environment("Job") == common | {"ATLASLENS_OPENSEARCH__ADMIN__USERNAME": "admin"}
    assert found["Job"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["setup", "--security"]


def test_the_rules_find_what_they_ask_for(rendered):
    found = objects(rendered(SETS["everything"])[1])

    job = found["ServiceMonitor"]["spec"]["endpoints"][0]["relabelings"][0]["replacement"]
    assert found["PrometheusRule"]["spec"]["groups"] == RULES["groups"]
    assert f'job="{job}"' in json.dumps(RULES).replace("\\", "")


def test_one_never_runs_beside_its_successor_and_the_keys_outlive_the_release(rendered):
    alone = objects(rendered(LEAST)[1])
    two = objects(rendered(SETS["two forwarders"])[1])

    assert alone["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert two["Deployment"]["spec"]["strategy"] == {"type": "RollingUpdate"}
    assert alone["PersistentVolumeClaim"]["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_the_chart_has_the_version_of_the_program():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert chart["version"] == chart["appVersion"] == __version__
