"""What every child may read: Python, the libraries, msiss itself."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
ROOT = PACKAGE.parent  # Python looks for the package in it, which takes its list of names

# Shared libraries, and what numerical libraries and Python ask the system for.
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/System",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/openssl.cnf",
    "/etc/crypto-policies",
    "/etc/mime.types",
    "/dev/urandom",
    "/dev/zero",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/filesystems",
    "/sys/devices/system",
)
# Names of servers and certificates.
_NETWORK = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/pki",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/run/systemd/resolve",
)


def of_python() -> list[Path]:
    """Return where Python, its libraries and msiss lie."""
    libraries = [path for path in map(Path, sys.path) if path.name in ("site-packages", "dist-packages")]
    own = [PACKAGE, Path(sys.prefix), Path(sys.base_prefix)]
    return [path.resolve() for path in (*own, *libraries, *map(Path, _SYSTEM))]


def of_network() -> list[Path]:
    """Return what is read to find a server and to know it."""
    return [Path(path).resolve() for path in _NETWORK]
