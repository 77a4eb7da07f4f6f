"""imzML files: header, layout of the binary data, checks, peaks, ion images, and writing.

`reader` and `picking` make ion images of a file; the other modules are their parts. Only `msiss.data` and
`msiss.phantom` may import this package.
"""
