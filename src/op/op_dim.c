/* op_dim.c: the dimension of an op's result: one function for each DimRule. */
#include "op/op.h"

typedef struct DimCall {
  OpId op;
  const OpAttr *attr;
  const Dim *in;
  int nin;
  TimeKind *time;
  Dim *out;
  Arena *arena;
  const char **why;
} DimCall;

/* The name that the language has for an op. */
static const char *spoken_name(OpId op) {
  if (op == OP_minimum || op == OP_min_of) return "min";
  if (op == OP_maximum || op == OP_max_of) return "max";
  return op_table[op].name;
}

static bool refuse_pair(const DimCall *c, Dim a, Dim b) {
  const char *x = dim_name(c->arena, dim_resolve(a, *c->time));
  const char *y = dim_name(c->arena, dim_resolve(b, *c->time));
  if (c->op == OP_add) {
    *c->why = arena_printf(c->arena, "cannot add %s and %s", x, y);
  } else if (c->op == OP_sub) {
    *c->why = arena_printf(c->arena, "cannot subtract %s from %s", y, x);
  } else if (op_table[c->op].dims == DIM_RULE_COMPARE) {
    *c->why = arena_printf(c->arena, "cannot compare %s with %s", x, y);
  } else if (c->op == OP_select) {
    *c->why = arena_printf(c->arena, "the branches have unlike dimensions, %s and %s", x, y);
  } else if (c->op == OP_concat) {
    *c->why = arena_printf(c->arena, "cannot join %s and %s", x, y);
  } else {
    *c->why =
        arena_printf(c->arena, "the arguments of %s must be of one dimension, found %s and %s",
                     spoken_name(c->op), x, y);
  }
  return false;
}

/* Joins in[from..to) into *out. */
static bool all_alike(const DimCall *c, int from, int to, Dim *out) {
  *out = from < to ? c->in[from] : DIM_ONE;
  for (int k = from + 1; k < to; k++)
    if (!dim_agree(*out, c->in[k], c->time, out)) return refuse_pair(c, *out, c->in[k]);
  return true;
}

static bool plain(const DimCall *c, int k) {
  if (dim_agree(c->in[k], DIM_ONE, c->time, NULL)) return true;
  const char *found = dim_name(c->arena, dim_resolve(c->in[k], *c->time));
  *c->why = op_table[c->op].arity == 1
                ? arena_printf(c->arena, "the argument of %s must be a plain number, found %s",
                               spoken_name(c->op), found)
                : arena_printf(c->arena, "argument %d of %s must be a plain number, found %s",
                               k + 1, spoken_name(c->op), found);
  return false;
}

static bool power(const DimCall *c, double p) {
  if (dim_pow(c->in[0], p, c->out)) return true;
  *c->why = arena_printf(c->arena, "%s to the power %g is no dimension",
                         dim_name(c->arena, dim_resolve(c->in[0], *c->time)), p);
  return false;
}

static bool dim_rule_SAME(const DimCall *c) {
  return all_alike(c, 0, c->nin, c->out);
}

static bool dim_rule_COMPARE(const DimCall *c) {
  Dim joined;
  *c->out = DIM_ONE;
  return all_alike(c, 0, c->nin, &joined);
}

static bool dim_rule_MUL(const DimCall *c) {
  *c->out = dim_mul(c->in[0], c->in[1]);
  return true;
}

static bool dim_rule_DIV(const DimCall *c) {
  *c->out = dim_div(c->in[0], c->in[1]);
  return true;
}

static bool dim_rule_FIRST(const DimCall *c) {
  *c->out = c->nin ? c->in[0] : DIM_ONE;
  return true;
}

static bool dim_rule_PLAIN(const DimCall *c) {
  *c->out = DIM_ONE;
  for (int k = 0; k < c->nin; k++)
    if (!plain(c, k)) return false;
  return true;
}

static bool dim_rule_NONE(const DimCall *c) {
  *c->out = DIM_ONE;
  return true;
}

static bool dim_rule_SQRT(const DimCall *c) {
  return power(c, 0.5);
}

static bool dim_rule_SQUARE(const DimCall *c) {
  return power(c, 2);
}

static bool dim_rule_POW(const DimCall *c) {
  if (!dim_agree(c->in[1], DIM_ONE, c->time, NULL)) {
    *c->why = arena_printf(c->arena, "an exponent must be a plain number, found %s",
                           dim_name(c->arena, dim_resolve(c->in[1], *c->time)));
    return false;
  }
  if (c->attr) return power(c, c->attr->x);
  *c->out = DIM_ONE;
  if (dim_agree(c->in[0], DIM_ONE, c->time, NULL)) return true;
  *c->why = arena_printf(c->arena, "%s can only be raised to a power that is a constant",
                         dim_name(c->arena, dim_resolve(c->in[0], *c->time)));
  return false;
}

static bool dim_rule_SELECT(const DimCall *c) {
  return plain(c, 0) && all_alike(c, 1, c->nin, c->out);
}

static bool dim_rule_ATAN2(const DimCall *c) {
  return dim_rule_COMPARE(c);
}

static bool dim_rule_MULADD(const DimCall *c) {
  Dim product = dim_mul(c->in[0], c->in[1]);
  return dim_agree(product, c->in[2], c->time, c->out) || refuse_pair(c, product, c->in[2]);
}

/* Of plain numbers everything is plain; for other dimensions the builtin knows better. */
static bool dim_rule_SPECIAL(const DimCall *c) {
  return dim_rule_PLAIN(c);
}

bool op_dim(OpId op, const OpAttr *attr, const Dim *in, int nin, TimeKind *time, Dim *out, Arena *a,
            const char **why) {
  static bool (*const rules[])(const DimCall *) = {
#define RULE(name) [DIM_RULE_##name] = dim_rule_##name
      RULE(SAME), RULE(COMPARE), RULE(MUL), RULE(DIV),    RULE(FIRST), RULE(PLAIN),  RULE(NONE),
      RULE(SQRT), RULE(SQUARE),  RULE(POW), RULE(SELECT), RULE(ATAN2), RULE(MULADD), RULE(SPECIAL),
#undef RULE
  };
  TimeKind outside = TIME_PLAIN; /* no network: no unknown time to settle */
  DimCall call = {op, attr, in, nin, time ? time : &outside, out, a, why};
  return rules[op_table[op].dims](&call);
}
