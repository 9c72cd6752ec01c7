/* figure_result.c: a training or an analysis among the results has its natural figure, unless the
   model draws it, or a part of it, itself. */
#include <string.h>

#include "lang/core.h"
#include "report/figures.h"

/* Are these the same numbers? A record is known by its first array. */
static bool is_same(const Value *a, const Value *b) {
  if (a == b) return true;
  if (a->kind != V_RECORD || b->kind != V_RECORD || a->nfields != b->nfields) return false;
  for (int i = 0; i < a->nfields; i++) {
    const Value *x = a->fields[i].value, *y = b->fields[i].value;
    if (value_is_known(x) && value_is_known(y)) return x->tensor->data == y->tensor->data;
  }
  return false;
}

static bool holds(const Value *r, const double *data) {
  for (int i = 0; i < r->nfields; i++) {
    const Value *v = r->fields[i].value;
    if (v->kind == V_RECORD ? holds(v, data) : value_is_known(v) && v->tensor->data == data)
      return true;
  }
  return false;
}

static bool draws(const Figure *f, const Value *r) {
  for (int i = 0; i < f->nparts; i++)
    if (draws(f->part[i], r)) return true;
  for (int i = 0; i < f->nshown; i++)
    if (is_same(f->shown[i], r)) return true;
  if (f->axes && f->axes->image && holds(r, f->axes->image->at)) return true;
  for (size_t i = 0; f->axes && i < f->axes->marks.n; i++)
    if (f->axes->marks.at[i].y.at && holds(r, f->axes->marks.at[i].y.at)) return true;
  return false;
}

static bool is_drawn(const Ev *ev, const Value *r) {
  for (size_t i = 0; i < ev->figures.n; i++)
    if (draws(ev->figures.at[i]->figure, r)) return true;
  return false;
}

/* A training of more than one update, or an analysis; NULL: neither. */
static const char *subject_of(Ev *ev, const Result *r) {
  const char *name = figure_analysis_name(r->value);
  if (name) return arena_printf(ev->arena, "%s: %s", r->name, name);
  if (r->value->kind != V_RECORD || !r->value->type || strcmp(r->value->type, "train") != 0)
    return NULL;
  const Value *loss = value_field(r->value, "loss");
  bool course = loss && value_is_known(loss) && shape_count(value_shape(loss)) > 1;
  return course ? arena_printf(ev->arena, "training of %s", r->name) : NULL;
}

void figure_results(Ev *ev) {
  size_t n = ev->results.n;
  for (size_t i = 0; i < n; i++) {
    const Result *r = &ev->results.at[i];
    const char *subject = subject_of(ev, r);
    if (!subject || is_drawn(ev, r->value)) continue;
    Figure *f = figure_of_record(ev, &(Call){.at = r->at}, r->value, r->at);
    if (!f || figure_lacks(ev->arena, f->nparts ? f->part[0] : f)) continue;
    const Value **shown = ARENA_ARRAY(ev->arena, const Value *, 1);
    shown[0] = r->value;
    f->shown = shown;
    f->nshown = 1;
    *(f->axes ? &f->axes->title : &f->title) = subject;
    f->name = r->name;
    figure_value(ev, f);
  }
}
