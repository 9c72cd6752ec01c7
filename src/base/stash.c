/* stash.c: see stash.h. The file grows at its end, and begins anew when nothing is left in it. */
#include "base/stash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct Stash {
  size_t most, held; /* bytes in memory */
  int fd;            /* -1: there is no file */
  int64_t end, left; /* of the file; bytes in it that still wait */
  bool full;         /* nothing can be written there */
};

Stash *stash_new(size_t memory) {
  Stash *s = mem_alloc(sizeof *s);
  *s = (Stash){.most = memory, .fd = -1};
  return s;
}

void stash_free(Stash *s) {
  if (s && s->fd >= 0) close(s->fd);
  mem_free(s);
}

static int open_nameless(void) {
  const char *folder = getenv("TMPDIR");
  int fd = open(folder && *folder ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd < 0 && !(folder && *folder) ? open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : fd;
}

static bool write_at_end(Stash *s, const char *data, size_t n) {
  for (int64_t at = s->end; n > 0;) {
    ssize_t done = pwrite(s->fd, data, n, at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    data += done;
    at += done;
    n -= (size_t)done;
  }
  return true;
}

static bool put_in_file(Stash *s, const void *data, size_t n, Stashed *x) {
  if (s->full) return false;
  if (s->fd < 0) s->fd = open_nameless();
  s->full = s->fd < 0 || !write_at_end(s, data, n);
  if (s->full) return false;
  *x = (Stashed){.place = s->end, .n = n};
  s->end += (int64_t)n;
  s->left += (int64_t)n;
  return true;
}

Stashed stash_put(Stash *s, const void *data, size_t n) {
  Stashed x = {.n = n};
  if (n == 0 || (s->held + n > s->most && put_in_file(s, data, n, &x))) return x;
  x.data = mem_reserve(n);
  memcpy(x.data, data, n);
  s->held += n;
  return x;
}

char *stash_read(const Stash *s, const Stashed *x) {
  char *data = mem_reserve(x->n);
  if (x->data) return memcpy(data, x->data, x->n);
  for (size_t at = 0; at < x->n;) {
    ssize_t got = pread(s->fd, data + at, x->n - at, x->place + (int64_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      mem_free(data);
      return NULL;
    }
    at += (size_t)got;
  }
  return data;
}

void stash_drop(Stash *s, Stashed *x) {
  if (x->data)
    s->held -= x->n;
  else
    s->left -= (int64_t)x->n;
  mem_free(x->data);
  if (s->left == 0) s->end = 0;
  *x = (Stashed){0};
}
