"""What to do about files that cannot be used, where several findings have the same answer."""

CONVERT = "Export the data again, or convert it with another program."
COPY_AGAIN = "Copy or download both files again, or export them again from the instrument's software."
