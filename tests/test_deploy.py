"""The files to run the service from: image, replicas, proxy. Tools judge them where they are there, and the proxy is run."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from conftest import ROOT, commands, free_port
from test_site import serving

CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
COMPOSE = ROOT / "deploy" / "compose.yaml"
PROXY = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
NGINX = shutil.which("nginx")
HADOLINT = Path(sys.executable).with_name("hadolint")


def instructions(name: str) -> list[str]:
    """What stands after each instruction `name`, lines joined."""
    return re.findall(rf"^{name} +(.*)$", CONTAINERFILE.replace("\\\n", ""), re.MULTILINE)


# The image


@pytest.mark.skipif(not HADOLINT.exists(), reason="Missing: hadolint.")
def test_hadolint_finds_nothing():
    judged = subprocess.run(
        [HADOLINT, ROOT / "Containerfile"], capture_output=True, text=True, timeout=60
    )
    assert (judged.returncode, judged.stdout) == (0, "")


def test_image_starts_from_a_named_release():
    bases = [base.split()[0] for base in instructions("FROM")]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases)


def test_image_runs_as_nobody_in_particular():
    user = instructions("USER")
    assert user == ["10001:10001"] and CONTAINERFILE.rindex("USER") > CONTAINERFILE.rindex("FROM")


def test_image_is_built_from_files_that_are_there_and_let_in():
    let_in = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = {
        source
        for line in instructions("COPY")
        if "--from" not in line
        for source in line.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_image_starts_the_service_with_options_it_has():
    entry = [
        part.strip('"')
        for line in (*instructions("ENTRYPOINT"), *instructions("CMD"))
        for part in line.strip("[]").split(", ")
    ]
    options = {
        option
        for parameter in commands()["serve"].params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert entry[0].endswith("bin/policykb") and entry[1] == "serve"
    given = {part for part in entry if part.startswith("--")}
    assert given == {"--db", "--host", "--no-watch", "--memory"} and given <= options


@pytest.mark.thorough
def test_health_check_tells_a_service_from_none(shipped):
    program = re.search(r'"-c", "(.*?)"\]', instructions("HEALTHCHECK")[0])[1]
    with serving(shipped.parent / "policies", shipped, "--no-watch") as (address, _):
        port = address.rpartition(":")[2]
        assert (
            subprocess.run(
                [sys.executable, "-c", program.replace("8001", port)], timeout=120
            ).returncode
            == 0
        )
    assert (
        subprocess.run(
            [sys.executable, "-c", program.replace("8001", port)], capture_output=True, timeout=120
        ).returncode
        != 0
    )


# The replicas


def test_compose_file_is_one():
    judged = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            COMPOSE,
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_every_service_is_bounded_and_may_do_little():
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert list(services) == ["policykb-a", "policykb-b", "proxy"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == [
            "no-new-privileges:true"
        ]
        assert service["mem_limit"] and service["pids_limit"] and service["tmpfs"]
        assert ":latest" not in service["image"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert [name for name, service in services.items() if "outside" in service["networks"]] == [
        "proxy"
    ]
    assert set(re.findall(r"server (policykb-\w+):8001", PROXY)) == services.keys() - {"proxy"}


def in_megabytes(size: str) -> int:
    """Return a size such as 64m or 1g in MB."""
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1].lower()]


def test_service_uses_less_memory_than_its_container_has():
    command = " ".join(instructions("CMD"))
    limit = int(re.search(r'"--memory", "(\d+)"', command)[1])
    for name, service in yaml.safe_load(COMPOSE.read_text())["services"].items():
        temporary = in_megabytes(re.search(r"size=(\w+)", service["tmpfs"][0])[1])
        own = limit + 64 if name.startswith("policykb") else 64  # and the process that watches
        assert own + temporary <= in_megabytes(service["mem_limit"]), name


# The proxy


@pytest.fixture
def proxy(shipped: Path, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """The address of the proxy, run with the configuration that is shipped before two services, and the first of them."""
    if not NGINX:
        (pytest.fail if os.environ.get("POLICYKB_TOOLS") == "required" else pytest.skip)(
            "Missing: nginx."
        )
    port = free_port()
    with (
        serving(shipped.parent / "policies", shipped, "--no-watch") as (first, service),
        serving(shipped.parent / "policies", shipped, "--no-watch") as (second, _),
    ):
        text = (
            re.sub(r"(?<= )/tmp(?=/)", str(tmp_path), PROXY)
            .replace("/dev/stdout", f"{tmp_path}/access.log")
            .replace("error_log stderr", f"error_log {tmp_path}/error.log")
        )
        for name, there in (
            ("policykb-a:8001", first),
            ("policykb-b:8001", second),
            ("8080", f"127.0.0.1:{port}"),
        ):
            text = text.replace(name, there.removeprefix("http://"))
        (tmp_path / "nginx.conf").write_text(text)
        tmp_path.chmod(0o755)
        user = ["-g", f"daemon off;{' user root;' if os.getuid() == 0 else ''}"]
        running = subprocess.Popen(
            [
                NGINX,
                "-p",
                str(tmp_path),
                "-c",
                str(tmp_path / "nginx.conf"),
                "-e",
                str(tmp_path / "error.log"),
                *user,
            ]
        )
        try:
            for _ in range(100):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://localhost:{port}", service
        finally:
            running.terminate()
            running.wait(20)


def raw(address: str, line: str, host: str) -> str:
    """Return the status line of the answer to a request as it is written here."""
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as connection:
        connection.sendall(f"{line}\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return connection.makefile("rb").readline().decode()


@pytest.mark.thorough
def test_proxy_keeps_pages_and_limits_visitors(proxy):
    address, service = proxy
    with httpx.Client(base_url=address, trust_env=False, timeout=120) as client:
        answers = [client.get("/actions/us-eo-14409") for _ in range(3)]
        assert [(answer.status_code, answer.headers["x-cache"]) for answer in answers] == [
            (200, "MISS"),
            (200, "HIT"),
            (200, "HIT"),
        ]
        assert answers[0].headers["content-encoding"] == "gzip" and address in answers[0].text
        again = client.get(
            "/actions/us-eo-14409", headers={"if-none-match": answers[0].headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert client.get("/about", headers={"host": "elsewhere.example"}).status_code == 421
        assert "421" in raw(address, f"GET {address}/about HTTP/1.1", "elsewhere.example")
        assert client.post("/about").status_code == 405
        asked = [client.get(f"/kb.json?sql=select+{number}").status_code for number in range(12)]
        assert asked[:5] == [200] * 5 and 429 in asked
        for hidden in (
            "/kb.json?s%71l=select+1",
            "/kb/actions.json?_where=1",
            "/%6Bb.json?sql=select+1",
            "/~6Bb.json?sql=select+1",
            "/kb/-/query.json?sql=select+1",
        ):
            assert client.get(hidden).status_code == 429, hidden
        service.terminate()
        service.wait(20)
        assert [client.get(f"/claims?page={number}").status_code for number in range(1, 5)] == [
            200
        ] * 4
        assert 429 in [client.get("/about").status_code for _ in range(150)]
