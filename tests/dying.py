"""kill -9 in front of the n-th write, sync, rename or removal below a directory, by a library loaded before all others.

Random moments hit a window of some microseconds once in thousands of tries; this walks through every one of them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static long n_calls;

static void step(const char *path) {
    const char *below = getenv("DYING_BELOW"), *at = getenv("DYING_AT"), *told = getenv("DYING_COUNT");
    if (!below || !path || !strstr(path, below)) return;
    long n = __atomic_add_fetch(&n_calls, 1, __ATOMIC_SEQ_CST);
    if (at && n == atol(at)) kill(getpid(), SIGKILL);
    if (told) {
        int file = open(told, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dprintf(file, "%ld", n);
        close(file);
    }
}

static void step_in(int handle) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) { path[length] = 0; step(path); }
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);

ssize_t write(int f, const void *b, size_t n) { REAL(write) step_in(f); return real(f, b, n); }
ssize_t writev(int f, const struct iovec *v, int n) { REAL(writev) step_in(f); return real(f, v, n); }
ssize_t pwrite(int f, const void *b, size_t n, off_t o) { REAL(pwrite) step_in(f); return real(f, b, n, o); }
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) { REAL(pwrite64) step_in(f); return real(f, b, n, o); }
int fsync(int f) { REAL(fsync) step_in(f); return real(f); }
int fdatasync(int f) { REAL(fdatasync) step_in(f); return real(f); }
int ftruncate(int f, off_t n) { REAL(ftruncate) step_in(f); return real(f, n); }
int ftruncate64(int f, off64_t n) { REAL(ftruncate64) step_in(f); return real(f, n); }
int rename(const char *a, const char *b) { REAL(rename) step(b); return real(a, b); }
int unlink(const char *a) { REAL(unlink) step(a); return real(a); }
"""


class Dying:
    """Environments in which a process counts its steps below a directory, or dies in front of one of them."""

    def __init__(self, place: Path, below: Path) -> None:
        self._library, self._count, self._below = place / "dying.so", place / "steps", below
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("needs a C compiler to die at a system call: install one (Debian: apt install gcc)")
        source = place / "dying.c"
        source.write_text(_SOURCE)
        built = subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", str(self._library), str(source), "-ldl"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if built.returncode:
            pytest.skip(f"the C compiler cannot build for this machine: {built.stderr.splitlines()[0]}")

    def counting(self) -> dict[str, str]:
        """To find out how many steps there are."""
        self._count.unlink(missing_ok=True)
        return {"LD_PRELOAD": str(self._library), "DYING_BELOW": str(self._below), "DYING_COUNT": str(self._count)}

    def at(self, step: int) -> dict[str, str]:
        """To die in front of this step, the first is 1."""
        return {"LD_PRELOAD": str(self._library), "DYING_BELOW": str(self._below), "DYING_AT": str(step)}

    def n_steps(self) -> int:
        """How many the last counting process made."""
        return int(self._count.read_text()) if self._count.exists() else 0
