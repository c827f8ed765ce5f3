"""``setup --security`` as an operator runs it: passwords of the settings are used, others are written."""

from __future__ import annotations

import stat

from dotenv import dotenv_values

from atlaslens_forwarder.provision.security.roles import KEEPER, READER
from tests.integration.cli.conftest import Program

GIVEN = "gravel-otter-lantern-swim"


def env_file(secured, folder, **more):
    """Settings of whoever holds the administrator's certificate."""
    values = {
        "OPENSEARCH__URL": secured.url,
        "OPENSEARCH__CA_FILE": secured.security.ca_file,
        "OPENSEARCH__ADMIN__CLIENT_CERT": secured.security.admin_cert,
        "OPENSEARCH__ADMIN__CLIENT_KEY": secured.security.admin_key,
        "DATA_DIR": folder / "data",
    } | more
    path = folder / "setup.env"
    path.write_text("".join(f"ATLASLENS_{name}={value}\n" for name, value in values.items()))
    return path


async def test_passwords_are_renewed_from_the_settings_or_into_a_file(secured, tmp_path):
    program = Program(tmp_path)
    program.secrets |= {GIVEN}
    given = {"OPENSEARCH__READER__USERNAME": READER.name, "OPENSEARCH__READER__PASSWORD": GIVEN}
    renew = ("setup", "--security", "--renew", "reader", "--renew", "keeper", "--json", "--env-file")

    weak = await program(
        *renew, env_file(secured, tmp_path, **(given | {"OPENSEARCH__READER__PASSWORD": "aB3xY"}))
    )
    assert (weak.code, "shorter than 12" in weak.error) == (2, True)
    done = await program(*renew, env_file(secured, tmp_path, **given))

    assert done.code == 0, done.err
    security = done.json["security"]
    assert {item["name"] for item in security["items"] if item["action"] == "update"} == {
        READER.name,
        KEEPER.name,
    }
    file = tmp_path / "data" / "accounts.env"
    assert security["file"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    values = dotenv_values(file)
    assert [*values] == ["ATLASLENS_OPENSEARCH__KEEPER__USERNAME", "ATLASLENS_OPENSEARCH__KEEPER__PASSWORD"]
    made = str(values["ATLASLENS_OPENSEARCH__KEEPER__PASSWORD"])
    program.secrets.add(made)
    program.check(done.out + done.err)
    secured.passwords.update({READER.name: GIVEN, KEEPER.name: made})
    for name in (READER.name, KEEPER.name):
        assert (await secured.ask((name, secured.passwords[name]), "GET", "/"))[0] == 200
