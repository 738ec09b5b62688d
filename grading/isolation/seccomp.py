"""A filter on system calls: what no check needs is refused, for this process and all it starts.

Forks and threads stay allowed, for the workers of a data loader. Modes and times of files are out
of Landlock's sight, and a worker may share its user with the grader: a call that changes them does
nothing and reports success, so that honest code can go on copying files. The filter is a program of
the kernel's packet-filter machine (https://docs.kernel.org/userspace-api/seccomp_filter.html).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass
from typing import NamedTuple

from grading.isolation.kernel import system_call

# By name: the number on x86_64, and on aarch64 (None where there is no such call).
REFUSED: dict[str, tuple[int, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "ioprio_set": (251, 30),
    "truncate": (76, 45),
    "file_setattr": (469, 469),
}
PRETENDED: dict[str, tuple[int, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}
MEMFD_CREATE, CLONE3, OPENAT2 = (319, 279), (435, 435), (437, 437)
DONE = 0  # in place of an error's number: the call reports success
NEW_NAMESPACES = 0x7E020000  # the CLONE_NEW* flags of clone
AF_UNIX = 1
PR_SET_DUMPABLE = 4  # hides a process from the examiner's scale
PRIO_PROCESS = 0
ACCESS, TRUNCATE = 0o3, 0o1000  # bits of the flags of open; an access of 1 or 2 is for writing


class Must(NamedTuple):
    """What an argument of a call must be, or must not be, for the call to pass.

    Attributes:
        argument: its place, from 0.
        value: compared with its lower half, where all that is compared here lies.
        mask: the bits that count.
        differ: whether it must be anything else.
    """

    argument: int
    value: int
    mask: int = 0xFFFFFFFF
    differ: bool = False


def _no_emptying(flags: int) -> tuple[Must, Must]:
    """Who empties a file opens it for writing, which every version of Landlock sees."""
    both = TRUNCATE | ACCESS
    return Must(flags, TRUNCATE, both, differ=True), Must(flags, both, both, differ=True)


ITSELF = Must(0, 0)  # a thread by its number may be another process's
SOMETIMES: dict[str, tuple[tuple[int, int | None], tuple[Must, ...]]] = {
    "socket": ((41, 198), (Must(0, AF_UNIX),)),
    "clone": ((56, 220), (Must(0, 0, mask=NEW_NAMESPACES),)),
    "prctl": ((157, 167), (Must(0, PR_SET_DUMPABLE, differ=True),)),
    "prlimit64": ((302, 261), (ITSELF,)),
    "setpriority": ((141, 140), (Must(0, PRIO_PROCESS), Must(1, 0))),
    "sched_setaffinity": ((203, 122), (ITSELF,)),
    "sched_setscheduler": ((144, 119), (ITSELF,)),
    "sched_setparam": ((142, 118), (ITSELF,)),
    "sched_setattr": ((314, 274), (ITSELF,)),
    "open": ((2, None), _no_emptying(1)),
    "openat": ((257, 56), _no_emptying(2)),
}
OTHER_TABLE = 0x40000000  # set in the number of an x32 call, a second table on x86_64

LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in the kernel's description of a call
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
SET_FILTER, ALL_THREADS = 1, 1


@dataclass(frozen=True)
class Machine:
    """An architecture that the filter knows.

    Attributes:
        code: the kernel's own name for it.
        column: its place in the tables above.
        seccomp: the number of the call that installs a filter.
    """

    code: int
    column: int
    seccomp: int


MACHINES = {
    "x86_64": Machine(0xC000003E, 0, 317),
    "aarch64": Machine(0xC00000B7, 1, 277),
}


Line = tuple[int, int, int, int]  # an instruction, what it skips if so and if not, its operand


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def restrict(memory_files: bool = False) -> None:
    """Install the filter, for good.

    Args:
        memory_files: whether files without a folder may be made, as a GPU's driver may do.

    Raises:
        OSError: if this architecture is unknown here, or the kernel refuses.
            `kernel.grant_nothing_new` has to come before.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no filter is written for {platform.machine()}")
    code = _program(machine, memory_files)
    program = _Program(len(code) // 8, code)
    system_call(machine.seccomp, SET_FILTER, ALL_THREADS, ctypes.byref(program))


def _program(machine: Machine, memory_files: bool) -> bytes:
    """The filter; a jump skips as many instructions as it says, if so and if not."""
    column = machine.column
    lines: list[Line] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, machine.code),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if column == 0:
        lines += [(AT_LEAST, 0, 1, OTHER_TABLE), _refuse(errno.ENOSYS)]
    for calls, answer in ((REFUSED, errno.EPERM), (PRETENDED, DONE)):
        for numbers in calls.values():
            number = numbers[column]
            if number is not None:
                lines += [(EQUAL, 0, 1, number), _refuse(answer)]
    # Older kernels lack these, so programs know another way; the flags of two are out of sight.
    for absent in (CLONE3, OPENAT2) if memory_files else (CLONE3, OPENAT2, MEMFD_CREATE):
        lines += [(EQUAL, 0, 1, absent[column]), _refuse(errno.ENOSYS)]
    for numbers, conditions in SOMETIMES.values():
        number = numbers[column]
        if number is not None:
            lines += _unless(number, conditions)
    lines.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _refuse(why: int) -> Line:
    return RETURN, 0, 0, REFUSE | why


def _unless(number: int, conditions: tuple[Must, ...]) -> list[Line]:
    """Refuse a call that does not meet all conditions."""
    lines: list[Line] = [(RETURN, 0, 0, ALLOW), _refuse(errno.EPERM)]
    for argument, value, mask, differ in reversed(conditions):
        refusal = len(lines) - 1  # so many lines on, counted from the one after the comparison
        jumps = (refusal, 0) if differ else (0, refusal)
        lines[:0] = [
            (LOAD, 0, 0, ARGUMENTS + 8 * argument),
            (AND, 0, 0, mask),
            (EQUAL, *jumps, value),
        ]
    return [(EQUAL, 0, len(lines), number), *lines]
