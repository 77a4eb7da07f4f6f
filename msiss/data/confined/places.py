"""Files that every child may read: Python, the libraries and msiss."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
ROOT = PACKAGE.parent  # Python lists it to find the package

# Shared libraries, and system information that Python and numerical libraries read.
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
# Host names and certificates.
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
    """Return the folders of Python, its libraries and msiss."""
    libraries = [path for path in map(Path, sys.path) if path.name in ("site-packages", "dist-packages")]
    own = [PACKAGE, Path(sys.prefix), Path(sys.base_prefix)]
    return [path.resolve() for path in (*own, *libraries, *map(Path, _SYSTEM))]


def of_network() -> list[Path]:
    """Return the files for host name resolution and for certificates."""
    return [Path(path).resolve() for path in _NETWORK]
