"""Settings: where they come from, which win, and how a mistake is told without showing a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.settings import Settings, load_settings, variable_names

SECRET = "ATATT3xFfGF0-s3cret=A1B2"
SITE = {
    "ATLASLENS_SITES__ACME__URL": "https://acme.atlassian.net/",
    "ATLASLENS_SITES__ACME__EMAIL": "reader@corp.example",
    "ATLASLENS_SITES__ACME__API_TOKEN": SECRET,
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    """An empty folder, and an environment without our names."""
    for name in os.environ:
        if name.upper().startswith("ATLASLENS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def env(monkeypatch):
    """Sets variables of the environment."""

    def set_all(values: dict[str, str]) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_all


@pytest.fixture
def secrets(env, tmp_path):
    """A secrets folder that the environment names."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    env({"ATLASLENS_SECRETS_DIR": str(folder)})
    return folder


def dotenv(values: dict[str, str], path: Path = Path(".env")) -> Path:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    return path


def problem(env_file: Path | None = None) -> ConfigError:
    """What is wrong, told in one line without the secret."""
    with pytest.raises(ConfigError) as caught:
        load_settings(env_file)
    assert "\n" not in caught.value.one_line()
    assert "s3cret" not in caught.value.one_line()
    assert caught.value.__cause__ is None or "s3cret" not in repr(caught.value.__cause__)
    return caught.value


def test_without_any_setting_the_defaults_hold():
    settings = load_settings()

    assert settings == Settings()
    assert settings.sites == {}
    assert settings.service.retention_days == 365
    assert settings.keyring_path == Path(".atlaslens/keys/keyring.json")
    assert settings.engine_cache_dir == Path(".atlaslens/engine")
    assert settings.engine_data_dir == Path(".atlaslens/opensearch")


def test_the_environment_wins_over_the_env_file_and_that_over_the_secrets_folder(env, secrets):
    for name in ("LEVEL", "FORMAT"):
        (secrets / f"ATLASLENS_LOG__{name}").write_text("error" if name == "LEVEL" else "json")
    (secrets / "ATLASLENS_SERVICE__INTERVAL_S").write_text("60\n")
    dotenv({"ATLASLENS_LOG__LEVEL": "warning", "ATLASLENS_LOG__FORMAT": "console"})
    env({"ATLASLENS_LOG__LEVEL": "debug"})

    settings = load_settings()

    assert (settings.log.level, settings.log.format, settings.service.interval_s) == ("debug", "console", 60)


def test_of_several_secrets_folders_the_last_one_wins(env, secrets, tmp_path, monkeypatch):
    later = tmp_path / "later"
    later.mkdir()
    for folder, level in ((secrets, "error"), (later, "warning")):
        (folder / "ATLASLENS_LOG__LEVEL").write_text(level)
    (secrets / "ATLASLENS_LOG__FORMAT").write_text("json")
    monkeypatch.setenv("ATLASLENS_SECRETS_DIR", f"{secrets}:{later}")

    log = load_settings().log

    assert (log.level, log.format) == ("warning", "json")


def test_parts_of_one_site_may_come_from_different_places(env, secrets):
    (secrets / "ATLASLENS_SITES__ACME__API_TOKEN").write_text(f"{SECRET}\n")
    dotenv({"ATLASLENS_SITES__ACME__URL": SITE["ATLASLENS_SITES__ACME__URL"]})
    env({"ATLASLENS_SITES__ACME__EMAIL": "reader@corp.example"})

    site = load_settings().sites["acme"]

    assert (site.url, site.email) == ("https://acme.atlassian.net", "reader@corp.example")
    assert site.api_token.get_secret_value() == SECRET


def test_several_sites_stand_side_by_side(env):
    second = {name.replace("ACME", "ACME_EU-2"): value for name, value in SITE.items()}
    env({**SITE, **second, "ATLASLENS_SITES__ACME__SOURCES": '["jira-audit", "confluence-audit"]'})

    sites = load_settings().sites

    assert [*sites] == ["acme", "acme_eu-2"]
    assert sites["acme"].sources == ("jira-audit", "confluence-audit")
    assert sites["acme_eu-2"].sources == ()


@pytest.mark.parametrize("token", ["1234567890", "true", "null", "1e5", '{"a":1}', "${HOME}", "a#b", "[1]"])
def test_a_token_is_taken_as_it_stands(env, token):
    dotenv({**SITE, "ATLASLENS_SITES__ACME__API_TOKEN": token, "ATLASLENS_SITES__ACME__CLOUD_ID": "42"})

    site = load_settings().sites["acme"]

    assert (site.api_token.get_secret_value(), site.cloud_id) == (token, "42")


def test_names_are_read_in_any_case(env):
    env({"atlaslens_log__level": "debug"})

    assert load_settings().log.level == "debug"


def test_an_empty_value_counts_as_not_set(env):
    env({"ATLASLENS_OPENSEARCH__CA_FILE": "", "ATLASLENS_LOG__LEVEL": "", "ATLASLENS_KEY_FILE": ""})

    assert load_settings() == Settings()


def test_the_env_file_can_be_named(env, tmp_path):
    first = dotenv({"ATLASLENS_LOG__LEVEL": "error"}, tmp_path / "first.env")
    second = dotenv({"ATLASLENS_LOG__LEVEL": "debug"}, tmp_path / "second.env")
    env({"ATLASLENS_ENV_FILE": str(first)})

    assert load_settings().log.level == "error"
    assert load_settings(second).log.level == "debug"


def test_lines_of_other_programs_in_the_env_file_do_not_matter():
    dotenv({"COMPOSE_PROJECT_NAME": "x", "export ATLASLENS_LOG__LEVEL": "debug", "EMPTY": ""})

    assert load_settings().log.level == "debug"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("ATLASLENS_SERVICE__RETENTION_DAY", "ATLASLENS_SERVICE__RETENTION_DAYS"),
        ("ATLASLENS_OPENSEARCH_URL", "ATLASLENS_OPENSEARCH__URL"),
        ("ATLASLENS_SITES__ACME__APITOKEN", "ATLASLENS_SITES__ACME__API_TOKEN"),
        ("ATLASLENS_LOGLEVEL", "ATLASLENS_LOG__LEVEL"),
        ("ATLASLENS_SITES__ACME__URL__X", "ATLASLENS_SITES__ACME__URL"),
        ("ATLASLENS_SITES__A__B__URL", "ATLASLENS_SITES__A__URL"),
        ("ATLASLENS_SITES", "ATLASLENS_"),
        ("ATLASLENS_", "ATLASLENS_"),
        ("atlaslens_log__levle", "ATLASLENS_LOG__LEVEL"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one_wherever_it_stands(env, secrets, name, nearest):
    for place in ("the environment", ".env", "the secrets folder"):
        if place == ".env":
            dotenv({name: "s3cret"})
        elif place == "the environment":
            env({name: "s3cret"})
        else:
            (secrets / name).write_text("s3cret")
        error = problem()
        os.environ.pop(name, None)
        Path(".env").unlink(missing_ok=True)
        (secrets / name).unlink(missing_ok=True)
        assert error.message == f"unknown setting {name.upper()} in {place}"
        assert f"did you mean {nearest}" in error.hint


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ATLASLENS_SERVICE__INTERVAL_S", "s3cret", "valid integer"),
        ("ATLASLENS_SERVICE__INTERVAL_S", "1", "greater than or equal to 5"),
        ("ATLASLENS_SERVICE__RETENTION_DAYS", "9999", "less than or equal to 3650"),
        ("ATLASLENS_LOG__LEVEL", "s3cret", "'debug', 'info', 'warning' or 'error'"),
        ("ATLASLENS_OPENSEARCH__VERIFY_CERTIFICATE", "s3cret", "valid boolean"),
        ("ATLASLENS_SITES__ACME__REQUESTS_PER_SECOND", "s3cret", "valid number"),
        ("ATLASLENS_SITES__ACME__SOURCES", "s3cret", 'JSON list such as ["jira-audit"]'),
        ("ATLASLENS_SITES__ACME__SOURCES", '{"s3cret": 1}', "valid tuple"),
        ("ATLASLENS_SITES__ACME__TOKEN_KIND", "s3cret", "'classic', 'scoped' or 'bearer'"),
        ("ATLASLENS_SITES__ACME__API_TOKEN", "s3cret with spaces", "one word"),
        ("ATLASLENS_SITES__ACME__API_TOKEN", "s3crét", "one word"),
        ("ATLASLENS_SITES__ACME__API_TOKEN", "", "field required"),
        ("ATLASLENS_SITES__ACME__URL", "", "field required"),
        ("ATLASLENS_SITES__ACME__URL", "acme.atlassian.net", "must be an address"),
        ("ATLASLENS_SITES__ACME__URL", "https://ada:s3cret@acme.atlassian.net", "must be an address"),
        ("ATLASLENS_SITES__ACME__URL", "https://acme.atlassian.net/wiki", "must be an address"),
        ("ATLASLENS_SITES__ACME__URL", "https://acme.atlassian.net:99999", "must be an address"),
        ("ATLASLENS_SITES__ACME__URL", "https://acme.atlassian.net:0", "must be an address"),
        ("ATLASLENS_SITES__ACME__URL", "https://[", "must be an address"),
        ("ATLASLENS_SITES__ACME__URL", "https://a..b", "must be an address"),
        ("ATLASLENS_SITES__ACME__GATEWAY_URL", "ftp://x", "must be an address"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_name_and_not_shown(env, name, value, told):
    env({**SITE, name: value})

    error = problem()

    assert error.message.startswith(f"setting {name}: ")
    assert told in error.message
    assert error.exit_code == 2


@pytest.mark.parametrize("kind", ["classic", "scoped"])
def test_a_token_that_needs_an_email_address_says_so(env, kind):
    env({**SITE, "ATLASLENS_SITES__ACME__TOKEN_KIND": kind, "ATLASLENS_SITES__ACME__EMAIL": ""})

    assert "EMAIL) is needed with a" in problem().message


def test_a_bearer_token_needs_none(env):
    env({**SITE, "ATLASLENS_SITES__ACME__TOKEN_KIND": "bearer", "ATLASLENS_SITES__ACME__EMAIL": ""})

    assert load_settings().sites["acme"].email == ""


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "https://[::1]:9200", "https://a-b.atlassian.net/"]
)
def test_usable_addresses_are_taken_without_a_slash_at_the_end(env, address):
    env({**SITE, "ATLASLENS_SITES__ACME__URL": address})

    assert load_settings().sites["acme"].url == address.rstrip("/")


def test_no_secret_is_shown(env):
    env({**SITE, "ATLASLENS_OPENSEARCH__PASSWORD": SECRET})
    settings = load_settings()

    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "s3cret" not in shown


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().log.level = "debug"


def test_a_named_env_file_that_is_missing_is_told():
    error = problem(Path("none.env"))

    assert error.message == "cannot read the settings file none.env"
    assert error.hint == "No such file or directory"


def test_a_folder_in_the_place_of_the_env_file_is_told():
    Path(".env").mkdir()

    assert problem().hint == "it is a folder"


def test_a_binary_env_file_is_told():
    Path(".env").write_bytes(b"ATLASLENS_LOG__LEVEL=\xff\xfe\x00")

    assert problem().hint == "it is not UTF-8 text"


def test_an_env_file_that_may_not_be_read_is_told(monkeypatch):
    dotenv(SITE)

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert problem().one_line() == "cannot read the settings file .env: Permission denied"


def test_a_name_without_a_value_is_told():
    Path(".env").write_text("ATLASLENS_LOG__LEVEL\n", encoding="utf-8")

    assert (
        problem().one_line()
        == "the setting ATLASLENS_LOG__LEVEL in .env has no value: write ATLASLENS_LOG__LEVEL=value"
    )


def test_a_missing_secrets_folder_is_told(env):
    env({"ATLASLENS_SECRETS_DIR": "nowhere"})

    assert problem().one_line() == "cannot read nowhere: No such file or directory"


def test_a_binary_secret_is_told_by_its_file(secrets):
    (secrets / "ATLASLENS_OPENSEARCH__PASSWORD").write_bytes(b"s3cret\xff")

    error = problem()

    assert error.message.endswith("ATLASLENS_OPENSEARCH__PASSWORD")
    assert error.hint == "it is not UTF-8 text"


def test_other_files_and_folders_beside_secrets_do_not_matter(secrets):
    (secrets / "README").write_bytes(b"\xff")
    (secrets / "ATLASLENS_FOLDER").mkdir()
    data = secrets / "..data"
    data.mkdir()
    (data / "ATLASLENS_LOG__LEVEL").write_text("debug")
    (secrets / "ATLASLENS_LOG__LEVEL").symlink_to(data / "ATLASLENS_LOG__LEVEL")

    assert load_settings().log.level == "debug"


def test_the_secrets_folder_is_not_named_in_the_env_file():
    dotenv({"ATLASLENS_SECRETS_DIR": "x"})

    assert "cannot be set in .env" in problem().message


def test_every_setting_has_a_name_and_a_description():
    names = variable_names()

    assert all(names.values())
    assert "ATLASLENS_SITES__<SITE>__API_TOKEN" in names
    assert "ATLASLENS_OPENSEARCH__URL" in names


def test_an_account_is_set_apart_by_a_password_or_a_certificate(env):
    env(
        {
            "ATLASLENS_OPENSEARCH__READER__USERNAME": "atlaslens-reader",
            "ATLASLENS_OPENSEARCH__READER__PASSWORD": SECRET,
            "ATLASLENS_OPENSEARCH__KEEPER__CLIENT_CERT": "keeper.pem",
        }
    )

    store = load_settings().opensearch

    assert [store.reader.is_set, store.keeper.is_set, store.admin.is_set] == [True, True, False]


@pytest.mark.parametrize(
    ("half", "told"),
    [
        ({"USERNAME": "atlaslens-reader"}, "a user name and a password go together"),
        ({"PASSWORD": SECRET}, "a user name and a password go together"),
        ({"CLIENT_KEY": "reader.key"}, "a client key needs its certificate"),
    ],
)
def test_half_an_account_is_refused(env, half, told):
    env({f"ATLASLENS_OPENSEARCH__READER__{name}": value for name, value in half.items()})

    assert told in problem().one_line()
