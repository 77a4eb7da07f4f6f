"""Foreign files are looked at in a child process, which can do no harm where the bytes are made to do some.

`parent.run` starts the child, `child` is the child, `limits` says how much it may use, `places` and `landlock` what it
may read, `wire` is what goes through the pipe between them, and `endings` puts the child's end in words.

What holds it, by system:

* Linux: limits on memory, address space, processor time, size of a file and open files. Landlock (from kernel 5.13)
  lets it read Python, msiss and the files that it is about, and write to its own folder only; from kernel 6.7 it keeps
  it from TCP, from 6.12 from the signals and abstract sockets of others.
* macOS: the same limits, as far as macOS keeps to them, without Landlock.
* Windows: the limit of time only.

Everywhere it is a process of its own, has nothing of the server's environment but what it needs, ends with the process
that started it, and opens no file outside the named folders by way of Python, also where a link leads out of them.
"""
