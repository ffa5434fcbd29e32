"""Jobs that are forks of one process."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pielab import forking

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def forks():
    return forking.Forks()


def nobody(process):
    return contextlib.nullcontext()


def run(forks, folder, text, environment=None):
    """Run a script of some lines in a fork; return its exit status."""
    script = folder / "script.py"
    script.write_text(text)
    return forks.run(str(script), environment or {}, nobody)


def test_a_fork_runs_a_script_as_python_does(forks, tmp_path):
    (tmp_path / "beside.py").write_text("NAME = 'beside'")
    text = f"""
import os, sys
import beside
assert __name__ == "__main__" and __file__ == sys.argv[0] and len(sys.argv) == 1
assert sys.modules["__main__"].beside is beside
assert sys.stdin.read() == ""
assert not any(path.endswith("/pielab") for path in sys.path)
open({str(tmp_path / "said")!r}, "w").write(os.environ["GIVEN"] + os.environ["OMP_NUM_THREADS"])
"""
    assert run(forks, tmp_path, text, {"GIVEN": "here"}) == 0
    assert (tmp_path / "said").read_text() == "here1"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 0),
        ("raise SystemExit", 0),
        ("raise SystemExit(3)", 3),
        ("import sys; sys.exit('a reason')", 1),
        ("1 / 0", 1),
        ("raise KeyboardInterrupt", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGKILL),
    ],
)
def test_the_exit_status_is_that_of_python_and_negative_for_who_is_killed(
    forks, tmp_path, text, status
):
    assert run(forks, tmp_path, text) == status
    assert run(forks, tmp_path, "") == 0  # the next one runs


def test_a_script_finds_nothing_that_another_one_changed(forks, tmp_path):
    change = "import os, sys, numpy; os.environ['LEFT'] = sys.left = numpy.left = 'left'"
    assert run(forks, tmp_path, change, {"OWN": "1"}) == 0
    look = "import os, sys, numpy; assert not {'LEFT', 'OWN'} & set(os.environ)"
    look += "; assert not hasattr(sys, 'left') and not hasattr(numpy, 'left')"
    assert run(forks, tmp_path, look) == 0


def test_forks_come_from_one_process_and_may_have_processes_of_their_own(forks, tmp_path):
    note = "import os; print(os.getppid(), file=open({!r}, 'w'))"
    for name in "ab":
        assert run(forks, tmp_path, note.format(str(tmp_path / name))) == 0
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() != f"{os.getpid()}\n"
    child = "import subprocess; assert subprocess.run(['false']).returncode == 1"
    assert run(forks, tmp_path, child) == 0


def test_what_is_slow_to_import_is_imported_once_for_the_later_jobs_of_a_script(tmp_path):
    forks, said = forking.Forks(), tmp_path / "said"
    text = f"""
import sys
open({str(said)!r}, "a").write(f"{{'matplotlib.figure' in sys.modules}} ")
import matplotlib.figure
"""
    for name in ("tmp1.draw.py", "tmp2.draw.py", "tmp3.other.py"):
        script = tmp_path / name
        script.write_text(text)
        assert forks.run(str(script), {}, nobody) == 0
        if name == "tmp1.draw.py":
            assert (
                run(forks, tmp_path, "import sys; assert 'matplotlib.figure' not in sys.modules")
                == 0
            )
    assert said.read_text() == "False True True "


def test_a_job_ends_though_a_process_that_it_left_goes_on(forks, tmp_path):
    text = f"""
import os, time
if child := os.fork():
    open({str(tmp_path / "child")!r}, "w").write(str(child))
else:
    time.sleep(60)
"""
    began = time.monotonic()
    assert run(forks, tmp_path, text) == 0
    assert time.monotonic() - began < 50
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def test_who_watches_knows_the_process_while_it_runs(forks, tmp_path):
    watched = []

    @contextlib.contextmanager
    def watch(process):
        watched.append(process)
        yield
        watched.append("ended")

    script = tmp_path / "script.py"
    script.write_text(f"import os; open({str(tmp_path / 'own')!r}, 'w').write(str(os.getpid()))")
    assert forks.run(str(script), {}, watch) == 0
    assert watched == [int((tmp_path / "own").read_text()), "ended"]


def test_nothing_runs_where_no_process_can_be_forked(tmp_path, monkeypatch):
    def fail():
        raise OSError

    monkeypatch.setattr(forking, "_start", fail)
    assert run(forking.Forks(), tmp_path, "raise SystemExit(3)") is None


def test_nothing_runs_once_the_process_that_forks_is_killed(tmp_path):
    forks = forking.Forks()
    kill = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    assert run(forks, tmp_path, f"{kill}; raise SystemExit(3)") == 3
    assert run(forks, tmp_path, "raise SystemExit(3)") is None


def test_the_process_ends_with_who_started_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import os; open({str(tmp_path / 'parent')!r}, 'w').write(str(os.getppid()))"
    )
    program = f"""
import contextlib, sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
from pielab import forking
watch = lambda process: contextlib.nullcontext()
assert forking.Forks().run({str(script)!r}, {{}}, watch) == 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "parent").read_text()), 0)
