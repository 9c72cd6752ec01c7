/* sweep_rows.c: a sweep of several axes as columns with a row for each of its points. */
#include <string.h>

#include "lang/core.h"
#include "lang/form.h"
#include "lang/sweep.h"

typedef struct Rows {
  Ev *ev;
  Where at;
  int naxes;
  int64_t n[SHAPE_MAX_AXES]; /* of each axis */
  int64_t count;
  Value **row;
} Rows;

/* The parts of v along the axes from k on, from row i on. */
static void take_rows(Rows *r, Value *v, int k, int64_t i, int64_t below) {
  if (k == r->naxes) {
    r->row[i] = v;
    return;
  }
  below /= r->n[k];
  for (int64_t j = 0; j < r->n[k]; j++)
    take_rows(r, ev_element(r->ev, v, j, r->at), k + 1, i + j * below, below);
}

/* The values of axis k, of which each point has one. */
static void take_axis(Rows *r, Value *values, int k) {
  int64_t below = 1;
  for (int j = k + 1; j < r->naxes; j++) below *= r->n[j];
  for (int64_t i = 0; i < r->count; i++)
    r->row[i] = ev_element(r->ev, values, i / below % r->n[k], r->at);
}

static bool open_rows(Rows *r, const Value *sweep) {
  const Value *failed = value_field(sweep, SWEEP_FAILED);
  Shape s = value_shape(failed);
  r->naxes = s.rank;
  r->count = 1;
  for (int k = 0; k < s.rank; k++) {
    r->n[k] = s.n[k];
    if (s.n[k] == EXTENT_UNKNOWN) return false;
    r->count *= s.n[k];
  }
  r->row = ARENA_ARRAY(r->ev->arena, Value *, r->count + 1);
  return true;
}

Value *sweep_rows(Ev *ev, Value *sweep, Where at) {
  if (!sweep->type || strcmp(sweep->type, SWEEP_TYPE) != 0) return sweep;
  Rows r = {.ev = ev, .at = at};
  if (!open_rows(&r, sweep)) return &VALUE_UNKNOWN;
  if (r.naxes < 2 || r.count == 0) return sweep;
  Value *rows = value_record(ev, SWEEP_TYPE, sweep->nfields);
  for (int f = 0; f < sweep->nfields; f++) {
    Value *v = sweep->fields[f].value;
    if (f < r.naxes)
      take_axis(&r, v, f);
    else
      take_rows(&r, v, 0, 0, r.count);
    value_set(rows, f, sweep->fields[f].name, stack_values(ev, r.row, (int)r.count, at));
  }
  return rows;
}
