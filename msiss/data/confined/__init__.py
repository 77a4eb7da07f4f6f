"""Untrusted files are parsed in a confined child process, which limits the harm of malicious content.

`parent.run` starts the child, `child` is its main function, `limits` determines its resources, `places` and `landlock`
what it may read, `wire` is the encoding of messages in the pipe between them, and `endings` turns the end of the child
into an error.

Confinement by system:

* Linux: limits on memory, address space, processor time, size of a file and open files. Landlock (from kernel 5.13)
  lets it read only Python, msiss and its input files, and write only to its own folder; from kernel 6.7 it also denies
  TCP, from 6.12 signals to other processes and their abstract sockets.
* macOS: the same limits, as far as macOS enforces them, without Landlock.
* Windows: the limit of elapsed time only.

On every system it is a separate process with a minimal environment, ends with the process that started it, and cannot
open files outside the named folders by Python, also not through links.
"""
