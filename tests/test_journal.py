"""A change of several files is made or not made, whatever stops it; the next command completes or undoes it."""

import errno
import fcntl
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from conftest import TODAY, Base, changed_to
from policykb.build import load
from policykb.cli import cli
from policykb.commands import common
from policykb.contribute import changes
from policykb.files import folder, journal
from policykb.files.reader import PENDING, PLAN
from policykb.model.problems import ConflictError, PolicykbError

CALLS = ("open", "write", "fsync", "sync", "link", "rename", "replace", "unlink", "mkdir", "rmdir")
FAILING = (*CALLS, "stat", "lstat", "fstat", "listdir", "scandir")
ORDER, SOURCE = "policies/actions/an-order.toml", "policies/documents/a-source.toml"
MEMORY = "policies/.imported/actions/an-order.json"

Files = dict[str, bytes]


def files(base: Base) -> Files:
    """Every file under policies/, hidden ones too."""
    return {
        str(path.relative_to(base.policies.parent)): path.read_bytes()
        for path in sorted(base.policies.rglob("*"))
        if path.is_file()
    }


def restore(base: Base, content: Files) -> None:
    """Make policies/ hold `content` and nothing else."""
    shutil.rmtree(base.policies)
    for path, data in content.items():
        place = base.policies.parent / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def command(base: Base, *arguments: str) -> tuple[int, str]:
    """The status and the messages of a command, run in this process."""
    result = CliRunner().invoke(
        cli, [*arguments, "--policies", str(base.policies), "--today", TODAY]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


def at_call(
    patch: pytest.MonkeyPatch,
    number: int,
    act: Callable[[], None],
    before: bool,
    calls: tuple[str, ...] = CALLS,
) -> None:
    """Do `act` before or after the call `number` of the system."""
    done = 0

    def replaced(real: Callable) -> Callable:
        def call(*arguments: object, **options: object) -> object:
            nonlocal done
            done += 1
            mine = done == number
            if mine and before:
                act()
            try:
                return real(*arguments, **options)
            finally:
                if mine and not before:
                    act()

        return call

    for name in calls:
        patch.setattr(os, name, replaced(getattr(os, name)))


def kill() -> None:
    """End this process as a power failure does."""
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    """Do what Python does when a person presses Ctrl+C."""
    raise KeyboardInterrupt


def stopped(
    run: Callable[[], object],
    number: int,
    before: bool = True,
    calls: tuple[str, ...] = CALLS,
) -> int:
    """Run in a process of its own, killed at the system call `number`; its status as `os.waitpid` gives it."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        signal.alarm(60)
        at_call(pytest.MonkeyPatch(), number, kill, before, calls)
        run()
    except BaseException:
        os._exit(3)
    os._exit(0)


@pytest.fixture
def four(base: Base) -> tuple[Base, list[changes.Change], Files, Files]:
    """A base and a change of four files: one changed, one new, one removed, one that remembers what a source said."""
    base.record("claims", "it-does-harm")
    base.record("arguments", "it-should-go")
    plan = [
        changed_to(base.policies, ORDER, (base.policies.parent / ORDER).read_text() + "# 1\n"),
        changed_to(base.policies, "policies/documents/new.toml", "# 2\n"),
        changed_to(base.policies, "policies/claims/it-does-harm.toml", None),
        changed_to(base.policies, MEMORY, "{}\n"),
    ]
    was = files(base)
    now = was | {path: after for path, _, after in plan if after is not None}
    del now["policies/claims/it-does-harm.toml"]
    return base, plan, was, now


@pytest.mark.parametrize("number", (5, folder.MANY * 5))
def test_large_change_waits_for_the_disk_a_few_times(base: Base, monkeypatch, number: int):
    waits: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: waits.append("fsync"))
    monkeypatch.setattr(os, "sync", lambda: waits.append("sync"))
    plan = [
        changed_to(base.policies, f"policies/documents/new-{place}.toml", "# 1\n")
        for place in range(number)
    ]
    changes.write(base.policies, plan)
    assert waits
    assert len(waits) <= number + 10 if number <= folder.MANY else len(waits) <= 10


def test_four_files_are_written_and_nothing_else_is_left(four):
    base, plan, _, now = four
    changes.write(base.policies, plan)
    assert files(base) == now
    assert not (base.policies / PENDING).exists()


@pytest.mark.thorough
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_kill_at_any_system_call_leaves_all_or_none_after_the_next_command(four, before: bool):
    base, plan, was, now = four
    halves, ends = 0, []
    for number in range(1, 200):
        restore(base, was)
        status = stopped(lambda: changes.write(base.policies, plan), number, before)
        left = {path: data for path, data in files(base).items() if PENDING not in path}
        halves += left not in (was, now)
        message = journal.recover(base.policies)
        assert files(base) in (was, now), number
        assert not (base.policies / PENDING).exists()
        if left not in (was, now):
            assert "an interrupted change of 4 files was completed: " + ORDER in message
        ends.append(files(base) == now)
        if not status:
            break
    else:
        pytest.fail("the change never ended")
    assert ends == sorted(ends) and set(ends) == {False, True}
    assert halves >= 3, "no kill left half a change, so nothing was tried"
    assert number > 40


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["rename", "merge", "check --fix", "apply", "import"])
def test_command_that_was_killed_can_be_repeated_or_was_made(base: Base, tmp_path: Path, name: str):
    base.record("actions", "other-order")
    stances = [{"action": "other-order", "stance": "supports"}]
    base.record("arguments", "it-should-stay", stances=stances)
    lines, table = tmp_path / "new.jsonl", tmp_path / "new.csv"
    new = {"type": "webpage", "title": "Another source", "grade": "primary"}
    both = [{"id": id, "url": f"https://example.org/{id}"} | new for id in ("b-source", "c-source")]
    lines.write_text("".join(f"{json.dumps({'record': 'document'} | one)}\n" for one in both))
    rows = [",".join(one.values()) for one in both]
    table.write_text("\n".join([",".join(both[0]), *rows]) + "\n")
    for order in ("an-order", "other-order"):
        file = base.policies / "actions" / f"{order}.toml"
        file.write_text(file.read_text().replace(" = ", "   =   ", 2))
    arguments = {
        "rename": ("other-order", "new-order", "--reason", "Named so"),
        "merge": ("other-order", "an-order", "--reason", "Named so"),
        "apply": (str(lines),),
        "import": (str(table),),
    }
    arguments = (*name.split(), *arguments.get(name, ()), "--yes")
    was = files(base)
    done = command(base, *arguments)
    assert done[0] == 0, done
    now = files(base)
    assert len(now.items() - was.items()) > 1
    for number in range(1, 20):
        restore(base, was)
        status = stopped(lambda: command(base, *arguments), number, calls=("replace", "unlink"))
        again = command(base, *arguments)
        assert files(base) == now
        assert again[0] in (0, 2), again  # made now, or there is no such record any more
        if not status:
            break
    assert number > 4


@pytest.mark.thorough
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_stop_by_a_person_leaves_all_or_none(four, before: bool):
    base, plan, was, now = four
    stops = 0
    for number in range(1, 200):
        restore(base, was)
        stop = False
        with pytest.MonkeyPatch.context() as patch:
            at_call(patch, number, interrupt, before)
            try:
                changes.write(base.policies, plan)
            except KeyboardInterrupt:
                stop = True
        stops += stop
        left = {path: data for path, data in files(base).items() if PENDING not in path}
        assert left in (was, now), number
        journal.recover(base.policies)
        assert files(base) == left
        if not stop:
            break
    assert stops > 40


def failing(
    monkeypatch: pytest.MonkeyPatch, number: int, fault: int, always: bool
) -> Callable[[], int]:
    """Let the system call `number`, or all from then on, fail with `fault`; a function that says how many there were."""
    done = 0

    def replaced(real: Callable) -> Callable:
        def call(*arguments: object, **options: object) -> object:
            nonlocal done
            done += 1
            if done == number or (always and done > number):
                raise OSError(fault, os.strerror(fault))
            return real(*arguments, **options)

        return call

    for name in FAILING:
        monkeypatch.setattr(os, name, replaced(getattr(os, name)))
    return lambda: done


@pytest.mark.thorough
@pytest.mark.parametrize("always", [False, True], ids=["once", "always"])
@pytest.mark.parametrize("fault", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
def test_failure_of_any_system_call_loses_nothing(four, fault: int, always: bool):
    base, plan, was, now = four
    failures = 0
    for number in range(1, 200):
        restore(base, was)
        with pytest.MonkeyPatch.context() as patch:
            calls = failing(patch, number, fault, always)
            try:
                changes.write(base.policies, plan)
                made = True
            except (OSError, PolicykbError, ConflictError):
                made = False
            met = calls() >= number
        left = {path: data for path, data in files(base).items() if PENDING not in path}
        failures += not made
        if made:
            assert left == now, number
        elif not always:
            assert left == was, number
        journal.recover(base.policies)
        assert files(base) in ([now] if made else [was, now]), number
        assert not (base.policies / PENDING).exists()
        if not met:
            break
    assert failures > 30


def test_disk_that_keeps_failing_is_named_and_nothing_is_lost(four, monkeypatch):
    base, plan, was, now = four
    real = os.replace

    def replace(source: object, target: object) -> None:
        if str(target).endswith("new.toml") or str(source).endswith(".old"):
            raise OSError(errno.EIO, "Input/output error")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(PolicykbError, match="the next command completes or undoes it"):
        changes.write(base.policies, plan)
    with pytest.raises(ConflictError) as refused:
        changes.write(base.policies, plan[2:3])
    assert [problem.code for problem in refused.value.problems] == ["S107"]
    monkeypatch.undo()
    command(base, "check")
    assert files(base) == now


def half(base: Base, plan: list[changes.Change]) -> None:
    """Leave a change of files half made, as a kill at its third file does."""
    assert stopped(lambda: changes.write(base.policies, plan), 3, calls=("replace", "unlink"))
    assert (base.policies / PENDING / PLAN).exists()


def test_completion_at_a_prompt_changes_no_file(base: Base, tmp_path: Path):
    base.record("documents", "b-source")
    lines = tmp_path / "notes.jsonl"
    ids = ("a-source", "b-source")
    lines.write_text("".join(f'{{"id": "{id}", "note": "Long."}}\n' for id in ids))
    assert stopped(lambda: command(base, "apply", str(lines), "--yes"), 3, calls=("replace",))
    was = files(base)
    shell = ShellComplete(cli, {}, "policykb", "_POLICYKB_COMPLETE")
    items = shell.get_completions(["show", "--policies", str(base.policies)], "b-")
    assert [item.value for item in items] == ["b-source"]
    assert files(base) == was


@pytest.mark.parametrize(
    ("call", "number", "made", "completed"),
    [("link", 2, False, False), ("replace", 3, True, True), ("rmdir", 5, True, False)],
    ids=["before its plan", "half made", "made, not cleared"],
)
def test_interrupted_change_can_be_undone_if_it_was_made(
    base: Base, tmp_path: Path, call: str, number: int, made: bool, completed: bool
):
    base.record("documents", "b-source")
    lines = tmp_path / "notes.jsonl"
    ids = ("a-source", "b-source")
    lines.write_text("".join(f'{{"id": "{id}", "note": "Long."}}\n' for id in ids))
    was = files(base)
    assert stopped(lambda: command(base, "apply", str(lines), "--yes"), number, calls=(call,))
    said = command(base, "check")[1]
    assert ("an interrupted change of 2 files was completed" in said) == completed
    assert (files(base) != was) == made
    status, said = command(base, "undo", "--yes")
    assert files(base) == was
    assert status == (0 if made else 2), said
    assert made or "there is no change to undo (the last 20, of up to 4 MB each, are" in said
    assert "git" not in said


def test_change_that_fails_is_not_remembered(base: Base, monkeypatch):
    assert command(base, "set", "an-order", "summary", "First.", "--yes")[0] == 0

    def edited_meanwhile(*_: object) -> None:
        (base.policies.parent / SOURCE).write_text("# mine\n")
        raise ConflictError([journal.changed_meanwhile(SOURCE)])

    monkeypatch.setattr(changes, "write_judged", edited_meanwhile)
    assert command(base, "set", "a-source", "note", "Second.", "--yes")[0] == 1
    monkeypatch.undo()
    assert command(base, "undo", "--yes")[0] == 0
    assert "First." not in (base.policies.parent / ORDER).read_text()


def test_change_with_damaged_new_content_is_taken_back(four):
    base, plan, was, _ = four
    half(base, plan)
    (base.policies / PENDING / "3.new").write_bytes(b"{")
    said = command(base, "check")[1]
    assert "an interrupted change of 4 files was undone: " in said
    assert files(base) == was


def test_file_changed_since_is_named_and_left_as_it_is(four):
    base, plan, *_ = four
    half(base, plan)
    (base.policies.parent / ORDER).write_text("# mine\n")
    left = files(base)
    status, said = command(base, "check")
    assert (status, said.splitlines()[0]) == (
        1,
        f"{ORDER}: S107 was changed after a change of it was interrupted; expected its content before "
        "or after that change; without policies/.pending all files stay as they are now",
    )
    assert any(
        line.startswith(f"policies/.pending/{PLAN}: S107 ") for line in said.splitlines()[1:]
    )
    assert base.run("load").returncode == 1
    status, said = command(base, "add", "alias", "it-should-stay", "x", "--yes")
    assert status != 0
    assert files(base) == left
    shutil.rmtree(base.policies / PENDING)
    assert "S107" not in command(base, "check")[1]
    assert (base.policies.parent / ORDER).read_text() == "# mine\n"


@pytest.mark.parametrize(
    "plan",
    [
        b"",
        b"[1]",
        b"{}" * 2,
        json.dumps([{"path": "policies/../../evil.toml", "before": None, "after": None}]).encode(),
        json.dumps([{"path": 1, "before": None, "after": None}]).encode(),
        json.dumps([{"path": ORDER, "before": 1, "after": []}]).encode(),
    ],
)
def test_plan_of_other_hands_changes_nothing(base: Base, plan: bytes):
    (base.policies / PENDING).mkdir()
    (base.policies / PENDING / PLAN).write_bytes(plan)
    was = files(base)
    status, said = command(base, "check")
    assert (status, "S107" in said) == (1, True)
    assert files(base) == was


def test_link_in_place_of_the_journal_is_not_followed(base: Base, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "0.new").write_text("theirs")
    (base.policies / PENDING).symlink_to(outside)
    assert "policies/.pending: S101 is a link" in command(base, "check")[1]
    with pytest.raises(ConflictError):
        changes.write(base.policies, [changes.Change(MEMORY, None, b"{}")])
    assert (outside / "0.new").read_text() == "theirs"
    assert os.listdir(outside) == ["0.new"]


def test_git_never_sees_the_journal(four):
    base, plan, *_ = four
    git = ["git", "-C", str(base.policies.parent), "-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True)
    half(base, plan)
    listed = subprocess.run(
        [*git, "status", "--porcelain", "-uall"], capture_output=True, text=True
    )
    assert ORDER in listed.stdout
    assert PENDING not in listed.stdout


# Several commands at once


def together(*runs: Callable[[], object]) -> list[int]:
    """Run each in a process of its own, all at once; the exit statuses."""
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(len(runs))

    def start(run: Callable[[], object]) -> None:
        gate.wait(30)
        os._exit(run() or 0)

    children = [context.Process(target=start, args=(run,)) for run in runs]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    return [child.exitcode for child in children]


@pytest.mark.thorough
def test_two_editors_of_one_file_lose_no_edit_that_was_said_to_be_written(base: Base):
    was = files(base)
    written = 0
    for _ in range(20):
        restore(base, was)
        statuses = together(
            *(
                lambda name=name: command(base, "add", "alias", "an-order", name, "--yes")[0]
                for name in ("One", "Two")
            )
        )
        text = (base.policies.parent / ORDER).read_text()
        for name, status in zip(("One", "Two"), statuses, strict=True):
            assert status in (0, 1)
            assert (f'"{name}"' in text) == (status == 0), (name, statuses, text)
        written += statuses.count(0)
        assert not (base.policies / PENDING).exists()
    assert written >= 20


@pytest.mark.thorough
def test_two_editors_of_different_files_leave_a_valid_base(base: Base):
    base.record("documents", "unused")
    was = files(base)

    def remove() -> int:
        gone = changed_to(base.policies, "policies/documents/unused.toml", None)
        return make(gone)

    def cite() -> int:
        text = (base.policies / "claims/it-does-good.toml").read_text()
        return make(
            changed_to(
                base.policies,
                "policies/claims/it-does-good.toml",
                text.replace('"a-source"', '"unused"'),
            )
        )

    def make(change: changes.Change) -> int:
        try:
            base.make([change])
        except ConflictError:
            return 1
        return 0

    for _ in range(20):
        restore(base, was)
        assert sorted(together(remove, cite)) == [0, 1]
        assert "R301" not in base.codes()


def test_what_others_changed_while_a_person_was_asked_is_judged_again(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    base.record("documents", "unused")
    gone = changed_to(base.policies, "policies/documents/unused.toml", None)
    monkeypatch.setattr(common.sys.stdin, "isatty", lambda: True, raising=False)

    def confirm(*_: object, **__: object) -> None:
        base.record("claims", "it-does-good", appearances=[{"document": "unused"}])

    monkeypatch.setattr(common.click, "confirm", confirm)
    with pytest.raises(ConflictError):
        common.carry_out(common.Run(base.policies, base.db, TODAY), [gone])
    assert (base.policies / "documents/unused.toml").exists()
    assert base.codes() == []


@pytest.fixture
def held(base: Base) -> Iterator[Base]:
    """A base that another process writes in."""
    handle = os.open(base.policies, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield base
    os.close(handle)


def test_nothing_is_read_while_another_command_writes(held: Base, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(folder, "WAIT", 0.1)
    with pytest.raises(folder.BusyError, match="another command is writing in"):
        load.check(held.policies, TODAY)
    assert command(held, "check") == (
        3,
        f"Error: another command is writing in {held.policies}\n",
    )


def test_database_beside_the_knowledge_itself_can_be_built(base: Base):
    base.db = base.policies / "kb.db"
    assert load.load(base.policies, base.db, TODAY, wait=1).errors == 0
