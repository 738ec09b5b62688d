"""Added to a submission: tries everything at import and prints what it could do."""

import ctypes
import json
import multiprocessing
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

import torch
from torch import nn

VALUES = globals().get("VALUES", {})


def connect(kind, family, address):
    with socket.socket(family, kind) as client:
        client.settimeout(2.0)
        client.connect(address)


def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def in_a_fork(attempt):
    child = os.fork()
    if child == 0:
        try:
            attempt()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise OSError("the child failed")


def train():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    nn.functional.cross_entropy(model(torch.randn(16, 4)), torch.zeros(16).long()).backward()
    optimizer.step()


def load_with_workers():
    dataset = torch.utils.data.TensorDataset(torch.arange(64.0))
    loader = torch.utils.data.DataLoader(dataset, batch_size=8, num_workers=2)
    assert sum(float(batch.sum()) for (batch,) in loader) == 2016.0


def draw():
    import matplotlib.pyplot as plt

    plt.plot([0, 1])
    plt.savefig("plot.png")


def write_temporary_files():
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory():
        file.write(b"x")


def copy_files():
    pathlib.Path("first").write_text("x")
    shutil.copy2("first", "second")
    pathlib.Path("second").touch()
    shutil.copytree(".", "copy", ignore=shutil.ignore_patterns("copy"))
    shutil.unpack_archive(shutil.make_archive("both", "gztar", "copy"), "unpacked")


def change(path, act):
    def seen():
        found = os.stat(path)
        return found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns

    before = seen()
    act(path)
    if seen() == before:
        raise OSError("nothing has changed")


def use_threads():
    threads = [threading.Thread(target=len, args=("",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def use_a_pool():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]


def read_siblings():
    scratch = pathlib.Path.cwd().parents[1]
    for folder in scratch.iterdir():
        if folder.name not in ("submission", pathlib.Path.cwd().parent.name):
            return list(folder.iterdir())
    return list(scratch.iterdir())


OUTSIDE, EXAMINER, ROOT = (VALUES.get(key) for key in ("outside", "examiner", "root"))
SUBMITTED = pathlib.Path(__file__)
ALLOWED = {
    "train": train,
    "load with workers": load_with_workers,
    "draw": draw,
    "write temporary files": write_temporary_files,
    "copy files": copy_files,
    "empty its own file": lambda: [open("mine", mode).close() for mode in ("w", "w+", "a", "w")],
    "give way": lambda: os.nice(1),
    "choose processors": lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)),
    "use threads": use_threads,
    "use a pool": use_a_pool,
    "read its own source": SUBMITTED.read_text,
    "discard": lambda: pathlib.Path("/dev/null").write_text("x"),
}
FORBIDDEN = {
    "read the checks": lambda: os.listdir(f"{ROOT}/grading/checks"),
    "read a check": lambda: pathlib.Path(f"{ROOT}/grading/checks/q6_attention.py").read_text(),
    "read the comparisons": lambda: pathlib.Path(f"{ROOT}/grading/compare.py").read_text(),
    "read the solution": lambda: pathlib.Path(f"{ROOT}/models/attention.py").read_text(),
    "read what data is made of": lambda: pathlib.Path(f"{ROOT}/data/digits.py").read_text(),
    "read somebody's file": lambda: pathlib.Path(OUTSIDE, "secret").read_text(),
    "read the home folder": lambda: os.listdir(os.path.expanduser("~" + "root")),
    "read other checks' folders": read_siblings,
    "write results": lambda: pathlib.Path(OUTSIDE, "results.json").write_text("{}"),
    "make a file elsewhere": lambda: pathlib.Path(OUTSIDE, "new").write_text("x"),
    "make a file in /tmp": lambda: pathlib.Path("/tmp", f"left-{os.getpid()}").write_text("x"),
    "change its submission": lambda: SUBMITTED.write_text(SUBMITTED.read_text()),
    "empty its submission": lambda: os.truncate(SUBMITTED, 0),
    "empty it by reading": lambda: os.close(os.open(SUBMITTED, os.O_RDONLY | os.O_TRUNC)),
    "remove its submission": lambda: os.rename(SUBMITTED, SUBMITTED.with_suffix(".old")),
    "change its submission's mode": lambda: change(SUBMITTED, lambda at: os.chmod(at, 0o600)),
    "change its submission's owner": lambda: os.chown(SUBMITTED, os.getuid(), -1),
    "change its submission's times": lambda: change(SUBMITTED, lambda at: os.utime(at, (1, 1))),
    "change the folder of all checks": lambda: change("../..", lambda at: os.chmod(at, 0o700)),
    "change the folder of results": lambda: change(OUTSIDE, lambda at: os.chmod(at, 0)),
    "mark a file": lambda: os.setxattr(SUBMITTED, "user.mark", b"x"),
    "change its inputs": lambda: pathlib.Path("../inputs/forged").write_text("x"),
    "make a device": lambda: os.mknod("device", 0o600 | 0o020000, os.makedev(1, 1)),
    "read the examiner's memory": lambda: open(f"/proc/{EXAMINER}/mem", "rb").read(1),
    "read the examiner's files": lambda: os.listdir(f"/proc/{EXAMINER}/fd"),
    "read the examiner's environment": lambda: open(f"/proc/{EXAMINER}/environ", "rb").read(1),
    "read the server's memory": lambda: open(f"/proc/{os.getppid()}/mem", "rb").read(1),
    "signal the examiner": lambda: os.kill(EXAMINER, 0),
    "signal the server": lambda: os.kill(os.getppid(), 0),
    "limit the examiner": lambda: __import__("resource").prlimit(EXAMINER, 0),
    "connect by TCP": lambda: connect(1, socket.AF_INET, ("127.0.0.1", VALUES["port"])),
    "listen by TCP": lambda: socket.create_server(("127.0.0.1", 0)).close(),
    "send by UDP": lambda: connect(2, socket.AF_INET, ("127.0.0.1", 9)),
    "send by IPv6": lambda: connect(2, socket.AF_INET6, ("::1", 9)),
    "ask for a name": lambda: socket.getaddrinfo("example.org", 80),
    "open a netlink socket": lambda: socket.socket(socket.AF_NETLINK).close(),
    "reach an abstract socket": lambda: connect(1, socket.AF_UNIX, "\0" + VALUES["abstract"]),
    "start a program": lambda: subprocess.run(["/bin/true"], check=True),
    "ask to be traced": lambda: in_a_fork(lambda: call("ptrace", 0, 0, 0, 0)),
    "make namespaces": lambda: in_a_fork(lambda: call("unshare", 0x10000000)),
    "regain rights": lambda: os.setuid(0) if os.getuid() else call("mount", 0, b"/", 0, 0, 0),
    "make a keyring": lambda: call("syscall", 248, b"user", b"a", b"b", 1, -2),
    "share memory by number": lambda: call("shmget", 0, 4096, 0o1600),
    "make semaphores by number": lambda: call("semget", 0, 1, 0o1600),
    "leave messages by number": lambda: call("msgget", 0, 0o1600),
    "leave messages by name": lambda: call("mq_open", b"/left", os.O_CREAT | os.O_RDWR, 0o600, 0),
    "slow the examiner down": lambda: os.setpriority(os.PRIO_PROCESS, EXAMINER, 1),
    "slow all its user's down": lambda: os.setpriority(os.PRIO_USER, 0, 1),
    "slow the server down": lambda: os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0)),
    "schedule the server": lambda: os.sched_setscheduler(os.getppid(), 0, os.sched_param(0)),
    "reschedule the server": lambda: os.sched_setparam(os.getppid(), os.sched_param(0)),
    "delay the server's files": lambda: call("syscall", 251, 1, os.getppid(), 0),
    "make a file in memory": lambda: os.memfd_create("x"),
    "hide from the scale": lambda: call("prctl", 4, 0, 0, 0, 0),
    "use io_uring": lambda: call("syscall", 425, 1, ctypes.create_string_buffer(128)),
}

if VALUES:
    told = {}
    attempts = {**ALLOWED, **FORBIDDEN} if VALUES["upper"] else ALLOWED
    for name, attempt in attempts.items():
        try:
            attempt()
            told[name] = "done"
        except BaseException as error:
            told[name] = f"{type(error).__name__}: {error}"[:150]
    told["user"] = str(os.getuid())
    told["capabilities"] = next(
        line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")
    )
    print("TOLD " + json.dumps(told))
