"""Python processes that start in milliseconds: forked from one that has imported what is large.

A small study is some 40 processes, each of which would import Snakemake, pandas or torch for a
second to work for a tenth of one. So `python` gives the path of a program that takes arguments as
Python does and asks a server to fork, one for each process of pytest. Snakemake in its turn starts
scripts by `sys.executable`, which is this program too. The server imports nothing of the project.
A second server, forked from the first, has imported transformers too, which takes two seconds; it
serves all whose environment does not name a hub, at which transformers looks when imported.
A process dies with all that it started if who asked for it is killed.
What must be a process of its own starts by Python itself as ever: what runs in another
environment, jobs of a cluster, some of tests/e2e, and the studies of .ci/run.
"""

import marshal
import os
import socket
import sys

# Without those that look at the environment when imported: datasets, nltk
IMPORTED = """
    snakemake.api snakemake.cli snakemake.script snakemake.benchmark snakemake.report
    snakemake.report.html_reporter snakemake.profiles snakemake.storage
    numpy pandas pyarrow.parquet scipy.stats scipy.optimize torch safetensors.torch jinja2
    matplotlib.figure matplotlib.backends.backend_agg matplotlib.backends.backend_svg seaborn
    jsonschema yaml pytest nbformat requests smart_open hypothesis xdist.plugin
"""
MODELS = """
    transformers transformers.pipelines transformers.models.auto.modeling_auto
    transformers.models.auto.tokenization_auto transformers.models.bert.modeling_bert
"""
MODULES = ("snakemake", "pytest")  # with programs of their own beside Python's
started = {}  # the program that stands in for Python's, once its server runs


def python():
    """Return the program that stands in for Python's; the first call starts its server."""
    import subprocess
    import tempfile

    if not started:
        folder = tempfile.mkdtemp(prefix="pielab-")
        program = os.path.join(folder, "python")
        asking = os.path.join(os.path.dirname(__file__), "asking.py")
        client = f"exec '{sys.executable}' -IS '{asking}' '{program}'"
        # SLURM measures, suspends and kills what a step of a job starts
        itself = f"[ -z \"$SLURM_STEP_ID\" ] || exec '{sys.executable}'"
        for name, first in {"python": "", **{name: f"-m {name}" for name in MODULES}}.items():
            with open(os.path.join(folder, name), "w") as file:
                file.write(f'#!/bin/sh\n{itself} {first} "$@"\n{client} {first} "$@"\n')
            os.chmod(file.name, 0o755)
        # A fork has no threads but one, and the server ends with its standard input, so with pytest
        server = subprocess.Popen(
            [sys.executable, __file__, program],
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        server.stdout.readline()  # it listens
        started[program] = server
    return next(iter(started))


def parse_once(folder):
    """Let Snakemake parse and compile each snakefile once, and keep what came of it in a folder.

    That takes 0.2 s, half of what a small plan does.
    """
    import hashlib

    from snakemake import workflow
    from snakemake.sourcecache import LocalSourceFile

    parse = workflow.parse

    def kept(key, make):
        path = os.path.join(folder, hashlib.sha256(repr(key).encode()).hexdigest())
        try:
            with open(path, "rb") as file:
                return marshal.load(file)
        except OSError:
            made = make()
        with open(f"{path}.{os.getpid()}", "wb") as file:
            marshal.dump(made, file)
        os.replace(file.name, path)
        return made

    def parse_kept(path, workflow, linemap, rulecount=0):
        def make():
            lines = {}
            return [*parse(path, workflow, lines, rulecount=rulecount), lines]

        if not isinstance(path, LocalSourceFile):
            return parse(path, workflow, linemap, rulecount=rulecount)
        with open(name := path.get_path_or_uri(secret_free=True), encoding="utf-8") as file:
            code, rulecount, lines = kept(("parsed", name, file.read(), rulecount), make)
        linemap.update(lines)
        return code, rulecount

    def compile_kept(code, path, mode):
        return kept(("compiled", code, path), lambda: compile(code, path, mode))

    workflow.parse, workflow.compile = parse_kept, compile_kept


def serve(program):
    """Fork for each that asks, and return its arguments in the fork; end with standard input."""
    import gc
    import importlib
    import shutil
    import signal
    import weakref

    for name in IMPORTED.split():
        importlib.import_module(name)
    # Lists the plugins, which looks into all folders of packages each time
    importlib.import_module("snakemake.cli").get_argument_parser()
    os.mkdir(snakefiles := os.path.join(os.path.dirname(program), "snakefiles"))
    parse_once(snakefiles)
    has_models = not os.fork()
    for name in MODELS.split() if has_models else ():
        importlib.import_module(name)
    # Else each fork would write to all of them at its end: 7,000 pages, 0.05 s
    weakref.finalize._registry.clear()
    gc.collect()
    gc.freeze()  # a collection writes to what it looks at, and so would copy it in each fork
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{program}.models" if has_models else f"{program}.socket")
    listening.listen(64)
    if not has_models:
        print("listens", flush=True)
    ends, wakes = os.pipe()  # a byte for each process that ends
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    asking = {}  # who asked, by the process that works for them
    while 0 not in (ready := wait(listening, ends, asking)):
        if ends in ready:
            os.read(ends, 4096)
            tell_ends(asking)
        for child in [child for child, asked in asking.items() if asked.fileno() in ready]:
            # Who asked was killed, and so is all that works for them
            asking.pop(child).close()
            os.killpg(child, signal.SIGKILL)
        if listening.fileno() not in ready:
            continue
        asked, _ = listening.accept()
        if child := os.fork():
            asking[child] = asked
            os.setpgid(child, child)
            continue
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for opened in (listening, *asking.values()):
            opened.close()
        os.close(ends)
        os.close(wakes)
        return become(asked, program)
    for child in asking:  # what still runs
        os.killpg(child, signal.SIGTERM)
    if has_models:
        os._exit(0)
    shutil.rmtree(os.path.dirname(program))
    os.killpg(0, signal.SIGTERM)


def wait(listening, ends, asking):
    """Wait for who asks, for what ends and for the end of who asked; return the files' numbers."""
    import select

    watched = select.poll()
    for opened in (listening, 0, ends):
        watched.register(opened, select.POLLIN)
    for asked in asking.values():
        watched.register(asked, 0)
    return {number for number, _ in watched.poll()}


def tell_ends(asking):
    """Tell those whose processes have ended how they did."""
    import contextlib

    ended = True
    while ended:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if ended in asking:
            # Who asked may have been killed
            with asking.pop(ended) as asked, contextlib.suppress(OSError):
                asked.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def become(asked, program):
    """Return the arguments of the one who asked, in a process like a new one of theirs."""
    size, streams, *_ = socket.recv_fds(asked, 8, 3)
    with asked.makefile("rb") as file:
        arguments, folder, environment = marshal.loads(file.read(int.from_bytes(size, "big")))
    asked.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    environment = {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()}
    os.environ.update(environment)
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    if arguments[:2] == ["-m", "snakemake"]:
        sys.executable = program
    return arguments


def follow(arguments):
    """Do what Python does, and end without freeing what was imported, which takes 0.4 s."""
    import atexit
    import runpy
    import threading
    import traceback

    ended = 0
    try:
        kind, *others = arguments
        if kind in ("-c", "-m"):
            sys.argv, sys.path[0] = [kind, *others[1:]], os.getcwd()
            if kind == "-m":
                runpy.run_module(others[0], run_name="__main__", alter_sys=True)
            else:
                exec(compile(others[0], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv, sys.path[0] = arguments, os.path.dirname(os.path.abspath(kind))
            runpy.run_path(kind, run_name="__main__")
    except SystemExit as end:
        ended = end.code or 0
        if not isinstance(ended, int):
            print(ended, file=sys.stderr)
            ended = 1
    except BaseException:
        traceback.print_exc()
        ended = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended & 255)


if __name__ == "__main__" and (arguments := serve(sys.argv[1])):
    follow(arguments)
