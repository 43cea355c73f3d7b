"""A new knowledge base from the installed package: complete, valid, loadable, and its workflows safe."""

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path

import pexpect
import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT, TODAY
from policykb.build.load import load
from policykb.cli import cli
from policykb.contribute.starter import jurisdiction
from policykb.files.toml_edit import values
from policykb.model.problems import InvalidInputError
from test_pages import Site

ANSWERS = ["--title", 'The "Rent" base', "--subject", "rents and housing"]
PLACES = ["--jurisdiction", "US-CA=California", "--jurisdiction", "US=United States"]


def run(*arguments: str, **options: str):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], **options)


def test_a_new_knowledge_base_is_valid_and_shown(tmp_path: Path):
    folder = tmp_path / "kb"
    repository = ["--repository", "https://github.com/me/rents/"]
    done = run("init", folder, *ANSWERS, *PLACES, *repository, "--license", "cc0 1.0")
    assert done.exit_code == 0, done.output
    result = load(folder / "policies", folder / "kb.db", TODAY)
    assert result.problems == [] and result.counts["action"] == 4
    assert (folder / "kb.db.sha256").exists()
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    status = subprocess.run([*git, "status", "--short"], capture_output=True, text=True)
    assert "policies/" in status.stdout and "kb.db" not in status.stdout
    about = values((folder / "policies" / "about.toml").read_text())
    assert about["title"] == 'The "Rent" base' and about["license"] == "CC0 1.0"
    assert about["new_url"] == "https://github.com/me/rents/new/main?filename={file}&value={text}"
    assert "code.example.org" not in str(about) and "weights" not in about["scope"]
    places = values((folder / "policies" / "jurisdictions.toml").read_text())
    assert places["us-ca"]["part_of"] == "us" and places["us"]["code"] == "US"
    page = Site(folder / "kb.db").get("/").text
    assert "The &#34;Rent&#34; base" in page and "rents and housing" in page
    readme = (folder / "README.md").read_text()
    assert "$" not in readme and readme.startswith('# The "Rent" base')


def test_the_command_to_run_next_can_be_copied(tmp_path: Path):
    done = run("init", tmp_path / "new kb", *ANSWERS)
    assert f"  cd '{tmp_path}/new kb'\n" in done.stderr


def test_a_new_knowledge_base_can_begin_without_examples(tmp_path: Path):
    assert run("init", tmp_path / "kb", *ANSWERS, "--no-examples").exit_code == 0
    db = tmp_path / "kb.db"
    assert load(tmp_path / "kb" / "policies", db, TODAY).problems == []
    assert "Examplia" not in Site(db).get("/").text


def test_init_overwrites_nothing_and_asks_for_what_it_needs(tmp_path: Path):
    (tmp_path / "README.md").write_text("Mine.")
    done = run("init", tmp_path, *ANSWERS)
    assert done.exit_code == 2 and "already has README.md" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert "--title is missing" in run("init", tmp_path / "kb").output
    unknown = [*ANSWERS, "--license", "My own"]
    assert "--license-url is missing" in run("init", tmp_path / "kb", *unknown).output
    assert not (tmp_path / "kb").exists()


@pytest.mark.slow
def test_init_asks_at_a_terminal_and_asks_again_after_a_mistake(tmp_path: Path):
    script = "from policykb.cli import main; main()"
    arguments = ["-c", script, "init", str(tmp_path / "kb"), "--no-examples"]
    terminal = pexpect.spawn(sys.executable, arguments, encoding="utf-8")
    for question, answer in (
        ("Name of the knowledge base", "Rents"),
        ("What are its policy actions about", "rents and housing"),
        ("Countries and regions", "Atlantis"),
        ("'Atlantis' is not a country[^:]*.*Countries and regions", "XE=Examplia; EU"),
        ("License", "My own"),
        ("Address of its text", "https://example.org/license"),
    ):
        terminal.expect(question, timeout=60)
        terminal.sendline(answer)
    terminal.expect("wrote 8 files", timeout=60)
    terminal.close()
    text = (tmp_path / "kb" / "policies" / "jurisdictions.toml").read_text()
    assert values(text).keys() == {"xe", "eu", "no-jurisdiction"}
    assert "My own" in (tmp_path / "kb" / "README.md").read_text()


def test_jurisdictions_are_known_by_code_and_name():
    assert jurisdiction("EU") == (
        "eu",
        {"name": "European Union", "kind": "union", "code": "EU"},
    )
    assert jurisdiction("XE-N = North Examplia") == (
        "xe-n",
        {"kind": "subdivision", "code": "XE-N", "part_of": "xe", "name": "North Examplia"},
    )
    with pytest.raises(InvalidInputError, match="'Atlantis' is not a country"):
        jurisdiction("Atlantis")
    pytest.importorskip("pycountry")
    assert jurisdiction("germany") == ("de", {"name": "Germany", "kind": "country", "code": "DE"})


def test_workflows_of_a_new_knowledge_base_may_only_do_what_they_need():
    for file in (ROOT / "scripts" / "policykb" / "starter" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {}
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert len(step.get("uses", "@" + 40 * "0").partition("@")[2]) == 40, file
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False
        program = shutil.which("zizmor", path=sysconfig.get_path("scripts"))
        checked = subprocess.run(
            [program, "--offline", str(file)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network from a copy, since a build leaves files in the source."""
    if int(version("setuptools").partition(".")[0]) < 77:  # not imported: others may have its parts
        pytest.skip("setuptools 77 or newer builds the wheel")
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "scripts", source / "scripts", ignore=ignored)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--quiet", "-w", str(source), str(source)], check=True)
    return next(source.glob("*.whl"))


@pytest.mark.thorough
def test_the_wheel_has_every_file_of_the_package(wheel: Path):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "scripts/policykb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = {name.removeprefix("scripts/") for name in listed.stdout.splitlines()}
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("policykb/")}
    assert names == {name for name in files if (ROOT / "scripts" / name).exists()}


@pytest.mark.thorough
def test_the_wheel_alone_makes_and_loads_a_knowledge_base(wheel: Path, tmp_path: Path):
    """Only the dependencies come from the environment of the tests, and no checkout is near."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"]
    subprocess.run([*install, "--quiet", "--no-index", str(wheel)], check=True)
    dependencies = sysconfig.get_path("purelib")
    place = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    (place / "dependencies.pth").write_text(dependencies + "\n")
    # The formatter is a program and not a module.
    (python.parent / "tombi").symlink_to(Path(sys.executable).parent / "tombi")
    command = str(python.parent / "policykb")

    def call(*arguments: str, cwd: Path = tmp_path) -> str:
        done = subprocess.run([command, *arguments], cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    call("init", "kb", *ANSWERS, *PLACES)
    assert call("check", "--strict", cwd=tmp_path / "kb").endswith("; 0 errors, 0 warnings\n")
    assert call("load", cwd=tmp_path / "kb").startswith("kb.db written: ")
    asked = ["query", "arguments-about", "-p", "action=xe-weights-order-section-4"]
    assert "let schools teach" in call(*asked, cwd=tmp_path / "kb")
    call("publish", "--static", "copy", cwd=tmp_path / "kb")
    assert (tmp_path / "kb" / "copy" / "index.html").is_file()
    code = "from policykb.model.problems import install; print(install('export'))"
    hint = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"[export] @ {wheel.as_uri()}" in hint
