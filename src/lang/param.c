/* param.c: `param NAME = value in [lo, hi]`, and the values that `-p NAME=TEXT` puts in their
 * place. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "syntax/parse.h"

/* Every element within [lo, hi]? NULL bounds are open. */
static bool in_range(const Value *v, const Value *lo, const Value *hi) {
  if (!value_is_known(v)) return true;
  int64_t n = shape_count(value_shape(v));
  for (int64_t i = 0; i < n; i++) {
    double x = v->tensor->data[i];
    if (lo && !(x >= lo->tensor->data[0])) return false;
    if (hi && !(x <= hi->tensor->data[0])) return false;
  }
  return true;
}

static Value *bound(Ev *ev, Scope *sc, const Ast *x, const Value *dflt) {
  double ignored;
  Value *v = ev_expr(ev, sc, x);
  bool known;
  Dim dim = dflt->kind == V_ARRAY ? dflt->dim : DIM_ONE;
  if (!ev_to_number(ev, v, dim, &ignored, &known, ast_where(x), "a bound of the range"))
    return NULL;
  return known ? v : NULL;
}

static bool is_empty(const Param *p) {
  return p->lo && p->hi && p->lo->tensor->data[0] > p->hi->tensor->data[0];
}

static void report_range(Ev *ev, DiagCode code, const Param *p, const Value *v, Where at) {
  const char *lo = p->lo ? value_text(ev, p->lo) : "-inf";
  const char *hi = p->hi ? value_text(ev, p->hi) : "inf";
  if (is_empty(p)) {
    ev_error(ev, code, at, "the range of `%s` is empty: %s is above %s", p->name, lo, hi);
    return;
  }
  Diag *d = ev_report(ev, code, at, "`%s` = %s lies outside of [%s, %s]", p->name,
                      value_text(ev, v), lo, hi);
  if (at.src != p->at.src) diag_note(ev->diag, d, p->at, "its range is declared here");
}

static bool is_finite(const Value *v) {
  bool finite = true;
  for (int64_t i = 0; value_is_known(v) && i < shape_count(value_shape(v)); i++)
    finite &= isfinite(v->tensor->data[i]) != 0;
  return finite;
}

static bool check_finite(Ev *ev, DiagCode code, const Param *p, const Value *v, Where at) {
  if (is_finite(v)) return true;
  ev_error(ev, code, at, "the parameter `%s` must be finite, not %s", p->name, value_text(ev, v));
  return false;
}

/* The text of -p as a value, in a scope that holds the builtins alone. What is wrong with it is
   wrong with the command line, not with the model. */
static Value *value_of_text(Ev *ev, const char *name, const char *text) {
  const char *label = arena_printf(ev->arena, "-p %s", name);
  const Source *src = source_make(ev->arena, label, text, strlen(text));
  DiagList *diag = ev->diag, own;
  diag_init(&own, ev->arena);
  ev->diag = &own;
  const Ast *x = parse_expression(ev->arena, src, &own);
  Value *v = x && !own.errors ? ev_expr(ev, scope_new(ev, ev->builtins), x) : &VALUE_ERROR;
  ev->diag = diag;
  for (const Diag *d = own.first; d; d = d->next) ev_error(ev, E0811, d->at, "%s", d->msg);
  return own.errors ? &VALUE_ERROR : v;
}

static bool alike(Ev *ev, const Param *p, const Value *v, Where at) {
  const Value *d = p->dflt;
  TimeKind none = TIME_PLAIN;
  const char *found = value_kind_name(ev, v), *wanted = value_kind_name(ev, d);
  bool same = v->kind == d->kind;
  if (same && v->kind == V_ARRAY)
    same = dim_agree(v->dim, d->dim, &none, NULL) && shape_fits(value_shape(v), value_shape(d));
  if (same) return true;
  Diag *x = ev_report(ev, E0811, at, "the parameter `%s` is %s, the value given with -p is %s",
                      p->name, wanted, found);
  diag_note(ev->diag, x, p->at, "it is declared here");
  return false;
}

static Value *given_value(Ev *ev, const Param *p) {
  bool bare = p->dflt->kind == V_STRING && p->set_from[0] != '"'; /* the shell took the quotes */
  Value *v = bare ? value_string(ev, p->set_from) : value_of_text(ev, p->name, p->set_from);
  Where at = v->at.src ? v->at : p->at;
  if (v->kind == V_ERROR || !alike(ev, p, v, at)) return &VALUE_ERROR;
  if (!check_finite(ev, E0811, p, v, at)) return &VALUE_ERROR;
  if (in_range(v, p->lo, p->hi)) return v;
  report_range(ev, E0811, p, v, at);
  return &VALUE_ERROR;
}

void ev_param(Ev *ev, Scope *sc, const Ast *s) {
  Param p = {.name = s->name, .doc = s->doc, .at = ast_name_where(s)};
  Where at = ast_where(s->kids[0]);
  p.value = p.dflt = ev_expr(ev, sc, s->kids[0]);
  if (p.dflt->kind == V_ERROR) {
    scope_set(sc, s->name, &VALUE_ERROR);
    return;
  }
  if (s->nkids > 1 && s->kids[1]) p.lo = bound(ev, sc, s->kids[1], p.dflt);
  if (s->nkids > 2 && s->kids[2]) p.hi = bound(ev, sc, s->kids[2], p.dflt);
  if (check_finite(ev, E0220, &p, p.dflt, at) && p.dflt->kind == V_ARRAY &&
      !in_range(p.dflt, p.lo, p.hi))
    report_range(ev, E0220, &p, p.dflt, at);
  if (sc == ev->top) p.set_from = map_get(&ev->sets, s->name);
  if (p.set_from) p.value = given_value(ev, &p);
  scope_set(sc, s->name, p.value);
  if (sc == ev->top) *vec_push(ev->arena, &ev->params) = p;
}

void params_unused(Ev *ev) {
  size_t n = ev->params.n;
  const char **names = ARENA_ARRAY(ev->arena, const char *, n + 1);
  for (size_t i = 0; i < n; i++) names[i] = ev->params.at[i].name;
  for (size_t k = 0; k < ev->sets.n; k++) {
    const char *name = ev->sets.items[k].key;
    bool found = false;
    for (size_t i = 0; i < n; i++) found = found || strcmp(names[i], name) == 0;
    if (found) continue;
    Diag *d = ev_report(ev, E0810, (Where){0}, "the model has no parameter `%s`", name);
    const char *near = nearest_name(name, names, n);
    if (near) diag_note(ev->diag, d, (Where){0}, "did you mean `%s`?", near);
  }
}
