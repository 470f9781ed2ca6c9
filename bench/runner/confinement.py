"""What a process gives up for good: files, network, signals to others, privileges, resources.

Three mechanisms of Linux, none of which needs an administrator. Landlock lists the files that may
be opened, and keeps signals and abstract sockets within the process and its children. Seccomp
refuses system calls. Capabilities, which an administrator's processes have, are dropped. Each holds
for every child too, and nothing can take it back.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
import traceback
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

LANDLOCK, SECCOMP = "Landlock", "seccomp"

# the same numbers on every architecture; see linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIR
_CHANGE = _WRITE_FILE | sum(1 << bit for bit in range(4, 13))  # remove, make
_TRUNCATE, _REFER = 1 << 14, 1 << 13
_NET_OF_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
_TRUNCATE_SINCE, _REFER_SINCE, _NET_SINCE, _SCOPES_SINCE = 3, 2, 4, 6

# linux/prctl.h
_DIE_WITH_PARENT, _SECCOMP_FILTER, _DROP_CAPABILITY, _ADOPT, _NO_NEW_PRIVILEGES = 1, 22, 24, 36, 38
_LAST_CAPABILITY, _CAPABILITIES_3 = 63, 0x20080522


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # what _pack_ means, since Python 3.14
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def landlock_version() -> int:
    """The version of Landlock that this kernel has; 0 away from Linux, and on Linux before 5.13."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _system(_CREATE_RULESET, None, 0, _VERSION))


def available() -> bool:
    """Whether this kernel can refuse files."""
    return landlock_version() > 0


def expected() -> tuple[str, ...]:
    """What `confine` will agree to on this machine."""
    able = {LANDLOCK: available(), SECCOMP: _has_seccomp()}
    return tuple(name for name, is_able in able.items() if is_able)


def confine(read: Collection[Path], write: Collection[Path]) -> tuple[str, ...]:
    """Give up everything but some files, for this process and its children, for good.

    Call it before the process starts a thread.

    Parameters
    ----------
    read : collection of Path
        Files, and folders with all that they hold, that may be read.
    write : collection of Path
        Folders that may be read and changed, and files that may be written.

    Returns
    -------
    tuple of str
        What the kernel agreed to: `LANDLOCK`, `SECCOMP`, both or none.
    """
    agreed = []
    _prctl(_NO_NEW_PRIVILEGES, 1)
    drop_capabilities()
    version = landlock_version()
    if version:
        change = _CHANGE
        change |= _REFER if version >= _REFER_SINCE else 0
        change |= _TRUNCATE if version >= _TRUNCATE_SINCE else 0
        rules = dict.fromkeys(read, _READ) | dict.fromkeys(write, _READ | change)
        if _restrict(_READ | change, rules, alone=True):
            agreed.append(LANDLOCK)
    if refuse_calls(signals_held=LANDLOCK in agreed and version >= _SCOPES_SINCE):
        agreed.append(SECCOMP)
    return tuple(agreed)


def give_up_reading(folders: Collection[Path], *, but: Collection[Path] = ()) -> bool:
    """Read nothing below `folders` from now on, nor list a folder that contains one.

    Holds for this process and its children, for good. Landlock lists what is allowed, so
    everything that lies beside the way to the folders is, and the files in `but`.

    Returns
    -------
    bool
        Whether the kernel agreed.
    """
    if not available():
        return False
    denied = {Path(os.path.realpath(folder)) for folder in folders}
    allowed = [*beside(["/"], denied), *but]
    return _prctl(_NO_NEW_PRIVILEGES, 1) and _restrict(_READ, dict.fromkeys(allowed, _READ))


def beside(places: Iterable[str | Path], hidden: Collection[Path]) -> list[Path]:
    """Some files and folders, and of folders that hold something hidden what lies beside it.

    Parameters
    ----------
    places : iterable of str or Path
        Those that do not exist, or lie in something hidden, are left out. Links are followed here,
        and left out where they lie in a folder that holds something hidden.
    hidden : collection of Path
        Whose links are followed already.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp()).resolve()
    >>> for name in ("a/secret", "a/open", "b"):
    ...     (home / name).mkdir(parents=True)
    >>> [str(path.relative_to(home)) for path in beside([home], [home / "a/secret"])]
    ['a/open', 'b']
    """
    holding = {parent for place in hidden for parent in place.parents}
    found: set[Path] = set()
    ahead = [Path(os.path.realpath(place)) for place in places]
    while ahead:
        place = ahead.pop()
        if any(one in hidden for one in (place, *place.parents)):
            continue
        if place in holding:
            with suppress(OSError), os.scandir(place) as entries:
                ahead += [Path(entry.path) for entry in entries if not entry.is_symlink()]
        elif os.path.exists(place):
            found.add(place)
    return sorted(found)


def _restrict(handled: int, rules: dict[Path, int], *, alone: bool = False) -> bool:
    """Hold this process to some rights beneath some paths; `alone`: to itself, without TCP."""
    version = landlock_version()
    attributes = struct.pack(
        "=QQQ",
        handled,
        _NET_OF_TCP if alone and version >= _NET_SINCE else 0,
        _SCOPES if alone and version >= _SCOPES_SINCE else 0,
    )
    known = 24 if version >= _SCOPES_SINCE else 16 if version >= _NET_SINCE else 8
    ruleset = _system(_CREATE_RULESET, attributes, known, 0)
    if ruleset < 0:
        return False
    try:
        for path, rights in rules.items():
            _allow(ruleset, path, rights)
        return _system(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    with suppress(OSError):  # what is not there need not be allowed
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = _Beneath(rights, place)
        _system(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(place)


def limit(memory_limit_mb: int, **most: int) -> None:
    """Bound what this process and its children may use, each for itself; no core is ever written.

    Parameters
    ----------
    memory_limit_mb : int
        MiB of address space by which each may grow, where the system is Linux.
    **most : int
        Of other resources, called what `resource.RLIMIT_…` is; what the system refuses stays free.
    """
    import resource  # not on every system

    most["CORE"] = 0
    if sys.platform.startswith("linux"):
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most["AS"] = held * resource.getpagesize() + memory_limit_mb * 2**20
    for name, number in most.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (number, number))


def drop_capabilities() -> None:
    """Be nobody in particular, even where an administrator runs the bench."""
    if not sys.platform.startswith("linux"):
        return
    for number in range(_LAST_CAPABILITY + 1):
        _prctl(_DROP_CAPABILITY, number)
    header = struct.pack("=Ii", _CAPABILITIES_3, 0)
    with suppress(AttributeError):
        _libc().capset(header, bytes(24))


def live(work: Callable[[], None]) -> NoReturn:
    """What a copy of a process does, which dies with it: some work, and nothing after that."""
    status = 70
    try:
        die_with_parent()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - nobody above will see it
        traceback.print_exc()
    finally:
        os._exit(status)


def die_with_parent() -> None:
    """Be killed when the thread that started this process ends."""
    if sys.platform.startswith("linux"):
        _prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if sys.platform.startswith("linux"):
        _prctl(_ADOPT, 1)


# Numbers of system calls (x86_64, aarch64); None where an architecture has no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other machines, also by way of the kernel's own queues
    "socket": (41, 198),
    "io_uring_setup": (425, 425),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    # the end of all that belongs together is the end of its process group
    "setsid": (112, 157),
    "setpgid": (109, 154),
    # memory that outlives its process
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # worlds of one's own, and the kernel's workings
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    # facts about files, which Landlock leaves alone
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "truncate": (76, 45),
}
_OF_ANOTHER = {  # refused where an argument, by its place, names another process than the caller
    "prlimit64": ((302, 261), 0),
    "sched_setparam": ((142, 118), 0),
    "sched_setscheduler": ((144, 119), 0),
    "sched_setattr": ((314, 274), 0),
    "sched_setaffinity": ((203, 122), 0),
    "setpriority": ((141, 140), 1),
    "ioprio_set": ((251, 30), 1),
}
_SIGNALS = {  # where Landlock does not hold signals back
    "kill": ((62, 129), 0),
    "tkill": ((200, 130), 0),
    "tgkill": ((234, 131), 0),
    "rt_sigqueueinfo": ((129, 138), 0),
    "rt_tgsigqueueinfo": ((297, 240), 0),
}
_VALUES = {  # refused with these values of an argument
    "prctl": ((157, 167), 0, (_DIE_WITH_PARENT,)),
    "fcntl": ((72, 25), 1, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by detour
}
_CLONE, _CLONE_3 = (56, 220), (435, 435)
_NEW_WORLDS = 0x7E020080  # CLONE_NEW*: user, pid, net, ipc, uts, cgroup, mount, time
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32 = 0x40000000
_EPERM, _ENOSYS = 1, 38

# linux/bpf_common.h, linux/seccomp.h
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ERROR, _GO_ON = 0x00050000, 0x7FFF0000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def refuse_calls(*, signals_held: bool) -> bool:
    """Have the kernel refuse the system calls that a predictor has no use for, for good.

    Parameters
    ----------
    signals_held : bool
        Whether Landlock keeps signals within this process and its children; if not, only this
        process itself may be sent one.

    Returns
    -------
    bool
        Whether the kernel agreed; False on other processors than x86_64 and aarch64.
    """
    if not _has_seccomp():
        return False
    code = b"".join(
        struct.pack("=HBBI", *one) for one in instructions(platform.machine(), signals_held)
    )
    program = _Program(len(code) // 8, code)
    return _prctl(_SECCOMP_FILTER, 2, ctypes.byref(program))


def _has_seccomp() -> bool:
    return sys.platform.startswith("linux") and platform.machine() in _ARCHITECTURES


def instructions(machine: str, signals_held: bool) -> list[Instruction]:
    """The filter as the kernel wants it.

    Examples
    --------
    >>> instructions("aarch64", True)[-1] == (0x06, 0, 0, 0x7FFF0000)
    True
    """
    which, architecture = _ARCHITECTURES[machine]
    refuse: Instruction = (_RETURN, 0, 0, _ERROR | _EPERM)
    no_such: Instruction = (_RETURN, 0, 0, _ERROR | _ENOSYS)
    number: Instruction = (_LOAD, 0, 0, _NUMBER_AT)
    made: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 1, 0, architecture),
        no_such,  # a call in the manner of another architecture
        number,
    ]
    if machine == "x86_64":
        made += [(_IF_AT_LEAST, 0, 1, _X32), no_such]
    made += [(_IF_EQUAL, 0, 1, _CLONE_3[which]), no_such]  # libraries fall back to clone

    def where(call: int | None, test: list[Instruction]) -> list[Instruction]:
        if call is None:
            return []
        return [(_IF_EQUAL, 0, len(test) + 1, call), *test, number]

    for numbers in _REFUSED.values():
        if numbers[which] is not None:
            made += [(_IF_EQUAL, 0, 1, numbers[which] or 0), refuse]
    for numbers, place in _OF_ANOTHER.values():
        made += where(numbers[which], [_argument(place), (_IF_EQUAL, 1, 0, 0), refuse])
    for numbers, place, values in _VALUES.values():
        tests: list[Instruction] = [_argument(place)]
        for value in values:
            tests += [(_IF_EQUAL, 0, 1, value), refuse]
        made += where(numbers[which], tests)
    worlds: list[Instruction] = [_argument(0), (_IF_ANY_BIT, 0, 1, _NEW_WORLDS), refuse]
    made += where(_CLONE[which], worlds)
    for numbers, place in () if signals_held else _SIGNALS.values():
        own: list[Instruction] = [_argument(place), (_IF_EQUAL, 2, 0, 0)]
        own += [(_IF_EQUAL, 1, 0, os.getpid()), refuse]
        made += where(numbers[which], own)
    return [*made, (_RETURN, 0, 0, _GO_ON)]


def _argument(place: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * place)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, *arguments: object) -> bool:
    given = [*arguments, 0, 0, 0, 0][:4]
    try:
        return bool(_libc().prctl(option, *given) == 0)
    except AttributeError:
        return False


def _system(number: int, *arguments: object) -> int:
    call = _libc().syscall
    call.restype = ctypes.c_long
    return int(call(ctypes.c_long(number), *arguments))
