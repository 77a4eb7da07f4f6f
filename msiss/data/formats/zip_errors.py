"""What `zipfile` raises for archives that are damaged, locked, packed in an unusual way or made to do harm."""

import zipfile
import zlib

ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError, OverflowError, NotImplementedError)
