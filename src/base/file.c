/* file.c: whole files and folders by POSIX calls. What is written goes to a file beside its place
   and is renamed, so that a reader sees the old content or the new one, never a part. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(Arena *a, const char **why, const char *what, const char *path) {
  int code = errno;
  if (why) *why = arena_printf(a, "cannot %s `%s`: %s", what, path, strerror(code));
  return false;
}

/* Reads until the end: the size of a pipe or a device is not known before. */
static bool read_all(Arena *a, FILE *f, char **text, size_t *n) {
  size_t cap = 1 << 14, used = 0, got;
  char *buffer = arena_alloc(a, cap);
  while ((got = fread(buffer + used, 1, cap - 1 - used, f)) > 0) {
    used += got;
    if (used < cap - 1) continue;
    char *larger = arena_alloc(a, cap * 2);
    memcpy(larger, buffer, used);
    buffer = larger;
    cap *= 2;
  }
  buffer[used] = '\0';
  *text = buffer;
  *n = used;
  return !ferror(f);
}

/* Reads a regular file of a known size without growing. */
static bool read_sized(Arena *a, FILE *f, size_t size, char **text, size_t *n) {
  *text = arena_alloc(a, size + 1);
  *n = fread(*text, 1, size, f);
  return !ferror(f);
}

bool file_read(Arena *a, const char *path, char **text, size_t *n, const char **why) {
  struct stat st;
  FILE *f = fopen(path, "rb");
  if (!f) return fail(a, why, "read", path);
  bool ok = fstat(fileno(f), &st) == 0;
  if (ok && S_ISREG(st.st_mode) && st.st_size > 0) {
    ok = read_sized(a, f, (size_t)st.st_size, text, n);
  } else if (ok) {
    ok = read_all(a, f, text, n);
  }
  if (!ok) fail(a, why, "read", path);
  fclose(f);
  return ok;
}

bool file_write(Arena *a, const char *path, const void *data, size_t n, const char **why) {
  const char *beside = arena_printf(a, "%s.%ld.tmp", path, (long)getpid());
  FILE *f = fopen(beside, "wb");
  if (!f) return fail(a, why, "write", path);
  bool ok = n == 0 || fwrite(data, 1, n, f) == n;
  ok = ok && fflush(f) == 0;
  if (!ok) fail(a, why, "write", path);
  if (fclose(f) != 0 && ok) ok = fail(a, why, "write", path);
  if (ok && rename(beside, path) != 0) ok = fail(a, why, "write", path);
  if (!ok) unlink(beside);
  return ok;
}

bool file_exists(const char *path) {
  struct stat st;
  return stat(path, &st) == 0;
}

/* Behind a mkdir that failed: is a folder there all the same? If not, errno says why. */
static bool is_folder(const char *path) {
  int code = errno;
  struct stat st;
  bool there = stat(path, &st) == 0;
  errno = there ? ENOTDIR : code;
  return there && S_ISDIR(st.st_mode);
}

bool folder_make(Arena *a, const char *path, const char **why) {
  char *part = arena_strdup(a, path);
  for (char *p = part + 1; *part; p++) {
    if (*p != '/' && *p != '\0') continue;
    char kept = *p;
    *p = '\0';
    if (mkdir(part, 0777) != 0 && !is_folder(part)) return fail(a, why, "make folder", part);
    if (!kept) return true;
    *p = kept;
  }
  errno = ENOENT;
  return fail(a, why, "make folder", path);
}

bool folder_is_empty(const char *path) {
  DIR *dir = opendir(path);
  if (!dir) return false;
  int entries = 0;
  while (readdir(dir)) entries++;
  closedir(dir);
  return entries <= 2; /* . and .. */
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where) {
  (void)st;
  (void)type;
  (void)where;
  return remove(path);
}

bool folder_remove(Arena *a, const char *path, const char **why) {
  enum { OPEN_FOLDERS = 16 };
  if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0) return true;
  return fail(a, why, "remove", path);
}

bool folder_swap(Arena *a, const char *fresh, const char *path, const char **why) {
  const char *aside = arena_printf(a, "%s.%ld.old", path, (long)getpid());
  bool had = rename(path, aside) == 0;
  if (!had && errno != ENOENT) return fail(a, why, "move aside", path);
  if (rename(fresh, path) != 0) {
    fail(a, why, "write", path);
    if (had) (void)!rename(aside, path);
    return false;
  }
  return !had || folder_remove(a, aside, why);
}

void folder_each(Arena *a, const char *path,
                 void (*visit)(void *ctx, const char *path, const char *name), void *ctx) {
  DIR *dir = opendir(path);
  for (struct dirent *e; dir && (e = readdir(dir));)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      visit(ctx, path_join(a, path, e->d_name), e->d_name);
  if (dir) closedir(dir);
}

const char *path_join(Arena *a, const char *dir, const char *name) {
  size_t n = strlen(dir);
  if (name[0] == '/' || n == 0) return arena_strdup(a, name);
  return arena_printf(a, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

const char *path_suffixed(Arena *a, const char *folder, const char *suffix) {
  size_t n = strlen(folder);
  while (n > 1 && folder[n - 1] == '/') n--;
  return arena_printf(a, "%.*s%s", (int)n, folder, suffix);
}

const char *path_dir(Arena *a, const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return ".";
  return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

const char *path_stem(Arena *a, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  return dot && dot != name ? arena_strndup(a, name, (size_t)(dot - name)) : arena_strdup(a, name);
}
