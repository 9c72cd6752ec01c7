/* workers.c: see workers.h. Each process has a socket: it reads the two ends of a piece of work and
   answers with a frame (item, size, bytes) for each item. A process that dies costs what it had not
   answered: those items are tried once more, one by one. */
#include "base/workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"

typedef struct Piece {
  int64_t from, to;
  bool again; /* it was lost once */
} Piece;

typedef struct Process {
  pid_t pid; /* 0: none */
  int socket;
  Piece piece; /* what is not answered yet */
  Bytes in;    /* an answer that is not complete yet */
} Process;

struct Pool {
  const Workers *w;
  Arena *arena;
  Process *all;
  struct pollfd *fds;
  VEC(Piece) lost; /* to be tried again */
  int64_t next;    /* the first item that nobody has been given */
  bool stopped;
};

typedef struct Frame {
  int64_t item, size;
} Frame;

enum { PATIENCE = 100 }; /* milliseconds between two ticks */

/* ---- in a process of its own ----------------------------------------------------------------- */

static bool read_all(int fd, void *data, size_t n) {
  for (char *at = data; n > 0;) {
    ssize_t got = read(fd, at, n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    n -= (size_t)got;
  }
  return true;
}

static bool write_all(int fd, const void *data, size_t n) {
  for (const char *at = data; n > 0;) {
    ssize_t put = send(fd, at, n, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    n -= (size_t)put;
  }
  return true;
}

/* It ends with the process that it works for, be that killed, and not after hours of work. */
static void stay_with(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() != parent) _exit(0);
}

static void serve(const Workers *w, int fd) {
  Piece piece;
  Bytes out = {0};
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  w->begin(w->ctx);
  while (read_all(fd, &piece, sizeof piece)) {
    for (int64_t i = piece.from; i < piece.to; i++) {
      out.n = 0;
      w->work(w->ctx, i, &out);
      Frame frame = {i, (int64_t)out.n};
      if (!write_all(fd, &frame, sizeof frame) || !write_all(fd, out.at, out.n)) _exit(0);
    }
  }
  _exit(0);
}

/* ---- in this one ----------------------------------------------------------------------------- */

/* The sockets of the others are closed in the new process: their ends must show when they come. */
static bool start(Pool *p, Process *process) {
  int ends[2];
  pid_t parent = getpid();
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return false;
  process->pid = fork();
  if (process->pid == 0) {
    stay_with(parent);
    close(ends[0]);
    for (int k = 0; k < p->w->processes; k++)
      if (p->all[k].pid > 0 && &p->all[k] != process) close(p->all[k].socket);
    serve(p->w, ends[1]);
  }
  close(ends[1]);
  if (process->pid < 0) close(ends[0]);
  process->socket = ends[0];
  process->in.n = 0;
  process->piece = (Piece){0, 0, false};
  return process->pid > 0;
}

/* Processes of other pools may hold the same socket: it ends for all of them. */
static void end(Process *process) {
  shutdown(process->socket, SHUT_RDWR);
  close(process->socket);
  waitpid(process->pid, NULL, 0);
  process->pid = 0;
}

static bool next_piece(Pool *p, Piece *piece) {
  if (p->lost.n > 0) {
    *piece = p->lost.at[--p->lost.n];
    return true;
  }
  if (p->next >= p->w->last) return false;
  int64_t to = p->next + p->w->chunk;
  *piece = (Piece){p->next, to < p->w->last ? to : p->w->last, false};
  p->next = piece->to;
  return true;
}

/* Gives work to a process that has none; one that finds no more is ended. */
static void feed(Pool *p, Process *process) {
  if (!process->pid || process->piece.from < process->piece.to) return;
  if (!p->stopped && next_piece(p, &process->piece))
    write_all(process->socket, &process->piece, sizeof process->piece); /* its death shows later */
  else
    end(process);
}

static void tell(Pool *p, int64_t item, const char *data, size_t n) {
  if (!p->stopped && !p->w->done(p->w->ctx, item, data, n)) p->stopped = true;
}

/* A process died: what it owes is tried again item by item, or given up. */
static void bury(Pool *p, Process *process) {
  Piece piece = process->piece;
  end(process);
  for (int64_t i = piece.from; i < piece.to && !p->stopped; i++) {
    if (piece.again)
      tell(p, i, NULL, 0);
    else
      *vec_push(p->arena, &p->lost) = (Piece){i, i + 1, true};
  }
  if (p->lost.n > 0 && start(p, process)) feed(p, process);
}

static void take_answers(Pool *p, Process *process) {
  Bytes *in = &process->in;
  size_t at = 0;
  Frame frame;
  while (in->n - at >= sizeof frame) {
    memcpy(&frame, in->at + at, sizeof frame);
    if (in->n - at - sizeof frame < (size_t)frame.size) break;
    process->piece.from = frame.item + 1;
    tell(p, frame.item, in->at + at + sizeof frame, (size_t)frame.size);
    at += sizeof frame + (size_t)frame.size;
  }
  memmove(in->at, in->at + at, in->n - at);
  in->n -= at;
}

static void listen_to(Pool *p, Process *process) {
  char part[1 << 16];
  ssize_t got = recv(process->socket, part, sizeof part, 0);
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) {
    bury(p, process);
    return;
  }
  bytes_put(&process->in, part, (size_t)got);
  take_answers(p, process);
  feed(p, process);
}

static int count_alive(const Pool *p) {
  int n = 0;
  for (int k = 0; k < p->w->processes; k++) n += p->all[k].pid > 0;
  return n;
}

/* Waits for answers so many milliseconds. */
static void attend(Pool *p, int wait) {
  const Workers *w = p->w;
  for (int k = 0; k < w->processes; k++)
    p->fds[k] = (struct pollfd){p->all[k].pid > 0 ? p->all[k].socket : -1, POLLIN, 0};
  if (poll(p->fds, (nfds_t)w->processes, wait) < 0 && errno != EINTR) p->stopped = true;
  for (int k = 0; k < w->processes && !p->stopped; k++)
    if (p->all[k].pid > 0 && p->fds[k].revents) listen_to(p, &p->all[k]);
}

static void start_up_to(Pool *p, int processes) {
  for (int k = 0; k < processes && !p->stopped; k++)
    if (!p->all[k].pid && (p->lost.n > 0 || p->next < p->w->last) && start(p, &p->all[k]))
      feed(p, &p->all[k]);
}

Pool *workers_start(const Workers *w, int processes) {
  Arena *a = arena_new();
  Pool *p = ARENA_NEW(a, Pool);
  *p = (Pool){.w = w, .arena = a, .next = w->first};
  p->all = ARENA_ARRAY(a, Process, w->processes);
  p->fds = ARENA_ARRAY(a, struct pollfd, w->processes);
  start_up_to(p, processes);
  if (p->next > w->first) return p;
  workers_end(p);
  return NULL;
}

void workers_attend(Pool *p) {
  if (!p->stopped) attend(p, 0);
}

void workers_finish(Pool *p) {
  start_up_to(p, p->w->processes);
  while (count_alive(p) > 0 && !p->stopped) {
    attend(p, PATIENCE);
    if (!p->w->tick(p->w->ctx)) p->stopped = true;
  }
  /* If they all died and none can be started, what is left is lost. */
  Piece piece;
  while (!p->stopped && next_piece(p, &piece))
    for (int64_t i = piece.from; i < piece.to; i++) tell(p, i, NULL, 0);
}

void workers_end(Pool *p) {
  if (!p) return;
  for (int k = 0; k < p->w->processes; k++) {
    if (p->all[k].pid > 0) {
      kill(p->all[k].pid, SIGKILL);
      end(&p->all[k]);
    }
    bytes_free(&p->all[k].in);
  }
  arena_free(p->arena);
}

bool workers_run(const Workers *w) {
  Pool *p = workers_start(w, w->processes);
  if (p) workers_finish(p);
  workers_end(p);
  return p != NULL;
}
