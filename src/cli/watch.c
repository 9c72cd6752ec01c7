/* watch.c: runs a model again each time that it, or a file that it reads, is saved. Folders are
   watched rather than files: most editors save by renaming a new file into place. */
#include "cli/watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/usage.h"

/* A file that counts: its name in a watched folder. */
typedef struct Watched {
  int folder; /* the descriptor of the watch */
  char *path;
} Watched;

typedef struct Watch {
  int fd; /* of inotify */
  Watched *files;
  size_t n;
  bool changed; /* one was saved since the run began */
} Watch;

enum {
  SAVED = IN_CLOSE_WRITE | IN_MOVED_TO,
  TICK = 200, /* milliseconds between looks at Ctrl-C */
  SETTLE = 50 /* so long a save may take: editors write several files */
};

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* ---- which files ---- */

/* The watch of the folder that holds the file; inotify gives the same number for the same folder.
 */
static int watch_folder(Watch *w, const char *path) {
  size_t n = (size_t)(base_name(path) - path);
  char *folder = n ? strndup(path, n) : strdup(".");
  int id = folder ? inotify_add_watch(w->fd, folder, SAVED) : -1;
  free(folder);
  return id;
}

static bool is_watched(const Watch *w, const char *path) {
  for (size_t i = 0; i < w->n; i++)
    if (strcmp(w->files[i].path, path) == 0) return true;
  return false;
}

static bool add_file(Watch *w, const char *path) {
  if (is_watched(w, path)) return true;
  int folder = watch_folder(w, path);
  Watched *files = folder < 0 ? NULL : realloc(w->files, (w->n + 1) * sizeof *files);
  if (!files) return false;
  w->files = files;
  w->files[w->n++] = (Watched){folder, strdup(path)};
  return true;
}

/* Was the file saved after that time? */
static bool is_newer(const char *path, struct timespec since) {
  struct stat s;
  if (stat(path, &s) != 0) return false;
  return s.st_mtim.tv_sec > since.tv_sec ||
         (s.st_mtim.tv_sec == since.tv_sec && s.st_mtim.tv_nsec > since.tv_nsec);
}

/* Also watches what the run has read. A file that was saved before its watch began counts too. */
static void add_files_read(Watch *w, const Dyn *d, struct timespec begun) {
  const char *path;
  for (size_t i = 0; (path = dyn_file(d, i)); i++)
    if (!is_watched(w, path) && add_file(w, path) && is_newer(path, begun)) w->changed = true;
}

/* ---- events ---- */

static bool is_of_file(const Watch *w, const struct inotify_event *e) {
  for (size_t i = 0; i < w->n; i++)
    if (e->len && w->files[i].folder == e->wd && strcmp(base_name(w->files[i].path), e->name) == 0)
      return true;
  return false;
}

/* Waits so many milliseconds for events, and takes those that are there. */
static void take_events(Watch *w, int milliseconds) {
  struct pollfd p = {.fd = w->fd, .events = POLLIN};
  if (poll(&p, 1, milliseconds) <= 0) return;
  _Alignas(struct inotify_event) char buffer[4 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
  ssize_t n = read(w->fd, buffer, sizeof buffer);
  for (char *at = buffer; at < buffer + (n > 0 ? n : 0);) {
    const struct inotify_event *e = (const struct inotify_event *)at;
    if (is_of_file(w, e)) w->changed = true;
    at += sizeof *e + e->len;
  }
}

/* The callback `cancelled`: Ctrl-C, or a save, ends the run. */
static bool is_over(void *ctx) {
  Watch *w = ctx;
  if (!w->changed) take_events(w, 0);
  return w->changed || terminal_interrupted();
}

static void wait_for_save(Watch *w) {
  while (!w->changed && !terminal_interrupted()) take_events(w, TICK);
  struct timespec pause = {.tv_nsec = SETTLE * 1000000L};
  nanosleep(&pause, NULL);
}

/* ---- runs ---- */

static void say(const Options *o, const char *what, double seconds) {
  char clock[16];
  time_t now = time(NULL);
  strftime(clock, sizeof clock, "%H:%M:%S", localtime(&now));
  terminal_end();
  fflush(stdout);
  fprintf(stderr, "[%s] %s: %s", clock, o->operand[0], what);
  if (seconds >= 0) fprintf(stderr, " (%.1f s); waiting for a save, Ctrl-C ends", seconds);
  putc('\n', stderr);
}

static void run_once(const Options *o, Watch *w) {
  struct timespec begun, ended;
  clock_gettime(CLOCK_REALTIME, &begun);
  w->changed = false;
  Dyn *d = dyn_new();
  session_begin(o, d);
  DynCallbacks callbacks = terminal_callbacks(o);
  callbacks.cancelled = is_over;
  callbacks.ctx = w;
  dyn_set_callbacks(d, &callbacks);
  DynStatus status = dyn_load_file(d, o->operand[0]);
  if (status == DYN_OK) status = session_run(o, d, o->operand[0]);
  clock_gettime(CLOCK_REALTIME, &ended);
  add_files_read(w, d, begun);
  dyn_free(d);
  if (w->changed)
    say(o, "saved during the run", -1);
  else if (!terminal_interrupted())
    say(o, usage_status(status),
        (double)(ended.tv_sec - begun.tv_sec) + 1e-9 * (double)(ended.tv_nsec - begun.tv_nsec));
}

static void end_watch(Watch *w) {
  for (size_t i = 0; i < w->n; i++) free(w->files[i].path);
  free(w->files);
  if (w->fd >= 0) close(w->fd);
}

int watch_model(const Options *o, Dyn *d) {
  (void)d;
  Watch w = {.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (w.fd < 0 || !add_file(&w, o->operand[0])) {
    fprintf(stderr, "dynrun: cannot watch `%s`: %s\n", o->operand[0], strerror(errno));
    end_watch(&w);
    return DYN_IO;
  }
  while (!terminal_interrupted()) {
    run_once(o, &w);
    wait_for_save(&w);
  }
  end_watch(&w);
  return DYN_OK;
}
