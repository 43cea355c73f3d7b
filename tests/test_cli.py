"""The command as a user meets it: help, data on standard output, messages on standard error, exit status, no traceback."""

import csv
import datetime
import io
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import jsonschema
import pexpect
import pytest
import rtoml
from click.testing import CliRunner
from conftest import (
    ROOT,
    TODAY,
    Base,
    commands,
    leaves,
    mostly_thorough,
    obey_permissions,
    policykb,
    policykb_process,
)
from policykb.cli import cli
from policykb.commands.common import print_problems
from policykb.model.problems import CODES, Problem
from policykb.read.questions import questions

COUNTS = "1 organization, 2 jurisdictions, 1 topic, 1 action, 1 argument, 1 claim, 1 document; 0 errors, 0 warnings\n"


def usage_error(result: subprocess.CompletedProcess) -> str:
    """What a command says when it is used wrongly: exit status 2, nothing on standard output, one line after the usage."""
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: ")
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", leaves())
def test_help_of_every_command_names_its_options(name: str) -> None:
    result = policykb(*name.split(), "--help")
    assert (result.returncode, result.stderr) == (0, "")
    command = leaves()[name]
    assert " ".join(command.help.split()) in " ".join(result.stdout.split())
    for option in (
        parameter for parameter in command.params if isinstance(parameter, click.Option)
    ):
        assert all(re.search(rf"{written}\b", result.stdout) for written in option.opts)


def test_help_lists_every_command() -> None:
    result = policykb("-h")
    assert (
        result.returncode,
        re.findall(r"^  ([\w-]+)  ", result.stdout.split("Commands:")[1], re.MULTILINE),
    ) == (0, list(commands()))


def test_version_is_that_of_the_package() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[
        1
    ]
    assert policykb_process("--version").stdout.endswith(f"policykb, version {version}\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status"),
    mostly_thorough(
        [
            (["query"], 0),
            (["check", "--format", "json"], 1),
            (["frobnicate"], 2),
            (["export", "file/schemas", "--format", "json-schema"], 3),
        ]
    ),
)
def test_a_process_says_and_ends_as_the_command_within_the_tests(
    tmp_path: Path, arguments: list[str], status: int
) -> None:
    (tmp_path / "file").touch()
    alone, within = (run(*arguments, cwd=tmp_path) for run in (policykb_process, policykb))
    assert alone.returncode == within.returncode == status
    assert (alone.stdout, alone.stderr) == (within.stdout, within.stderr)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["frobnicate"], "Error: No such command 'frobnicate'."),
        (["load", "frobnicate"], "Error: Got unexpected extra argument (frobnicate)"),
        (["check", "frobnicate"], "Error: FILES, --yes and --dry-run are for --fix"),
        (
            ["check", "--fix", "--format", "json"],
            "Error: --fix shows changes as text; leave out --format json",
        ),
        (
            ["check", "--format", "xml"],
            "Error: Invalid value for '--format': 'xml' is not one of 'text', 'json', 'github'.",
        ),
        (
            ["check", "--today", "2 June 2026"],
            "Error: Invalid value for '--today': '2 June 2026' is not a day; write it as 2026-06-15. Did you mean 2026-06-02?",
        ),
        (
            ["check", "--today", "2026-02-30"],
            "Error: Invalid value for '--today': '2026-02-30' is not a day; write it as 2026-06-15",
        ),
        (
            ["check", "--today", "2026-06"],
            "Error: Invalid value for '--today': '2026-06' is not a day; write it as 2026-06-15",
        ),
        (
            ["check", "--texts", "/nowhere"],
            "Error: Invalid value for '--texts': Directory '/nowhere' does not exist.",
        ),
        (
            ["check", "--policies", "/etc/passwd"],
            "Error: Invalid value for '--policies': Directory '/etc/passwd' is a file.",
        ),
        (["load", "--db", "/etc"], "Error: Invalid value for '--db': File '/etc' is a directory."),
        (
            ["load", "--wait", "-1"],
            "Error: Invalid value for '--wait': -1.0 is not in the range x>=0.",
        ),
        (
            ["query", "statu-on"],
            "Error: there is no question 'statu-on'; did you mean 'status-on'?",
        ),
        (["query", "zzzz"], "Error: there is no question 'zzzz'; `policykb query` lists them"),
        (["query", "status-on", "-p", "x"], "Error: -p x: write it as NAME=VALUE"),
        (
            ["query", "status-on", "--db", "/nowhere/kb.db"],
            "Error: /nowhere/kb.db does not exist; build it with: policykb load",
        ),
        (
            ["serve", "--db", "/nowhere/kb.db"],
            "Error: /nowhere/kb.db does not exist; build it with: policykb load",
        ),
        (
            ["serve", "--port", "70000"],
            "Error: Invalid value for '--port': 70000 is not in the range 0<=x<=65535.",
        ),
        (
            ["export", "/etc/passwd"],
            "Error: Invalid value for 'FOLDER': Directory '/etc/passwd' is a file.",
        ),
    ],
)
def test_wrong_use_is_told_in_one_line(arguments: list[str], expected: str) -> None:
    assert usage_error(policykb(*arguments)) == expected


def test_taken_port_is_one_message_with_a_free_port(base: Base) -> None:
    base.load()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = base.run("serve", "--port", str(port))
    message = rf"Error: port {port} of 127.0.0.1 is in use; port (\d+) is free: --port \1\n"
    assert result.returncode == 3 and re.fullmatch(message, result.stderr)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("x=1", "Error: 'x' is not a parameter of status-on; it has: on, jurisdiction"),
        (
            "on=2 June 2026",
            "Error: on='2 June 2026' is not a day; write it as 2026-06-15; did you mean 2026-06-02?",
        ),
        ("on=2026-06-02~", "Error: on='2026-06-02~' is not a day; write it as 2026-06-15"),
        ("on=2026-06", "Error: on='2026-06' is not a day; write it as 2026-06-15"),
    ],
)
def test_wrong_parameter_of_a_question_is_told_in_one_line(
    built: Base, parameter: str, expected: str
) -> None:
    assert usage_error(built.run("query", "status-on", "-p", parameter)) == expected


def test_check_of_a_valid_base(base: Base) -> None:
    result = base.run("check")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", COUNTS)


def test_warnings_are_told_and_leave_the_exit_status(base: Base) -> None:
    base.record("documents", "unused")
    result = base.run("check")
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (0, "", 2)
    assert result.stderr.startswith("policies/documents/unused.toml:1: C508 warning: ")
    result = base.run("load")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "kb.db written: " + COUNTS.replace(
        "1 document; 0 errors, 0 warnings\n",
        "2 documents; 0 errors, 1 warning (policykb check lists them)\n",
    )


def test_check_prints_json_and_nothing_else(base: Base) -> None:
    valid = base.run("check", "--format", "json")
    assert (valid.returncode, json.loads(valid.stdout), valid.stderr) == (0, [], COUNTS)
    base.record("claims", "it-does-good", kind="casual", text="\u00e9\n")
    base.record("actions", "an-order", as_of="2026-06-01")
    broken = base.run("check", "--format", "json")
    assert broken.returncode == 1
    assert [(problem["code"], problem["severity"]) for problem in json.loads(broken.stdout)] == [
        ("T404", "warning"),
        ("V701", "error"),
    ]
    assert broken.stderr == COUNTS.replace("0 errors, 0 warnings", "1 error, 1 warning")


def test_check_prints_one_command_of_github_a_problem(base: Base) -> None:
    base.record("claims", "it-does-good", kind="100%:\nnormative")
    base.record("actions", "an-order", as_of="2026-06-01")
    result = base.run("check", "--format", "github")
    assert result.returncode == 1
    warning, error = result.stdout.splitlines()
    assert error.startswith(
        "::error file=policies/claims/it-does-good.toml,line=2,title=V701::kind: '100%25:"
    )
    assert warning.startswith(
        "::warning file=policies/actions/an-order.toml,line=10,title=T404::warning: events[0].date: an event of type 'issued'"
    )


def test_query_prints_a_table(built: Base) -> None:
    result = built.run("query", "status-on")
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        result.stdout
        == """\
action    title     jurisdiction    instrument       stage    legal_force    since       because            as_of
--------  --------  --------------  ---------------  -------  -------------  ----------  -----------------  ----------
an-order  An order  us              executive_order  adopted  in_force       2026-06-02  2026-06-02 Issued  2026-06-02
"""
    )


def test_query_prints_json_and_csv(base: Base) -> None:
    base.record("actions", "an-order", title='An order, "the" order')
    base.load()
    row = {
        "action": "an-order",
        "title": 'An order, "the" order',
        "jurisdiction": "us",
        "instrument": "executive_order",
        "stage": "adopted",
        "legal_force": "in_force",
        "since": "2026-06-02",
        "because": "2026-06-02 Issued",
        "as_of": "2026-06-02",
    }
    as_json, as_csv = (
        base.run("query", "status-on", "-p", "jurisdiction=us", "--format", form)
        for form in ("json", "csv")
    )
    assert (as_json.returncode, as_json.stderr, json.loads(as_json.stdout)) == (0, "", [row])
    assert (as_csv.returncode, as_csv.stderr, list(csv.DictReader(io.StringIO(as_csv.stdout)))) == (
        0,
        "",
        [row],
    )
    assert (
        as_csv.stdout.splitlines()[1]
        == 'an-order,"An order, ""the"" order",us,executive_order,adopted,in_force,2026-06-02,2026-06-02 Issued,2026-06-02'
    )


def test_query_without_an_answer(built: Base) -> None:
    forms = [
        built.run("query", "status-on", "-p", "jurisdiction=us-ca", "--format", form).stdout
        for form in ("table", "json", "csv")
    ]
    assert forms == [
        "no rows\n",
        "[]\n",
        "action,title,jurisdiction,instrument,stage,legal_force,since,because,as_of\n",
    ]


def test_query_without_a_name_lists_the_questions_with_their_parameters() -> None:
    result = policykb("query")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.findall(r"^([\w-]+) ", result.stdout, re.MULTILINE) == list(questions("openness"))
    assert "\n    -p on=...  day, " in result.stdout


@pytest.mark.parametrize("content", [b"garbage" * 10_000, b""])
def test_query_of_a_file_that_is_no_knowledge_base(base: Base, content: bytes) -> None:
    base.db.write_bytes(content)
    result = base.run("query", "status-on")
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == ("Error: kb.db is not a knowledge base; build it with: policykb load\n")


@pytest.mark.parametrize(
    "words", ['" AND ( order*', "", '"', "title:order NEAR(", "\u202e", "-order"]
)
def test_any_words_can_be_searched_for(built: Base, words: str) -> None:
    result = built.run("query", "search", "-p", f"q={words}")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.thorough
def test_progress_is_told_in_plain_lines_where_there_is_no_terminal(base: Base) -> None:
    assert base.run("load").stderr == f"kb.db written: {COUNTS}"
    for number in range(2_000):
        base.record("claims", f"claim-{number}")
    for command, label in (("check", "checking"), ("load", "loading")):
        *lines, last = base.run(command).stderr.splitlines()
        assert last.endswith("2,001 claims, 1 document; 0 errors, 0 warnings")
        told = [re.fullmatch(rf"{label}: ([\d,]+) of 2,008 files", line)[1] for line in lines]
        assert 5 <= len(told) <= 10
        assert told[-1] == "2,008"


def test_commands_find_the_checkout_from_a_folder_inside_it(base: Base) -> None:
    checkout, inside = base.policies.parent, base.policies / "actions"
    assert policykb("load", "--today", TODAY, cwd=inside).stderr == f"kb.db written: {COUNTS}"
    assert (checkout / "kb.db").exists()
    assert (
        policykb("query", "status-on", "--format", "csv", cwd=inside)
        .stdout.splitlines()[1]
        .startswith("an-order,")
    )
    assert policykb("load", "--check", "--today", TODAY, cwd=checkout).returncode == 0
    assert sorted(os.listdir(inside)) == ["an-order.toml"]


def test_command_outside_of_a_checkout_says_what_is_missing(tmp_path: Path) -> None:
    result = policykb("check", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr
        == "policies: S101 cannot be read: No such file or directory\nno records; 1 error, 0 warnings\n"
    )


def plain(value: object) -> object:
    """TOML data as JSON has it: dates as ISO text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


@pytest.mark.thorough
def test_schemas_accept_every_shipped_file_and_refuse_an_unknown_key(tmp_path: Path) -> None:
    result = policykb("export", str(tmp_path / "schemas"), "--format", "json-schema")
    assert (result.returncode, result.stderr) == (0, "")
    written = [Path(line) for line in result.stdout.splitlines()]
    assert sorted(written) == sorted((tmp_path / "schemas").glob("*.json"))
    validators = {
        path.name.removesuffix(".schema.json"): jsonschema.Draft202012Validator(
            json.loads(path.read_text())
        )
        for path in written
    }
    used = set()
    for path in sorted((ROOT / "policies").rglob("*.toml")):
        name = path.stem if path.parent.name == "policies" else path.parent.name.removesuffix("s")
        content = plain(rtoml.loads(path.read_text()))
        assert [
            f"{path.name}: {error.message}" for error in validators[name].iter_errors(content)
        ] == []
        place = (
            content
            if name in ("about", "action", "argument", "claim", "document")
            else next(iter(content.values()))
        )
        place["frobnicate"] = 1
        assert any("frobnicate" in error.message for error in validators[name].iter_errors(content))
        used.add(name)
    assert (
        {
            "about",
            "action",
            "argument",
            "claim",
            "document",
            "organizations",
            "jurisdictions",
            "topics",
        }
        <= used
        <= validators.keys()
    )


def test_schema_in_a_place_that_cannot_be_written_is_told(base: Base) -> None:
    place = base.policies / "about.toml" / "schemas"
    result = policykb("export", str(place), "--format", "json-schema")
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == f"Error: {place}: not a directory\n"


@pytest.mark.slow
def test_text_that_may_not_be_read_is_told(base: Base, tmp_path: Path) -> None:
    base.record(
        "documents", "a-source", text_sha256="0" * 64, text_rule={"blocks": "lines", "skip": []}
    )
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a-source.txt").touch(0)
    result = base.run_process(
        "check", "--texts", str(tmp_path / "texts"), preexec_fn=obey_permissions
    )
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == f"Error: {tmp_path / 'texts' / 'a-source.txt'}: permission denied\n"


@pytest.mark.parametrize("code", CODES)
def test_check_explains_every_code(code: str) -> None:
    result = CliRunner().invoke(cli, ["check", "--explain", code.lower()])
    severity, title, _, example = CODES[code]
    assert result.exit_code == 0
    assert result.output.startswith(f"{code} {title} ({severity})\n\n")
    assert result.output.endswith(f"\n\nExample:\n  {example}\n")
    assert "](" not in result.output


def test_explanation_of_a_code_needs_no_knowledge_base(tmp_path: Path) -> None:
    result = policykb("check", "--explain", "T401", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("T401 not a date (error)\n")


def test_code_that_does_not_exist_is_refused_with_the_codes(tmp_path: Path) -> None:
    message = usage_error(policykb("check", "--explain", "T4O1", cwd=tmp_path))
    assert "'T4O1' is not a code of a problem; expected one of S101, S102, " in message


WITHOUT_POSIX = """
import os, signal, sys
sys.modules |= {"fcntl": None, "resource": None, "pwd": None, "grp": None, "termios": None}
del os.O_NOFOLLOW, os.O_NONBLOCK, signal.SIGHUP
from policykb.cli import main
main()
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["load"],
        ["new", "topic", "--name", "Weights", "--definition", "What they are.", "--yes"],
    ],
    ids=lambda words: words[0],
)
def test_command_runs_where_the_system_is_not_posix(base: Base, words: list[str]) -> None:
    command = [sys.executable, "-c", WITHOUT_POSIX, *words, *base.options()]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["chekc"], "check"),
        (["witdraw"], "withdraw"),
        (["new", "acton"], "action"),
        (["add", "evnt"], "event"),
    ],
)
def test_nearest_command_is_named(words: list[str], near: str) -> None:
    message = usage_error(policykb(*words))
    assert message == f"Error: No such command '{words[-1]}'. Did you mean '{near}'?"


def test_help_of_groups_is_never_cut() -> None:
    for name in ([], ["new"], ["add"]):
        output = policykb(*name, "--help").stdout
        assert "..." not in output.split("Commands:")[1].replace("[ARGS]...", "")


def test_variable_names_the_knowledge(
    base: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POLICYKB_POLICIES", str(base.policies))
    (tmp_path / "elsewhere").mkdir()
    result = policykb("load", "--today", TODAY, cwd=tmp_path / "elsewhere")
    assert result.returncode == 0, result.stderr
    assert base.db.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("policykb show an-", "an-office an-order"),
        ("policykb add event an-", "an-order"),
        ("policykb new action --instrument exec", "executive_order"),
        ("policykb new action --jurisdiction us-", "us-ca"),
        ("policykb query stat", "status-on"),
        ("policykb list act", "action"),
        ("policykb chec", "check"),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_ids_terms_and_questions(
    base: Base, shell: str, words: str, expected: str
) -> None:
    variables = {
        "_POLICYKB_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": words.split()[-1] if shell == "fish" else str(words.count(" ")),
        "POLICYKB_POLICIES": str(base.policies),
    }
    result = CliRunner().invoke(cli, env=variables, prog_name="policykb")
    lines = result.stdout.split("\n")
    items = {
        "bash": [line.partition(",")[2] for line in lines if "," in line],
        "zsh": lines[1::3],
        "fish": [line.partition(",")[2].partition("\t")[0] for line in lines if "," in line],
    }
    assert " ".join(items[shell]) == expected, result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_by_one_command(
    shell: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"HOME": tmp_path, "SHELL": f"/bin/{shell}"}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    result = policykb("completion")
    assert result.returncode == 0, result.stderr
    (place,) = (path for path in tmp_path.rglob("*policykb*") if path.is_file())
    assert str(place) in result.stderr
    assert f"_POLICYKB_COMPLETE={shell}_complete" in place.read_text()


@pytest.mark.parametrize("command", [("list",), ("list", "topic"), ("show", "rents")])
def test_records_of_a_folder_that_is_missing_are_no_empty_list(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "policies"
    result = policykb(*command, "--policies", str(folder))
    assert result.returncode == 2
    assert f"Error: {folder} does not exist" in result.stderr
    assert result.stdout == ""


def test_completion_that_cannot_be_written_is_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(file))
    result = policykb("completion", "bash")
    assert result.returncode == 3
    folder = file / "bash-completion" / "completions"
    assert result.stderr == f"Error: {folder}: not a directory\n"


def test_problems_left_out_are_listed_by_an_option_that_every_command_has(capsys) -> None:
    print_problems(
        [Problem("a.toml", line, "K202", "title", "is missing") for line in (1, 2, 3)], limit=2
    )
    assert capsys.readouterr().err.splitlines()[-1] == "... and 1 more; --json lists all"
    for name in ("withdraw", "set", "check", "load"):
        assert "--json" in policykb(name, "--help").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("color", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_problems_have_color_on_a_terminal_that_allows_it(
    base: Base, color: dict[str, str], colored: bool
) -> None:
    base.record("claims", "it-does-good", kind="casual")
    environment = {
        "TERM": "xterm",
        "PYTHONPATH": os.environ["PYTHONPATH"],
        "PATH": os.environ["PATH"],
    }
    words = ["-m", "policykb", "check", *base.options()]
    output = pexpect.run(
        f"{sys.executable} {' '.join(words)}", env=environment | color, encoding="utf-8"
    )
    assert "V701" in output
    assert ("\x1b[31mV701" in output) == colored
