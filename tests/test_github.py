"""Files for GitHub: valid by GitHub's own schemas, safe by the rules of zizmor, and the forms are those that are read back."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, commands, leaves, options
from policykb.contribute import issue_form
from policykb.model.vocabulary import BINDINGNESS

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
    return LOADED[name][True]  # YAML 1.1 reads the word `on` as true


def commands_called(text: str) -> list[list[str]]:
    """Each call of policykb in a text, as words."""
    return [
        found.split() for found in re.findall(r"(?:\.venv/bin/)?policykb ([a-z][^\n|;>\\`]*)", text)
    ]


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


def test_zizmor_finds_nothing_to_mend():
    result = tool("zizmor", "--offline", "--persona=auditor", "--no-progress", ".github")
    assert result.returncode == 0, result.stdout
    assert "No findings to report" in result.stdout + result.stderr


def test_code_of_a_pull_request_meets_no_secret_and_may_only_read():
    assert set(triggers("check.yml")) == {"pull_request"}
    assert [job["permissions"] for job in LOADED["check.yml"]["jobs"].values()] == [
        {"contents": "read"}
    ] * 2
    assert (
        "secrets" not in WORKFLOWS["check.yml"].read_text()
        and "github.token" not in WORKFLOWS["check.yml"].read_text()
    )
    comment = WORKFLOWS["comment.yml"].read_text()
    assert set(triggers("comment.yml")) == {"workflow_run"}
    assert (
        "uses:" not in comment
        and "policykb" not in comment
        and "checkout" not in comment.replace("checks out", "")
    )
    assert all(LOADED[name]["permissions"] == {} for name in LOADED)


def test_no_text_from_outside_becomes_part_of_a_command():
    for name, workflow in LOADED.items():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", ""), name
    assert not any("pull_request_target" in path.read_text() for path in WORKFLOWS.values())


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
        else [
            step["run"]
            for job in LOADED[name]["jobs"].values()
            for step in job["steps"]
            if "run" in step
        ]
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
        ("policykb-fix", "policykb fix --yes", r"^policies/.*\.toml$", True),
        ("policykb-check", "policykb check", r"^policies/.*\.toml$", False),
    }
