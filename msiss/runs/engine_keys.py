"""The keys of the local engine. They allow code to be run as this account, so only this account can read them.

Every account of a machine can connect to its loopback address. So the scheduler, its workers and its clients use TLS
and authenticate with one self-signed certificate of the account, the only one that they accept.
"""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msiss.durable import appear, unfinished_name
from msiss.errors import RunError
from msiss.home import engine_folder, made

if TYPE_CHECKING:
    from distributed import Security

CERTIFICATE, KEY = "certificate.pem", "key.pem"
VALID = timedelta(days=3650)
PRIVATE = 0o700  # of the folder; the files in it are 0600


def security() -> "Security":
    """Return the TLS settings of the scheduler, workers and clients of the local engine.

    Raises
    ------
    RunError
        If the keys cannot be created, or belong to another account.
    """
    from distributed import Security

    folder = _keys()
    certificate, key = str(folder / CERTIFICATE), str(folder / KEY)
    roles = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=certificate,
        **{f"tls_{role}_cert": certificate for role in roles},
        **{f"tls_{role}_key": key for role in roles},
    )


def _keys() -> Path:
    """Return the folder of the keys; new keys are created if there are none or others may have read them."""
    folder = made(engine_folder()) / "keys"
    if not folder.exists():
        _make(folder)
    about = folder.stat()
    if hasattr(os, "getuid") and about.st_uid != os.getuid():
        raise RunError(
            f"The keys of the engine in {folder} belong to another account, which could run programs as you. Ask the "
            "person who maintains this server to remove that folder."
        )
    if os.name != "nt" and about.st_mode & 0o077:  # others may have read them
        _remove(folder)
        _make(folder)
    return folder


def _make(folder: Path) -> None:
    unfinished = unfinished_name(folder)
    try:
        unfinished.mkdir(mode=PRIVATE)
        for name, content in zip((CERTIFICATE, KEY), _certificate(), strict=True):
            with os.fdopen(os.open(unfinished / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
        appear(unfinished, folder)
    except OSError as error:
        if not folder.exists():  # else another process has just created them
            reason = error.strerror or error
            raise RunError(f"The keys of the engine cannot be written to {folder}: {reason}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _remove(folder: Path) -> None:
    doomed = unfinished_name(folder)
    folder.replace(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _certificate() -> tuple[bytes, bytes]:
    """Return a new self-signed certificate and its key as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "msiss engine")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks may be set back
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
