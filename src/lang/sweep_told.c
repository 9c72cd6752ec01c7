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

bool sweep_told_failure(const Told *t) {
  BytesReader r = {t->data, t->data + t->n};
  return t->lost || (t->n > 0 && bytes_take_int(&r) >= 0);
}

bool sweep_told_raw(const Told *t) {
  BytesReader r = {t->data, t->data + t->n};
  int64_t n = bytes_take_int(&r);
  if (n > 0) r.at += n < r.end - r.at ? n : r.end - r.at;
  return told_is_raw(r.at, (size_t)(r.end - r.at));
}

Point sweep_hear(Ev *ev, Sweep *sw, int64_t i, const Told *t) {
  BytesReader r = {t->data, t->data + t->n};
  PointLog log;
  point_open(ev, &log);
  Point p = {.message = bytes_take_text(&r, ev->arena)};
  p.value = told(ev, sw->about, r.at, (size_t)(r.end - r.at), t->kept);
  point_close(ev, sw, i, &log, p.message);
  return p;
}
