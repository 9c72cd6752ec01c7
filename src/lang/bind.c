/* bind.c: see bind.h. */
#include "lang/bind.h"

#include <string.h>

#include "lang/core.h"
#include "syntax/parse.h"

int bind_count(const Ast *decl) {
  int n = 0;
  for (uint32_t i = 0; i < decl->nkids; i++) n += decl->kids[i]->kind == AST_PARAMETER;
  return n;
}

/* A function without a name is what it is written as. */
static const char *decl_name(const Ast *decl) {
  return decl->name ? decl->name : "fn";
}

const char *bind_signature(Ev *ev, const Ast *decl) {
  const char *text = arena_printf(ev->arena, "%s(", decl_name(decl));
  for (int i = 0; i < bind_count(decl); i++) {
    const Ast *p = decl->kids[i];
    const char *comma = i ? ", " : "";
    text = p->nkids && p->kids[0] ? arena_printf(ev->arena, "%s%s%s = %s", text, comma, p->name,
                                                 ast_print(ev->arena, p->kids[0]))
                                  : arena_printf(ev->arena, "%s%s%s", text, comma, p->name);
  }
  return arena_printf(ev->arena, "%s)", text);
}

static void note_signature(Ev *ev, Diag *d, const Ast *decl) {
  if (d) diag_note(ev->diag, d, ast_name_where(decl), "it is %s", bind_signature(ev, decl));
}

static int bound_find(const Bound *b, const char *name) {
  for (int i = 0; i < b->n; i++)
    if (strcmp(b->arg[i].name, name) == 0) return i;
  return -1;
}

static void report_unknown(Ev *ev, const Bound *b, const char *name, Where at) {
  const char **names = ARENA_ARRAY(ev->arena, const char *, b->n);
  for (int i = 0; i < b->n; i++) names[i] = b->arg[i].name;
  const char *near = nearest_name(name, names, (size_t)b->n);
  at = call_name_where(ev, name, at);
  Diag *d = near ? ev_report(ev, E0206, at, "`%s` has no argument `%s`; did you mean `%s`?",
                             decl_name(b->decl), name, near)
                 : ev_report(ev, E0206, at, "`%s` has no argument `%s`", decl_name(b->decl), name);
  note_signature(ev, d, b->decl);
}

static bool take(Ev *ev, Bound *b, bool *taken, int i, Value *v, Where at) {
  if (taken[i]) {
    Diag *d = ev_report(ev, E0207, at, "argument `%s` of `%s` is given twice", b->arg[i].name,
                        decl_name(b->decl));
    note_signature(ev, d, b->decl);
    return false;
  }
  taken[i] = true;
  b->arg[i].value = v;
  return v->kind != V_ERROR;
}

static bool take_all(Ev *ev, Bound *b, const Args *args) {
  bool *taken = ARENA_ARRAY(ev->arena, bool, b->n + 1);
  int places = bind_count(b->decl), place = 0;
  bool ok = true;
  for (int i = 0; i < args->n; i++) {
    const char *name = args->name ? args->name[i] : NULL;
    Where at = args->place ? args->place[i] : args->at;
    int k = name ? bound_find(b, name) : place++;
    if (k < 0) {
      report_unknown(ev, b, name, at);
      ok = false;
    } else if (!name && k >= places) {
      Diag *d = ev_report(ev, E0209, at, "`%s` takes %d argument%s, not %d", decl_name(b->decl),
                          places, places == 1 ? "" : "s", args->n);
      note_signature(ev, d, b->decl);
      return false;
    } else {
      ok = take(ev, b, taken, k, args->value[i], at) && ok;
    }
  }
  return ok;
}

bool bind_match(Ev *ev, const Ast *decl, const char *extra, const Field *prior, int nprior,
                const Args *args, Bound *out) {
  int places = bind_count(decl);
  *out = (Bound){.decl = decl, .n = places + (extra != NULL)};
  out->arg = ARENA_ARRAY(ev->arena, Field, out->n + 1);
  out->dflt = ARENA_ARRAY(ev->arena, const Ast *, out->n + 1);
  for (int i = 0; i < places; i++) {
    out->arg[i].name = decl->kids[i]->name;
    out->dflt[i] = decl->kids[i]->nkids ? decl->kids[i]->kids[0] : NULL;
  }
  if (extra) out->arg[places].name = extra;
  for (int i = 0; i < nprior; i++) {
    int k = bound_find(out, prior[i].name);
    if (k >= 0) out->arg[k].value = prior[i].value;
  }
  return take_all(ev, out, args);
}

bool bind_fill(Ev *ev, Bound *b, Scope *sc, Where at) {
  bool ok = true;
  for (int i = 0; i < b->n; i++) {
    Field *f = &b->arg[i];
    if (!f->value && !b->dflt[i]) {
      Diag *d =
          ev_report(ev, E0208, at, "`%s` needs the argument `%s`", decl_name(b->decl), f->name);
      note_signature(ev, d, b->decl);
      f->value = &VALUE_ERROR;
    }
    if (!f->value) f->value = ev_expr(ev, sc, b->dflt[i]);
    ok = ok && f->value->kind != V_ERROR;
    scope_set(sc, f->name, f->value);
  }
  return ok;
}
