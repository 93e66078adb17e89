"""Another OS user for Postgres, which refuses to run as root, and a folder that user can reach.

As an ordinary user nothing is needed: everything lives in the state directory. As root the data
goes to a folder outside of it, because a state directory below a home that only root may enter
cannot be reached by anybody else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

_CANDIDATES = ("embedded_postgres", "nobody")
_SHARED_PLACES = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108 (checked below)


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Who runs a server and where its files lie; `user` is None when that is simply us."""

    user: str | None
    folder: Path

    def give(self, path: Path) -> None:
        """Hand a file or an empty folder over to the user."""
        if self.user is not None:
            shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)


def tenancy(state: Path, copy_id: str) -> Tenancy:
    """The user and folder for servers that must not run as root."""
    if os.geteuid() != 0:
        return Tenancy(None, state)
    user = _unprivileged_user()
    for place in _SHARED_PLACES:
        if _may_enter(place, user) and os.access(place, os.W_OK):
            return Tenancy(user.pw_name, _own_folder(place / f"pipeline-{copy_id}"))
    raise RuntimeError(f"No folder for Postgres that user {user.pw_name} could reach")


def _unprivileged_user() -> pwd.struct_passwd:
    for name in _CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(
        "Postgres cannot run as root and there is no OS user `nobody`: "
        "start as an ordinary user, or set DATABASE_URL to a server of your own"
    )


def _may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether every folder down to this one lets the user pass."""
    for folder in (path, *path.parents):
        try:
            found = folder.stat()
        except OSError:
            return False
        bit = stat.S_IXUSR if found.st_uid == user.pw_uid else stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _own_folder(path: Path) -> Path:
    """Make our folder in a shared place; refuse one that somebody else put there."""
    path.mkdir(mode=0o755, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise RuntimeError(f"{path} exists and is not a folder of ours: remove it")
    path.chmod(0o755)
    return path
