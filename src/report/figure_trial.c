/* figure_trial.c: a trial. Of an evaluation, plot(evaluation), the first: a panel for each input,
   then one for each output, with its target where that counts. Of a task: inputs, targets, masks.
 */
#include <math.h>

#include "lang/core.h"
#include "report/figure.h"

enum {
  LINES_MOST = 8, /* more channels than this are cells of colour */
  PANELS_MOST = 6
};

typedef struct Trial {
  Ev *ev;
  Call *c;
  Where at;
  const Value *record, *t;
  Stretches phases;
  double lo, hi; /* of all panels: half a step beyond the first and the last */
  VEC(Figure *) panels;
} Trial;

static const Value *part(const Trial *x, const char *group, const char *name) {
  const Value *g = value_field(x->record, group);
  return g ? value_field(g, name) : NULL;
}

static int64_t channels(const Value *v) {
  return shape_count(shape_tail(value_shape(v), 2));
}

static Axes *panel(Trial *x, const char *label) {
  Figure *f = figure_new(x->ev, x->c);
  Axes *axes = f->axes;
  f->used = true;
  axes->x.label = "time";
  axes->x.tight = true;
  axes->y.label = label;
  axes->stretches = x->phases;
  axes->stretches_named = x->panels.n == 0;
  axis_take(x->ev, &axes->x, "x", x->t->dim, x->at);
  *vec_push(x->ev->arena, &x->panels) = f;
  return axes;
}

/* The first trial alone: [time, channels]. */
static const Value *first_trial(const Trial *x, const Value *v) {
  int64_t steps = value_shape(v).n[1];
  Tensor *t = ARENA_NEW(x->ev->arena, Tensor);
  *t = *v->tensor;
  t->shape = shape_mat(steps, channels(v));
  return value_tensor(x->ev, t, v->dim);
}

static void add_cells(Trial *x, Axes *axes, const Value *v) {
  axes->z.label = axes->y.label;
  axes->y.label = "channel";
  axes->y.whole = axes->y.tight = true;
  axis_take(x->ev, &axes->y, "y", DIM_ONE, x->at);
  axis_take(x->ev, &axes->z, "colour", v->dim, x->at);
  if (!image_add(x->ev, axes, first_trial(x, v), x->at, true) || !axes->image) return;
  axes->image->x0 = x->lo;
  axes->image->x1 = x->hi;
}

static Mark *add_line(Trial *x, Axes *axes, const double *at, int64_t stride) {
  int64_t n = value_shape(x->t).n[0];
  return mark_add(x->ev, axes, MARK_line, n, column_of(x->t->tensor->data, 1),
                  column_of(at, stride));
}

static void add_lines(Trial *x, Axes *axes, const Value *v, const char *name) {
  int64_t n = channels(v);
  for (int64_t k = 0; k < n; k++)
    add_line(x, axes, v->tensor->data + k, n)->label =
        n > 1 ? arena_printf(x->ev->arena, "%s[%lld]", name, (long long)k) : name;
}

/* With gaps where it does not count. */
static void add_target(Trial *x, Axes *axes, const Value *target, const Value *mask) {
  int64_t n = channels(target), all = n * value_shape(target).n[1];
  double *y = ARENA_ARRAY(x->ev->arena, double, all + 1);
  for (int64_t i = 0; i < all; i++)
    y[i] = mask->tensor->data[i] != 0 ? target->tensor->data[i] : NAN;
  for (int64_t k = 0; k < n; k++) {
    Mark *m = add_line(x, axes, y + k, n);
    m->label = k == 0 ? "target" : NULL;
    m->color = "black";
    m->dashed = true;
  }
}

/* NULL: no target beside it. */
static void add_channel(Trial *x, const Field *f, const char *label, const Value *target) {
  const Value *v = f->value;
  if (v->kind != V_ARRAY) return;
  Axes *axes = panel(x, label);
  bool known = value_is_known(v) && value_is_known(x->t);
  if (known && channels(v) > LINES_MOST) {
    add_cells(x, axes, v);
    return;
  }
  axis_take(x->ev, &axes->y, "y", v->dim, x->at);
  if (!known) return;
  add_lines(x, axes, v, f->name);
  if (target) add_target(x, axes, target, part(x, "mask", f->name));
}

static void find_range(Trial *x) {
  if (!value_is_known(x->t)) return;
  const double *t = x->t->tensor->data;
  int64_t n = value_shape(x->t).n[0];
  double step = n > 1 ? t[1] - t[0] : 1;
  x->lo = t[0] - step / 2;
  x->hi = t[n - 1] + step / 2;
}

/* A target that counts nowhere in this trial is not. */
static bool is_there(const Value *v) {
  double lo, hi;
  Column all = v->kind == V_ARRAY ? column_of(v->tensor->data, 1) : (Column){0};
  return v->kind != V_ARRAY || !value_is_known(v) ||
         column_extent(&all, shape_count(value_shape(v)), false, &lo, &hi);
}

/* `before`: what stands before the names; `beside`: targets go with them. */
static void add_group(Trial *x, const char *name, const char *before, bool beside) {
  const Value *g = value_field(x->record, name);
  for (int i = 0; g && i < g->nfields && x->panels.n < PANELS_MOST; i++) {
    if (!is_there(g->fields[i].value)) continue;
    const char *label = arena_printf(x->ev->arena, "%s%s", before, g->fields[i].name);
    add_channel(x, &g->fields[i], label, beside ? part(x, "target", g->fields[i].name) : NULL);
  }
}

static Figure *below_each_other(Trial *x) {
  Figure *f = figure_grid(x->ev, x->c, x->panels.at, (int)x->panels.n, 1);
  f->shared = true;
  f->title = "trial 0";
  for (size_t i = 0; i < x->panels.n; i++) {
    Axis *axis = &x->panels.at[i]->axes->x;
    axis->lo = x->lo;
    axis->hi = x->hi;
    axis->ranged = x->lo < x->hi;
  }
  return f;
}

Figure *figure_of_trial(Ev *ev, Call *c, const Value *record, Where at) {
  Trial x = {.ev = ev, .c = c, .at = at, .record = record, .t = value_field(record, "t")};
  find_range(&x);
  add_group(&x, "input", "", false);
  add_group(&x, "out", "", true);
  return below_each_other(&x);
}

Figure *figure_of_task(Ev *ev, Call *c, const Value *record, Stretches phases, Where at) {
  Trial x = {.ev = ev, .c = c, .at = at, .record = record, .t = value_field(record, "t")};
  x.phases = phases;
  find_range(&x);
  add_group(&x, "input", "", false);
  add_group(&x, "target", "", false);
  add_group(&x, "mask", "mask of ", false);
  return below_each_other(&x);
}
