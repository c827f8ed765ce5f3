"""Which account the node runs as. OpenSearch refuses root, so a root starter gives it to ``nobody``.

When some folder the node needs lies below one that ``nobody`` may not enter (``/root`` is 0700 nearly
everywhere), the node keeps one capability that lets it pass; see ``docs/adr/0002-embedded-engine.md``.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NOBODY = 65534
"""The overflow uid and gid of Linux: owns nothing, on every distribution."""

# include/uapi/linux/capability.h and prctl.h
_CAP_CHOWN = 0
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
_CAP_SETGID = 6
_CAP_SETUID = 7
_CAP_SETPCAP = 8
_CAPABILITY_VERSION_3 = 0x20080522
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account, and the capability it keeps (None: none at all)."""

    uid: int
    gid: int
    capability: int | None = None


def is_open_to(account: Account, path: Path) -> bool:
    """Whether the account may enter every folder above ``path`` and read (a folder: enter) ``path`` itself.

    Judged by mode bits, as the kernel does; access control lists may say otherwise, then the answer is on
    the safe side or the start fails with the node's own message.
    """
    resolved = path.resolve()
    folders = [*resolved.parents, resolved] if resolved.is_dir() else list(resolved.parents)
    if not all(_allows(account, folder, stat.S_IXOTH) for folder in folders):
        return False
    return resolved.is_dir() or _allows(account, resolved, stat.S_IROTH)


def _allows(account: Account, path: Path, other_bit: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & (other_bit << 6))
    if found.st_gid == account.gid:
        return bool(found.st_mode & (other_bit << 3))
    return bool(found.st_mode & other_bit)


def node_account(paths: Iterable[Path], *, held: frozenset[int] | None) -> Account | None:
    """The account to run the node as, given what it must reach; None: as whoever we are.

    ``held`` are our capabilities (``held_capabilities``).

    Raises:
        PermissionError: we are root, but may not become another account, or a path is closed to others and
            no capability can be passed on. The message says which.
    """
    if os.geteuid() != 0:
        return None
    if held is not None and not held >= {_CAP_CHOWN, _CAP_SETGID, _CAP_SETUID}:
        raise PermissionError(
            "OpenSearch refuses to run as root, and this root may not become another account"
        )
    account = Account(uid=NOBODY, gid=NOBODY)
    closed = next((path for path in paths if not is_open_to(account, path)), None)
    if closed is None:
        return account
    # The first reads and enters anything but writes nothing; containers usually have only the second.
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if held is not None and held >= {capability, _CAP_SETPCAP}:
            return Account(uid=NOBODY, gid=NOBODY, capability=capability)
    raise PermissionError(f"OpenSearch refuses to run as root, and {closed} is closed to other accounts")


def give(account: Account, folders: Iterable[Path]) -> None:
    """Make the account the owner of the folders and all they hold; symbolic links are not followed."""
    for folder in folders:
        os.chown(folder, account.uid, account.gid)
        for parent, names, files in os.walk(folder):
            for name in [*names, *files]:
                os.chown(os.path.join(parent, name), account.uid, account.gid, follow_symlinks=False)  # noqa: PTH118


def become(account: Account | None, *, parent_pid: int) -> None:
    """In a forked child, before exec: take the account and, on Linux, die with the watchdog.

    Raises:
        OSError: the kernel refuses.
    """
    if account is not None:
        if account.capability is not None:
            # Keeps capabilities over setuid, and makes access(2), which Java asks first, honour them:
            # without this bit the kernel answers it as for an account without any (access_override_creds).
            _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)  # from root these set the saved ids as well: no way back
        if account.capability is not None:
            _keep_only(account.capability)
    if sys.platform == "linux":
        # After setuid, which clears it. Covers a SIGKILL of the watchdog itself.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:  # it died before the line above
            os._exit(1)


def _prctl(option: int, argument: int, second: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(argument), ctypes.c_ulong(second), zero, zero) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _keep_only(capability: int) -> None:
    """Hold exactly this capability, and pass it on through exec as an ambient one (capabilities(7))."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    # Two 32-bit halves of (effective, permitted, inheritable).
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def held_capabilities() -> frozenset[int] | None:
    """The numbers of the capabilities in effect for us; None where there is no such thing (macOS)."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123  not a file of ours
            bits = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))
    except (OSError, StopIteration):
        return None
    return frozenset(number for number in range(bits.bit_length()) if bits >> number & 1)
