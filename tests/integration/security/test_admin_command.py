"""``admin`` as an operator runs it: passwords are made, shown once, and let in or not."""

from __future__ import annotations

from atlaslens_forwarder.provision.security.roles import ADMIN, KEEPER, READER, WRITER
from tests.integration.cli.conftest import Program


async def test_an_account_is_made_reset_disabled_and_enabled(secured, tmp_path):
    program = Program(tmp_path)
    values = {"URL": secured.url, "CA_FILE": secured.security.ca_file}
    for part, role in (("", WRITER), ("READER__", READER), ("KEEPER__", KEEPER), ("ADMIN__", ADMIN)):
        values |= {f"{part}USERNAME": role.name, f"{part}PASSWORD": secured.passwords[role.name]}
    env_file = tmp_path / "admin.env"
    env_file.write_text("".join(f"ATLASLENS_OPENSEARCH__{name}={value}\n" for name, value in values.items()))

    async def status(password):
        return (await secured.ask(("noor", password), "GET", "/atlaslens-events/_search"))[0]

    made = []
    for command, done in (("create", "created"), ("reset", "reset"), ("disable", ""), ("enable", "enabled")):
        generate = ("--generate",) if done else ()
        ended = await program("admin", command, "noor", *generate, "--json", "--env-file", env_file)
        assert ended.code == 0, ended.err
        assert ended.json["done"] == (done or "disabled")
        if done:
            made.append(ended.json["password"])
            assert await status(made[-1]) == 200
        else:
            assert await status(made[-1]) == 401

    first, second, third = made
    assert (await status(first), await status(second), await status(third)) == (401, 401, 200)
    again = await program("admin", "create", "noor", "--generate", "--json", "--env-file", env_file)
    assert (again.code, again.out) == (2, "")
