/* sweep_told.c: points of a sweep as bytes, for other processes and other runs: the message of the
   point, if it failed, then what told.h makes of it. A point whose value is more than numbers and
   texts (a network, a figure), or which saves or draws something, is computed in the process that
   needs it, which gives the same. */
#include "lang/core.h"
#include "lang/sweep.h"

void sweep_put(Bytes *out, const Point *p, const Telling *t) {
  bytes_put_text(out, p->message);
  bytes_put(out, t->out.at, t->out.n);
}

void sweep_tell(Ev *ev, Sweep *sw, int64_t i, Bytes *out) {
  Telling t;
  Arena *outer = scratch_begin(ev);
  telling_begin(&t, ev, sw->about, true);
  Point p = point_evaluate(ev, sw, i);
  bool whole = telling_end(&t, p.value);
  if (whole && !(t.raw && sw->apart)) sweep_put(out, &p, &t);
  telling_free(&t);
  scratch_end(ev, outer, &VALUE_NONE);
}

bool sweep_told_raw(const char *data, size_t n) {
  BytesReader r = {data, data + n};
  int64_t message = bytes_take_int(&r);
  if (message > 0) r.at += message < r.end - r.at ? message : r.end - r.at;
  return told_is_raw(r.at, (size_t)(r.end - r.at));
}

bool sweep_told_failure(const char *data, size_t n) {
  BytesReader r = {data, data + n};
  return n > 0 && bytes_take_int(&r) >= 0;
}

void sweep_listen(Sweep *sw) {
  enum { IN_MEMORY = 1 << 24 }; /* bytes of points that wait for others */
  if (sw->told) return;
  sw->told = ARENA_ARRAY(sw->arena, Told, sw->points);
  sw->stash = stash_new(IN_MEMORY);
}

void sweep_take(Sweep *sw, int64_t i, const char *data, size_t n) {
  sw->told[i] =
      (Told){.bytes = stash_put(sw->stash, data, n), .failed = sweep_told_failure(data, n)};
}

Point sweep_hear(Ev *ev, Sweep *sw, int64_t i, const Told *t) {
  char *data = stash_read(sw->stash, &t->bytes);
  if (!data) return point_compute(ev, sw, i);
  BytesReader r = {data, data + t->bytes.n};
  PointLog log;
  point_open(ev, &log);
  Point p = {.message = bytes_take_text(&r, ev->arena)};
  p.value = told(ev, sw->about, r.at, (size_t)(r.end - r.at), t->kept);
  point_close(ev, sw, i, &log, p.message);
  mem_free(data);
  return p;
}
