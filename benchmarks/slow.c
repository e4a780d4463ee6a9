/* Preloaded into PostgreSQL, it makes its disk slower: each fsync and fdatasync takes $FSYNC_US microseconds more. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void slowly(void) {
    const char *more = getenv("FSYNC_US");
    if (more)
        usleep(atoi(more));
}

int fsync(int file) {
    slowly();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
    slowly();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}
