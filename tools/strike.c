/* A disk that fails at a chosen moment, for LD_PRELOAD: see forked_runs.py.

   Operations that change something below a folder are counted, and at a chosen number the process is killed before it,
   after it or halfway through it, or is told an error. Or else those are counted that only look: they are told an error.
   Reads of chosen files fail in a range of bytes, or from a chosen read on. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { GO = 0, BEFORE = -1, AFTER = -2, HALF = -3 };

static struct {
    char root[PATH_MAX], once[PATH_MAX];
    long at, count;
    int act, lasting, looks, log;
} plan = {.log = -1};

static struct {
    char root[PATH_MAX];
    long from, count;
    long long low, high;
    int error, log;
} sick = {.log = -1};

#define REAL(result, name, ...)                                \
    static result (*real)(__VA_ARGS__);                        \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static ssize_t plain_write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    return real(fd, data, size);
}

static int plain_open(const char *path, int flags, mode_t mode) {
    REAL(int, open64, const char *, int, ...);
    return real(path, flags, mode);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int name_of(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, out, PATH_MAX - 1);
    out[size < 0 ? 0 : size] = 0;
    return size > 0;
}

static int full(int folder, const char *path, char *out) {
    if (path[0] == '/') return snprintf(out, PATH_MAX, "%s", path) > 0;
    char base[PATH_MAX];
    if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !name_of(folder, base)) return 0;
    return snprintf(out, PATH_MAX, "%.*s/%s", PATH_MAX / 2, base, path) > 0;
}

static int below(const char *path, const char *root) {
    size_t size = strlen(root);
    return size && !strncmp(path, root, size) && (path[size] == '/' || !path[size]);
}

/* Count one operation and say what is to become of it: an error number, or one of the words above. */
static int met_either(int looks, const char *what, const char *path) {
    if (looks != plan.looks || !below(path, plan.root)) return GO;
    int kept = errno;
    long number = __atomic_add_fetch(&plan.count, 1, __ATOMIC_SEQ_CST);
    int struck = number == plan.at || (plan.lasting && plan.at && number > plan.at);
    if (struck && plan.once[0]) {
        int fd = plain_open(plan.once, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        struck = fd >= 0;
        if (struck) close(fd);
    }
    if (plan.log >= 0) {
        char text[PATH_MAX + 64];
        int size = snprintf(text, sizeof text, "%s%s %s\n", struck ? "*" : "", what, path);
        plain_write(plan.log, text, size);
    }
    errno = kept;
    if (!struck) return GO;
    if (plan.act == BEFORE) die();
    return plan.act;
}

static int met(const char *what, const char *path) {
    return met_either(0, what, path);
}

/* Tell whether a look at a path, or at an open file, fails, and set errno. */
static int is_unseen(const char *what, const char *name) {
    char path[PATH_MAX];
    if (!plan.looks || !plan.root[0] || !full(AT_FDCWD, name, path)) return 0;
    int act = met_either(1, what, path);
    if (act > 0) errno = act;
    return act > 0;
}

static int is_unread(int fd) {
    char path[PATH_MAX];
    if (!plan.looks || !plan.root[0] || fd == plan.log || !name_of(fd, path)) return 0;
    return is_unseen("read", path);
}

#define LEAVE(type, call)      \
    type result = call;        \
    if (act == AFTER) die();   \
    return result

static int met_fd(const char *what, int fd) {
    char path[PATH_MAX];
    if (!plan.root[0] || fd == plan.log || !name_of(fd, path)) return GO;
    return met(what, path);
}

static int met_at(const char *what, int folder, const char *name) {
    char path[PATH_MAX];
    if (!plan.root[0] || !full(folder, name, path)) return GO;
    return met(what, path);
}

#define ON_FD(what, type, name, half, declared, ...)           \
    type name declared {                                       \
        REAL(type, name, TYPES_##name);                        \
        int act = met_fd(what, fd);                            \
        if (act > 0) { errno = act; return -1; }               \
        if (act == HALF) { if (half) {} die(); }               \
        LEAVE(type, real(__VA_ARGS__));                        \
    }
#define TYPES_write int, const void *, size_t
#define TYPES_pwrite int, const void *, size_t, off_t
#define TYPES_pwrite64 int, const void *, size_t, off64_t
#define TYPES_writev int, const struct iovec *, int
#define TYPES_fsync int
#define TYPES_fdatasync int
#define TYPES_syncfs int
#define TYPES_ftruncate int, off_t
#define TYPES_ftruncate64 int, off64_t
ON_FD("write", ssize_t, write, size > 1 && real(fd, data, size / 2) < 0, (int fd, const void *data, size_t size), fd, data, size)
ON_FD("pwrite", ssize_t, pwrite, size > 1 && real(fd, data, size / 2, at) < 0, (int fd, const void *data, size_t size, off_t at), fd, data, size, at)
ON_FD("pwrite", ssize_t, pwrite64, size > 1 && real(fd, data, size / 2, at) < 0, (int fd, const void *data, size_t size, off64_t at), fd, data, size, at)
ON_FD("writev", ssize_t, writev, count > 1 && real(fd, parts, count / 2) < 0, (int fd, const struct iovec *parts, int count), fd, parts, count)
ON_FD("fsync", int, fsync, 0, (int fd), fd)
ON_FD("fdatasync", int, fdatasync, 0, (int fd), fd)
ON_FD("syncfs", int, syncfs, 0, (int fd), fd)
ON_FD("truncate", int, ftruncate, 0, (int fd, off_t size), fd, size)
ON_FD("truncate", int, ftruncate64, 0, (int fd, off64_t size), fd, size)

#define ON_PATH(what, name, folder, path, types, declared, ...) \
    int name declared {                                         \
        REAL(int, name, types);                                 \
        int act = met_at(what, folder, path);                   \
        if (act > 0) { errno = act; return -1; }                \
        if (act == HALF) die();                                 \
        LEAVE(int, real(__VA_ARGS__));                          \
    }
#define LIST(...) __VA_ARGS__
ON_PATH("unlink", unlink, AT_FDCWD, path, LIST(const char *), (const char *path), path)
ON_PATH("unlink", unlinkat, folder, path, LIST(int, const char *, int), (int folder, const char *path, int flags), folder, path, flags)
ON_PATH("rmdir", rmdir, AT_FDCWD, path, LIST(const char *), (const char *path), path)
ON_PATH("mkdir", mkdir, AT_FDCWD, path, LIST(const char *, mode_t), (const char *path, mode_t mode), path, mode)
ON_PATH("mkdir", mkdirat, folder, path, LIST(int, const char *, mode_t), (int folder, const char *path, mode_t mode), folder, path, mode)
ON_PATH("rename", rename, AT_FDCWD, to, LIST(const char *, const char *), (const char *from, const char *to), from, to)
ON_PATH("rename", renameat, there, to, LIST(int, const char *, int, const char *), (int here, const char *from, int there, const char *to), here, from, there, to)
ON_PATH("link", link, AT_FDCWD, to, LIST(const char *, const char *), (const char *from, const char *to), from, to)
ON_PATH("link", linkat, there, to, LIST(int, const char *, int, const char *, int), (int here, const char *from, int there, const char *to, int flags), here, from, there, to, flags)

#define MODE                                  \
    mode_t mode = 0;                          \
    if (flags & (O_CREAT | __O_TMPFILE)) {    \
        va_list rest;                         \
        va_start(rest, flags);                \
        mode = va_arg(rest, mode_t);          \
        va_end(rest);                         \
    }
#define OPENS(name, folder, types, declared, ...)                                                      \
    int name declared {                                                                                \
        REAL(int, name, types);                                                                        \
        MODE                                                                                           \
        int act = flags & (O_CREAT | O_TRUNC) ? met_at("create", folder, path) : GO;                   \
        if (!(flags & (O_CREAT | O_TRUNC)) && is_unseen("open", path)) return -1;                      \
        if (act > 0) { errno = act; return -1; }                                                       \
        if (act == HALF) die();                                                                        \
        LEAVE(int, real(__VA_ARGS__, mode));                                                           \
    }
OPENS(open, AT_FDCWD, LIST(const char *, int, ...), (const char *path, int flags, ...), path, flags)
OPENS(open64, AT_FDCWD, LIST(const char *, int, ...), (const char *path, int flags, ...), path, flags)
OPENS(openat, folder, LIST(int, const char *, int, ...), (int folder, const char *path, int flags, ...), folder, path, flags)
OPENS(openat64, folder, LIST(int, const char *, int, ...), (int folder, const char *path, int flags, ...), folder, path, flags)

/* Tell whether a read of a sick file fails, and set errno. */
static int is_sick(int fd, long long at, size_t size) {
    char path[PATH_MAX];
    if (!sick.root[0] || !name_of(fd, path) || !below(path, sick.root)) return 0;
    struct stat seen;
    if (fstat(fd, &seen) || !S_ISREG(seen.st_mode)) return 0;
    if (at < 0) at = lseek(fd, 0, SEEK_CUR);
    long number = __atomic_add_fetch(&sick.count, 1, __ATOMIC_SEQ_CST);
    int struck = sick.error && number >= sick.from && at < sick.high && at + (long long)size > sick.low;
    if (sick.log >= 0) {
        char text[64];
        int length = snprintf(text, sizeof text, "%s%lld\n", struck ? "*" : "", at);
        plain_write(sick.log, text, length);
    }
    if (struck) errno = sick.error;
    return struck;
}

ssize_t read(int fd, void *data, size_t size) {
    REAL(ssize_t, read, int, void *, size_t);
    return is_unread(fd) || is_sick(fd, -1, size) ? -1 : real(fd, data, size);
}

ssize_t __read_chk(int fd, void *data, size_t size, size_t room) {
    (void)room;
    return read(fd, data, size);
}

ssize_t pread(int fd, void *data, size_t size, off_t at) {
    REAL(ssize_t, pread, int, void *, size_t, off_t);
    return is_unread(fd) || is_sick(fd, at, size) ? -1 : real(fd, data, size, at);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t at) {
    REAL(ssize_t, pread64, int, void *, size_t, off64_t);
    return is_unread(fd) || is_sick(fd, at, size) ? -1 : real(fd, data, size, at);
}

#define LOOKS(result, name, failure, what, types, declared, ...) \
    result name declared {                                      \
        REAL(result, name, types);                              \
        return is_unseen(what, path) ? failure : real(__VA_ARGS__); \
    }
LOOKS(int, stat, -1, "stat", LIST(const char *, struct stat *), (const char *path, struct stat *seen), path, seen)
LOOKS(int, stat64, -1, "stat", LIST(const char *, struct stat64 *), (const char *path, struct stat64 *seen), path, seen)
LOOKS(int, lstat, -1, "stat", LIST(const char *, struct stat *), (const char *path, struct stat *seen), path, seen)
LOOKS(int, lstat64, -1, "stat", LIST(const char *, struct stat64 *), (const char *path, struct stat64 *seen), path, seen)
LOOKS(DIR *, opendir, NULL, "list", LIST(const char *), (const char *path), path)

void strike_arm(const char *root, long at, int act, int lasting, int looks, const char *log, const char *once) {
    plan.log = log && *log ? plain_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    snprintf(plan.once, sizeof plan.once, "%s", once ? once : "");
    plan.at = at, plan.act = act, plan.lasting = lasting, plan.looks = looks, plan.count = 0;
    snprintf(plan.root, sizeof plan.root, "%s", root);
}

void sicken(const char *root, long from, long long low, long long high, int error, const char *log) {
    sick.log = plain_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    sick.from = from, sick.low = low, sick.high = high, sick.error = error, sick.count = 0;
    snprintf(sick.root, sizeof sick.root, "%s", root);
}

/* Workers are programs of their own: they are armed by the environment. */
__attribute__((constructor)) static void begin(void) {
    const char *root = getenv("STRIKE_ROOT");
    char words[4096];
    int fd = root ? plain_open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC, 0) : -1;
    if (fd < 0) return;
    ssize_t size = read(fd, words, sizeof words - 1);
    close(fd);
    words[size < 0 ? 0 : size] = 0;
    for (ssize_t i = 0; i < size; i++)
        if (!words[i]) words[i] = ' ';
    if (strstr(words, "spawn_main"))
        strike_arm(root, atol(getenv("STRIKE_AT")), atoi(getenv("STRIKE_ACT")), 0, atoi(getenv("STRIKE_LOOKS")), getenv("STRIKE_LOG"), getenv("STRIKE_ONCE"));
}
