/* Preloaded into a process, it makes the machine fail while files of certain names lie in the folder $FAULTS:
   `full`: regular files take half of what is written to them, then nothing, as on a disk without room (what is said
   goes elsewhere);
   `back`: the clock of the day stands an hour behind. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) (*(__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static int present(const char *fault) {
    char path[4096];
    const char *folder = getenv("FAULTS");
    int before = errno, found;
    if (!folder || snprintf(path, sizeof path, "%s/%s", folder, fault) >= (int)sizeof path)
        return 0;
    found = access(path, F_OK) == 0;
    errno = before;
    return found;
}

static int full(int file) {
    struct stat about;
    return file > 2 && present("full") && fstat(file, &about) == 0 && S_ISREG(about.st_mode);
}

static ssize_t no_room(void) {
    errno = ENOSPC;
    return -1;
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (!full(file))
        return REAL(write)(file, bytes, count);
    return count > 64 ? REAL(write)(file, bytes, count / 2) : no_room();
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    if (!full(file))
        return REAL(pwrite)(file, bytes, count, at);
    return count > 64 ? REAL(pwrite)(file, bytes, count / 2, at) : no_room();
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    return pwrite(file, bytes, count, at);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
    return full(file) ? no_room() : REAL(pwritev)(file, parts, count, at);
}

int fsync(int file) { return full(file) ? (int)no_room() : REAL(fsync)(file); }

int fdatasync(int file) { return full(file) ? (int)no_room() : REAL(fdatasync)(file); }

int posix_fallocate(int file, off_t at, off_t length) {
    return full(file) ? ENOSPC : REAL(posix_fallocate)(file, at, length);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = REAL(clock_gettime)(clock, now);
    if (answer == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && present("back"))
        now->tv_sec -= 3600;
    return answer;
}
