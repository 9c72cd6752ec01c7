/* dist.c: distributions are made here and their parameters checked, as far as they are known. */
#include "lang/dist.h"

#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"

/* ---- parameters
 * ---------------------------------------------------------------------------------- */

static bool array_parameter(Ev *ev, Call *c, int i) {
  c->arg[i] = arg_array(ev, c, i);
  return value_is_array(c->arg[i]) || c->arg[i]->kind == V_UNKNOWN;
}

/* Every known element lies in [lo, hi], or above lo where `open` is set. NaN does not. */
static bool within(Ev *ev, Call *c, int i, double lo, double hi, bool open) {
  const Value *v = c->arg[i];
  if (!value_is_array(v) || !value_is_known(v)) return true;
  int64_t n = shape_count(v->tensor->shape);
  for (int64_t k = 0; k < n; k++) {
    double x = v->tensor->data[k];
    if (x >= lo && x <= hi && !(open && x == lo)) continue;
    if (hi == 1 && lo == 0)
      arg_bad(ev, c, i, "must lie between 0 and 1, found %g", x);
    else if (lo == 0 && isinf(hi) && !isnan(x) && x < 0)
      arg_bad(ev, c, i, "must %s, found %g", open ? "be positive" : "not be negative", x);
    else
      arg_bad(ev, c, i, "must be %s, found %g", open ? "positive" : "a number", x);
    return false;
  }
  return true;
}

static bool number(Ev *ev, Call *c, int i) {
  return array_parameter(ev, c, i) && within(ev, c, i, -INFINITY, INFINITY, false);
}

static bool positive(Ev *ev, Call *c, int i) {
  return array_parameter(ev, c, i) && within(ev, c, i, 0, INFINITY, true);
}

static bool not_negative(Ev *ev, Call *c, int i) {
  return array_parameter(ev, c, i) && within(ev, c, i, 0, INFINITY, false);
}

static bool probability(Ev *ev, Call *c, int i) {
  return array_parameter(ev, c, i) && within(ev, c, i, 0, 1, false);
}

static bool plain(Ev *ev, Call *c, int i) {
  return !value_is_array(c->arg[i]) || arg_plain(ev, c, i, c->arg[i]);
}

static bool alike(Ev *ev, Call *c, int i, int j) {
  return !value_is_array(c->arg[i]) || !value_is_array(c->arg[j]) ||
         arg_alike(ev, c, i, c->arg[i], j, c->arg[j]);
}

/* ---- one check for each row
 * ------------------------------------------------------------------------ */

static bool check_normal(Ev *ev, Call *c) {
  /* A negative sd is that of the mirrored distribution: gaussian(-g) is a connectivity too. */
  return number(ev, c, 0) && number(ev, c, 1) && alike(ev, c, 0, 1);
}

static bool check_uniform(Ev *ev, Call *c) {
  if (!number(ev, c, 0) || !number(ev, c, 1) || !alike(ev, c, 0, 1)) return false;
  if (!value_is_array(c->arg[0]) || !value_is_array(c->arg[1])) return true;
  Value *above = ev_op2(ev, OP_lt, c->arg[1], c->arg[0], c->at);
  if (!value_is_known(above)) return !value_is_error(above);
  int64_t n = shape_count(above->tensor->shape);
  for (int64_t k = 0; k < n; k++)
    if (above->tensor->data[k] != 0) {
      arg_bad(ev, c, 0, "lies above `hi`");
      return false;
    }
  return true;
}

static bool check_lognormal(Ev *ev, Call *c) {
  return number(ev, c, 0) && not_negative(ev, c, 1) && plain(ev, c, 0) && plain(ev, c, 1);
}

static bool check_exponential(Ev *ev, Call *c) {
  return not_negative(ev, c, 0);
}

static bool check_gamma(Ev *ev, Call *c) {
  return positive(ev, c, 0) && not_negative(ev, c, 1) && plain(ev, c, 0);
}

static bool check_beta(Ev *ev, Call *c) {
  return positive(ev, c, 0) && positive(ev, c, 1) && plain(ev, c, 0) && plain(ev, c, 1);
}

static bool check_poisson(Ev *ev, Call *c) {
  return not_negative(ev, c, 0) && plain(ev, c, 0);
}

static bool check_bernoulli(Ev *ev, Call *c) {
  return probability(ev, c, 0) && plain(ev, c, 0);
}

/* As many weights as values, not all zero. */
static bool check_weights(Ev *ev, Call *c) {
  if (!not_negative(ev, c, 1)) return false;
  Value *w = c->arg[1];
  if (!value_is_array(w)) return true;
  if (!arg_rank(ev, c, 1, w, 1, 1)) return false;
  const Value *values = c->arg[0];
  int64_t n = values->kind == V_LIST ? values->nfields : value_shape(values).n[0];
  if (n >= 0 && value_shape(w).n[0] >= 0 && value_shape(w).n[0] != n) {
    arg_bad(ev, c, 1, "has %lld elements for %lld values", (long long)value_shape(w).n[0],
            (long long)n);
    return false;
  }
  double sum = 0;
  for (int64_t k = 0; value_is_known(w) && k < value_shape(w).n[0]; k++) sum += w->tensor->data[k];
  if (!value_is_known(w) || (sum > 0 && isfinite(sum))) return true;
  arg_bad(ev, c, 1, "must have a positive sum");
  return false;
}

static bool check_choice(Ev *ev, Call *c) {
  Value *values = c->arg[0];
  if (values->kind == V_UNKNOWN) return true;
  if (values->kind != V_LIST) {
    if (!array_parameter(ev, c, 0)) return false;
    values = c->arg[0];
    if (!arg_rank(ev, c, 0, values, 1, SHAPE_MAX_RANK)) return false;
  }
  if ((values->kind == V_LIST ? values->nfields : value_shape(values).n[0]) == 0) {
    arg_bad(ev, c, 0, "is empty");
    return false;
  }
  return !arg_given(c, 1) || check_weights(ev, c);
}

static bool check_vonmises(Ev *ev, Call *c) {
  return number(ev, c, 0) && not_negative(ev, c, 1) && plain(ev, c, 0) && plain(ev, c, 1);
}

static bool check_orthogonal(Ev *ev, Call *c) {
  return !c->arg[0] || number(ev, c, 0);
}

static bool check_permutation(Ev *ev, Call *c) {
  (void)ev;
  (void)c;
  return true;
}

static bool check_sparse(Ev *ev, Call *c) {
  if (!probability(ev, c, 0) || !plain(ev, c, 0)) return false;
  c->arg[1] = dist_of(ev, c->arg[1], c->arg_at[1]);
  return !value_is_error(c->arg[1]);
}

/* ---- distributions as values
 * ------------------------------------------------------------------------- */

typedef bool CheckFn(Ev *ev, Call *c);

static CheckFn *const checks[DIST_COUNT] = {
#define DIST(name, signature, doc) check_##name,
#include "lang/dist.def"
#undef DIST
};

static Value *dist_value(Ev *ev, const Dist *from, Value *const *args, Where at) {
  Dist *d = ARENA_NEW(ev->arena, Dist);
  *d = *from;
  for (int i = 0; i < d->n; i++) d->arg[i] = args[i];
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = V_DIST;
  v->dist = d;
  v->at = at;
  return v;
}

Value *dist_make(Ev *ev, Call *c) {
  int k = 0;
  while (strcmp(dist_table[k].name, c->fn->name) != 0) k++;
  if (!checks[k](ev, c)) return &VALUE_ERROR;
  return dist_value(ev, &(Dist){.info = &dist_table[k], .n = 2}, c->arg, c->at);
}

Value *dist_apply(Ev *ev, OpId op, Value *const *args, int n, Where at) {
  bool drawn = false;
  for (int i = 0; i < n; i++) {
    ValueKind k = args[i]->kind;
    if (k == V_ERROR || k == V_UNKNOWN) return args[i];
    drawn = drawn || k == V_DIST;
  }
  if (!drawn) return ev_op(ev, op, NULL, args, n, at);
  for (int i = 0; i < n; i++) {
    ValueKind k = args[i]->kind;
    if (k != V_DIST && k != V_ARRAY && k != V_SPARSE)
      return ev_error(ev, E0210, at, "`%s` takes numbers and distributions, not %s",
                      op_table[op].name, value_kind_name(ev, args[i]));
  }
  return dist_value(ev, &(Dist){.op = op, .n = n}, args, at);
}

Value *dist_of(Ev *ev, Value *v, Where at) {
  if (v->kind == V_FUNCTION && v->builtin && v->builtin->flags & BUILTIN_DIST)
    return ev_call(ev, v, NULL, NULL, 0, at);
  if (v->kind == V_DIST || v->kind == V_ARRAY || v->kind == V_SPARSE || v->kind == V_UNKNOWN ||
      value_is_error(v))
    return v;
  return ev_error(ev, E0210, at, "right of `~` stands a distribution, not %s",
                  value_kind_name(ev, v));
}
