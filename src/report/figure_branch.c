/* figure_branch.c: bifurcation_diagram: branches of `continuation` as one state against the
   parameter; of limit cycles its largest and its least value, of periodic orbits of maps each of
   their values; curves in two parameters. */
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "report/figure.h"

/* Which number of the state is shown. */
typedef struct Choice {
  const char *name; /* NULL: by index */
  int64_t index;
  int64_t round; /* of an orbit of a map: after so many steps */
} Choice;

static bool read_choice(Ev *ev, Call *c, Choice *out) {
  *out = (Choice){0};
  if (!arg_given(c, 0)) return true;
  if (c->arg[0]->kind != V_STRING) return arg_size(ev, c, 0, 0, 0, &out->index);
  out->name = c->arg[0]->text;
  return true;
}

/* The parameter and the chosen state of a branch, or of its points of one kind. */
typedef struct Branch {
  const Value *p, *stable;
  const Value *x;
  int64_t n, step; /* from point to point in x */
  const double *at;
} Branch;

static const Value *array_of_rank(const Value *r, const char *name, int least, int most) {
  const Value *v = r->kind == V_RECORD ? value_field(r, name) : NULL;
  bool ok = v && v->kind == V_ARRAY && value_shape(v).rank >= least && value_shape(v).rank <= most;
  return ok ? v : NULL;
}

/* `.x` [K, D], or a quantity of `.state` by its name, "E.r". */
static const Value *states_of(Ev *ev, const Value *r, const Choice *choice) {
  if (!choice->name) return array_of_rank(r, "x", 1, 3);
  const Value *state = value_field(r, "state");
  const char *name = choice->name;
  for (const char *dot; state && (dot = strchr(name, '.')); name = dot + 1)
    state = state->kind == V_RECORD
                ? value_field(state, arena_strndup(ev->arena, name, (size_t)(dot - name)))
                : NULL;
  return state ? array_of_rank(state, name, 1, 7) : NULL;
}

static bool is_orbit(const char *part) {
  return part && strcmp(part, "orbit") == 0;
}

/* How many numbers are a state of a branch, or are from point to point of `x`. */
static int64_t state_size(const Value *x, const char *part) {
  return shape_count(shape_tail(value_shape(x), is_orbit(part) ? 2 : 1));
}

/* What is shown above the parameter: a state of r, or of its field `part`, or a second parameter.
 */
static const Value *height_of(Ev *ev, const Value *r, const char *part, const Choice *choice) {
  const Value *source = part ? value_field(r, part) : r;
  if (r->kind == V_RECORD && value_field(r, "q")) return array_of_rank(r, "q", 1, 1);
  return source ? states_of(ev, source, choice) : NULL;
}

static bool read_branch(Ev *ev, const Value *r, const char *part, const Choice *choice, Where at,
                        Branch *b) {
  *b = (Branch){.p = array_of_rank(r, "p", 1, 1), .x = height_of(ev, r, part, choice)};
  b->stable = array_of_rank(r, "stable", 1, 1);
  if (!b->p || !b->x) {
    ev_error(ev, E0903, at,
             choice->name ? "this has no branch of a state `%s`"
                          : "this is no branch: it has no fields `.p` and `.x`",
             choice->name);
    return false;
  }
  Shape s = value_shape(b->x);
  int64_t size = state_size(b->x, part);
  b->n = s.n[0];
  b->step = shape_count(shape_tail(s, 1));
  if (size >= 0 && choice->index >= size) {
    ev_error(ev, E0402, at, "the branch has %lld state%s", (long long)size, size == 1 ? "" : "s");
    return false;
  }
  if (value_is_known(b->x)) b->at = b->x->tensor->data + choice->round * size + choice->index;
  return true;
}

static Mark *add_part(Ev *ev, Axes *axes, const Branch *b, MarkKind kind, int64_t from, int64_t n) {
  return mark_add(ev, axes, kind, n, column_of(b->p->tensor->data + from, 1),
                  column_of(b->at + from * b->step, b->step));
}

/* A line for each stretch of one stability; each begins where the last one ends. */
static void add_stretches(Ev *ev, Axes *axes, const Branch *b, const char *color) {
  const double *stable = b->stable && value_is_known(b->stable) ? b->stable->tensor->data : NULL;
  for (int64_t from = 0, to; from < b->n; from = to) {
    for (to = from + 1; to < b->n && (!stable || (stable[to] != 0) == (stable[from] != 0)); to++)
      continue;
    int64_t first = from > 0 ? from - 1 : 0;
    Mark *m = add_part(ev, axes, b, MARK_line, first, to - first);
    m->dashed = stable && stable[from] == 0;
    m->color = color;
  }
}

static bool has_label(const Axes *axes, const char *label) {
  for (size_t i = 0; i < axes->marks.n; i++)
    if (axes->marks.at[i].label && strcmp(axes->marks.at[i].label, label) == 0) return true;
  return false;
}

static const struct {
  const char *field, *label, *color;
  MarkKind kind;
} specials[] = {
    {"folds", "fold", "orange", MARK_points},
    {"hopfs", "Hopf", "green", MARK_crosses},
    {"branch_points", "branch point", "pink", MARK_diamonds},
    {"flips", "period doubling", "purple", MARK_diamonds},
    {"tori", "torus", "green", MARK_crosses},
    {"cusps", "cusp", "pink", MARK_diamonds},
    {"takens", "Bogdanov-Takens", "purple", MARK_crosses},
};

static void add_specials(Ev *ev, Axes *axes, const Value *r, const char *part,
                         const Choice *choice) {
  for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
    const Value *at = value_field(r, specials[i].field);
    const Value *p = at ? array_of_rank(at, "p", 1, 1) : NULL;
    const Value *x = at ? height_of(ev, at, part, choice) : NULL;
    if (!p || !x || !value_is_known(p) || !value_is_known(x)) continue;
    Branch b = {.p = p, .x = x, .n = value_shape(p).n[0]};
    b.step = shape_count(shape_tail(value_shape(x), 1));
    int64_t size = state_size(x, part);
    b.at = x->tensor->data + choice->round * size + choice->index;
    if (b.n == 0 || choice->index >= size) continue;
    bool first = !has_label(axes, specials[i].label);
    Mark *m = add_part(ev, axes, &b, specials[i].kind, 0, b.n);
    m->color = specials[i].color;
    m->size = 1.6;
    if (first) m->label = specials[i].label;
  }
}

/* Curves in two parameters have the color of their points on branches in one. */
static const char *color_of(const Value *v) {
  if (value_field(v, "q")) return value_field(v, "omega") ? "green" : "orange";
  return value_field(v, "high") ? "red" : "blue";
}

static bool add_curve(Ev *ev, Axes *axes, const Value *v, const char *part, const Choice *choice,
                      Where at) {
  Branch b;
  if (!read_branch(ev, v, part, choice, at, &b) || !axis_take(ev, &axes->x, "x", b.p->dim, at) ||
      !axis_take(ev, &axes->y, "y", b.x->dim, at))
    return false;
  if (!value_is_known(b.p) || !value_is_known(b.x)) return true;
  add_stretches(ev, axes, &b, color_of(v));
  add_specials(ev, axes, v, part, choice);
  return true;
}

/* Every state of the orbits is a curve of its own. */
static bool add_orbit(Ev *ev, Axes *axes, const Value *v, const Choice *choice, Where at) {
  const Value *x = array_of_rank(value_field(v, "orbit"), "x", 3, 3);
  int64_t rounds = x && value_is_known(x) ? value_shape(x).n[1] : 1;
  for (Choice one = *choice; one.round < rounds; one.round++)
    if (!add_curve(ev, axes, v, "orbit", &one, at)) return false;
  return true;
}

/* Of a run of `continuation` with the branches that cross it, or each of a list. */
static bool add_branch(Ev *ev, Axes *axes, Value *v, const Choice *choice, Where at) {
  if (v->kind == V_LIST) {
    for (int i = 0; i < v->nfields; i++)
      if (!add_branch(ev, axes, v->fields[i].value, choice, at)) return false;
    return true;
  }
  bool cycles = v->kind == V_RECORD && value_field(v, "high") && value_field(v, "low");
  if (cycles)
    return add_curve(ev, axes, v, "high", choice, at) && add_curve(ev, axes, v, "low", choice, at);
  if (v->kind == V_RECORD && value_field(v, "q")) axes->y.label = "second parameter";
  bool orbit = v->kind == V_RECORD && value_field(v, "orbit");
  if (orbit ? !add_orbit(ev, axes, v, choice, at) : !add_curve(ev, axes, v, NULL, choice, at))
    return false;
  Value *others = (Value *)value_field(v, "others");
  return !others || others->kind != V_LIST || add_branch(ev, axes, others, choice, at);
}

static Figure *diagram(Ev *ev, Call *c, const Choice *choice) {
  Figure *f = figure_new(ev, c);
  f->axes->x.label = "parameter";
  f->axes->y.label =
      choice->name ? choice->name : arena_printf(ev->arena, "x[%lld]", (long long)choice->index);
  return f;
}

Figure *figure_of_branch(Ev *ev, Call *c, const Value *branch, Where at) {
  Choice first = {0};
  Figure *f = diagram(ev, c, &first);
  return add_branch(ev, f->axes, (Value *)branch, &first, at) ? f : NULL;
}

Value *figure_bifurcation_diagram(Ev *ev, Call *c) {
  FigureOptions o;
  Choice choice;
  if (!figure_options_read(ev, c, 1, &o) || !read_choice(ev, c, &choice)) return &VALUE_ERROR;
  if (c->nrest == 0) return ev_error(ev, E0208, c->at, "`bifurcation_diagram` needs a branch");
  Figure *f = diagram(ev, c, &choice);
  for (int i = 0; i < c->nrest; i++)
    if (!add_branch(ev, f->axes, c->rest[i], &choice, c->rest_at[i])) return &VALUE_ERROR;
  return figure_options_apply(ev, &o, f) ? figure_value(ev, f) : &VALUE_ERROR;
}
