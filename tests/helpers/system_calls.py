"""Reading a trace of system calls for anything that leaves the machine."""

from __future__ import annotations

import re

CALLS = "connect,sendto,sendmsg,sendmmsg,openat"
REMOTE = re.compile(r"sin6?_port=htons\((?P<port>\d+)\).*?(?:inet_addr\(\"(?P<v4>[^\"]+)\"\)|AF_INET6, \"(?P<v6>[^\"]+)\")")


def leaks(trace: str) -> list[str]:
    """Lines of a trace that show a name look-up or a connection off the loopback."""
    found = []
    for line in trace.splitlines():
        if "/etc/resolv.conf" in line or "nscd/socket" in line:
            found.append(line)
            continue
        for match in REMOTE.finditer(line):
            address = match["v4"] or match["v6"] or ""
            local = address.startswith("127.") or address in ("::1", "::ffff:127.0.0.1")
            if not local or match["port"] == "53":
                found.append(line)
    return found
