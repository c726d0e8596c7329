/* Notes each write, cut, sync and removal of one database's files, in the order in which they
   happened, so that r1_power_cuts.py can stop the power between any two of them. Preloaded into
   the processes that write (LD_PRELOAD). A note: kind (1 byte), offset (8), length (4), length of
   the name (2), name, bytes written. What lies in the -shm file is never synced and not noted. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { LONGEST_NAME = 512, HEAD = 15 };

static int notes(void) {
    static int file = -2;
    if (file == -2) {
        const char *path = getenv("POWER_CUT_NOTES");
        file = path ? (int)syscall(SYS_openat, AT_FDCWD, path,
                                   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)
                    : -1;
    }
    return file;
}

static int is_watched(const char *name) {
    const char *database = getenv("POWER_CUT_DATABASE");
    if (notes() < 0 || !database || !strstr(name, database)) return 0;
    return !strstr(name, "-shm") && !strstr(name, ".lock");
}

static int name_of(int file, char *name) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, LONGEST_NAME - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return is_watched(name);
}

static void note(char kind, const char *name, uint64_t offset, const void *bytes, uint32_t count) {
    char head[HEAD];
    uint16_t length = (uint16_t)strlen(name);
    head[0] = kind;
    memcpy(head + 1, &offset, 8);
    memcpy(head + 9, &count, 4);
    memcpy(head + 13, &length, 2);
    struct iovec parts[3] = {{head, HEAD}, {(void *)name, length}, {(void *)bytes, count}};
    syscall(SYS_writev, notes(), parts, (long)(bytes ? 3 : 2));
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define WRITER(function, offset_type) \
    ssize_t function(int file, const void *bytes, size_t count, offset_type offset) { \
        REAL(ssize_t, function, int, const void *, size_t, offset_type); \
        ssize_t done = real(file, bytes, count, offset); \
        char name[LONGEST_NAME]; \
        if (done > 0 && name_of(file, name)) \
            note('W', name, (uint64_t)offset, bytes, (uint32_t)done); \
        return done; \
    }

#define CUTTER(function, offset_type) \
    int function(int file, offset_type length) { \
        REAL(int, function, int, offset_type); \
        int failed = real(file, length); \
        char name[LONGEST_NAME]; \
        if (!failed && name_of(file, name)) note('T', name, (uint64_t)length, 0, 0); \
        return failed; \
    }

#define SYNCER(function) \
    int function(int file) { \
        REAL(int, function, int); \
        int failed = real(file); \
        char name[LONGEST_NAME]; \
        if (!failed && name_of(file, name)) note('S', name, 0, 0, 0); \
        return failed; \
    }

WRITER(pwrite, off_t)
WRITER(pwrite64, off64_t)
CUTTER(ftruncate, off_t)
CUTTER(ftruncate64, off64_t)
SYNCER(fsync)
SYNCER(fdatasync)

int unlink(const char *name) {
    REAL(int, unlink, const char *);
    int failed = real(name);
    if (!failed && is_watched(name)) note('U', name, 0, 0, 0);
    return failed;
}
