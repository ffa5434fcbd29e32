"""Keep memory that a job has freed, since it is about to ask for as much again."""

import ctypes

# Of glibc's malloc.h, with what they are set to, in bytes
OPTIONS = {
    -1: 2**30,  # M_TRIM_THRESHOLD: so much may be free before it goes back to the system
    -2: 2**24,  # M_TOP_PAD: what is asked of the system beside what is needed
    -3: 2**25,  # M_MMAP_THRESHOLD: a larger array is mapped by itself, and goes back at once
}


def keep_freed() -> bool:
    """Let glibc keep what is freed; return whether it does, False where another library allocates.

    Arrays above 128 KiB are else mapped anew, each of their pages zeroed by the system at its first
    use. In jobs that make such arrays by the thousand that was a tenth of the processor's time.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no glibc
        return False
    return all([bool(mallopt(option, value)) for option, value in OPTIONS.items()])
