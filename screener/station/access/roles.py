"""What each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from screener.station.storage.tables import Role


class Permission(StrEnum):
    """One thing that is allowed or not."""

    SEE = "see people and results"
    CHANGE = "add and change people, visits and recordings"
    EXPORT = "take results out"
    ERASE = "delete visits and erase people"
    PRACTICE = "change the settings of the practice"
    USERS = "add and change users"
    AUDIT = "read the audit log"
    BACKUP = "back up and restore"


_CLINICIAN = frozenset({Permission.SEE, Permission.CHANGE, Permission.EXPORT})
PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {Role.OWNER: frozenset(Permission), Role.CLINICIAN: _CLINICIAN, Role.VIEWER: frozenset({Permission.SEE})}
)


@dataclass(frozen=True)
class Actor:
    """Who does something.

    Attributes
    ----------
    user_id : int, optional
        None for the command line, whose user holds the passphrase.
    name : str
        For greeting; never logged.
    sign_in_epoch : int
        Of the user when the actor signed in.
    """

    user_id: int | None
    role: Role
    name: str = ""
    sign_in_epoch: int = 0

    def may(self, permission: Permission) -> bool:
        """Whether the role allows it."""
        return permission in PERMISSIONS[self.role]


COMMAND_LINE = Actor(None, Role.OWNER)
"""Whoever has the passphrase and a shell on the machine."""
