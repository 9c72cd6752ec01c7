/* builtin_design.c: designs, points spread over several parameters at once: records of vectors, for
   `sweep p in latin(100, g = [0, 2], tau = [5 ms, 50 ms]) { ... }`. The values of a parameter
   depend on its name and the seeds, and not on the other parameters. */
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/dist.h"
#include "run/random.h"

enum { ARG_POINTS, ARG_SEED };

typedef struct Design {
  Ev *ev;
  const Call *call;
  int64_t n; /* of points; EXTENT_UNKNOWN in rehearsal */
  int64_t seed;
} Design;

static uint64_t axis_key(const Design *d, int i) {
  const char *path = arena_printf(d->ev->arena, "%s.%s", d->call->fn->name, d->call->rest_name[i]);
  return random_key_mix(random_key(d->ev->seed, path), (uint64_t)d->seed);
}

static const char *axis_text(const Design *d, int i) {
  return arena_printf(d->ev->arena, "`%s` of `%s`", d->call->rest_name[i], d->call->fn->name);
}

static Value *bad_axis(const Design *d, int i, const char *wanted) {
  return ev_error(d->ev, E0225, d->call->rest_at[i], "%s must be %s", axis_text(d, i), wanted);
}

/* The range [from, to] of parameter i; *known false: in rehearsal. */
static Value *range_of(const Design *d, int i, const char *wanted, bool *known) {
  Value *v = arg_as_array(d->ev, d->call->rest[i], d->call->rest_at[i], axis_text(d, i));
  if (v->kind != V_ARRAY) return v;
  Shape s = value_shape(v);
  if (s.rank != 1 || (s.n[0] >= 0 && s.n[0] != 2)) return bad_axis(d, i, wanted);
  *known = value_is_known(v);
  if (*known && !(v->tensor->data[0] <= v->tensor->data[1])) return bad_axis(d, i, wanted);
  return v;
}

/* from + (to - from) * (place + u) / cells: of the cells of a range of equal size, a point in each
   place[k]. */
static Value *spread(const Design *d, int i, const char *wanted, bool latin) {
  bool known = false;
  Value *range = range_of(d, i, wanted, &known);
  if (range->kind != V_ARRAY) return range;
  if (!known || d->n < 0 || d->ev->rehearse)
    return value_abstract(d->ev, shape_vec(d->n), range->dim);
  uint64_t key = axis_key(d, i);
  Shape s = shape_vec(d->n);
  Tensor *x = tensor_new(d->ev->arena, s), *place = tensor_new(d->ev->arena, s);
  random_fill(RANDOM_UNIFORM, (RandomPlace){.key = random_key_mix(key, 0)}, s, NULL, NULL, x->data);
  if (latin)
    random_fill(RANDOM_PERMUTATION, (RandomPlace){.key = random_key_mix(key, 1)}, s, NULL, NULL,
                place->data);
  double from = range->tensor->data[0], to = range->tensor->data[1];
  double cells = latin ? (double)d->n : 1;
  for (int64_t k = 0; k < d->n; k++)
    x->data[k] = from + (to - from) * ((place->data[k] + x->data[k]) / cells);
  return value_tensor(d->ev, x, range->dim);
}

/* McKay, Beckman & Conover, Technometrics 21, 239 (1979): with n points, each of n cells of equal
   size along each parameter holds one of them. */
static Value *latin_axis(const Design *d, int i) {
  return spread(d, i, "a range [from, to]", true);
}

static Value *random_axis(const Design *d, int i) {
  const char *wanted = "a range [from, to] or a distribution";
  Value *v = d->call->rest[i];
  if (v->kind != V_DIST) return spread(d, i, wanted, false);
  return dist_draw_key(d->ev, v, shape_vec(d->n), axis_key(d, i), d->call->rest_at[i]);
}

static Value *design(Ev *ev, Call *c, Value *(*axis)(const Design *d, int i)) {
  Design d = {.ev = ev, .call = c};
  if (!arg_size(ev, c, ARG_POINTS, 0, 1, &d.n) || !arg_whole(ev, c, ARG_SEED, 0, &d.seed))
    return &VALUE_ERROR;
  if (!shape_affordable(ev, shape_vec(d.n), c->at)) return &VALUE_ERROR;
  if (c->nrest == 0)
    return ev_error(ev, E0208, c->at, "`%s` needs parameters, such as g = [0, 2]", c->fn->name);
  Value *r = value_record(ev, NULL, c->nrest);
  r->at = c->at;
  for (int i = 0; i < c->nrest; i++) {
    if (!c->rest_name[i])
      return ev_error(ev, E0225, c->rest_at[i], "a parameter of `%s` has a name, as in g = [0, 2]",
                      c->fn->name);
    Value *v = axis(&d, i);
    if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
    value_set(r, i, c->rest_name[i], v);
  }
  return r;
}

Value *bi_latin(Ev *ev, Call *c) {
  return design(ev, c, latin_axis);
}

Value *bi_random(Ev *ev, Call *c) {
  return design(ev, c, random_axis);
}
