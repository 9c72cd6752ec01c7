/* uses.c: see uses.h. Names are looked up in the scopes of the evaluated file, so that imports need
   no care; a local name that hides one of the file counts as used, which does no harm. */
#include "report/uses.h"

#include <string.h>

#include "base/text.h"
#include "report/report.h"

typedef struct Walk {
  Ev *ev;
  Uses uses;
} Walk;

static void walk(Walk *w, const Scope *sc, const Ast *x);

static bool is_new(const Walk *w, const Ast *decl) {
  for (size_t i = 0; i < w->uses.decls.n; i++)
    if (w->uses.decls.at[i] == decl) return false;
  return true;
}

static void walk_kids(Walk *w, const Scope *sc, const Ast *x) {
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i]) walk(w, sc, x->kids[i]);
}

static void use(Walk *w, const Value *v) {
  const Ast *fn = v->kind == V_FUNCTION ? v->fn : NULL;
  bool array = v->kind == V_ARRAY || (v->kind == V_SPARSE && v->entries);
  const Value *numbers = v->kind == V_SPARSE ? v->entries : v;
  if (array ? !value_is_known(numbers) : v->kind == V_UNKNOWN || v->kind == V_LAZY)
    w->uses.known = false;
  for (int i = 0; v->kind == V_RECORD && i < v->nfields; i++) use(w, v->fields[i].value);
  if (!fn || fn->kind == AST_NETWORK || fn->kind == AST_TASK || fn->kind == AST_LAMBDA) return;
  if (!is_new(w, fn)) return;
  *vec_push(w->ev->arena, &w->uses.decls) = fn;
  walk_kids(w, v->scope, fn);
}

/* What `lif` or `neurons.lif` refers to. */
static const Value *resolve(const Scope *sc, const Ast *x) {
  if (x->kind == AST_NAME) return scope_find(sc, x->name);
  const Value *base = x->kind == AST_FIELD ? resolve(sc, x->kids[0]) : NULL;
  bool fields = base && ((base->kind == V_MODULE && base->scope) || base->kind == V_RECORD);
  if (!fields) return NULL;
  return base->kind == V_MODULE ? scope_find(base->scope, x->name) : value_field(base, x->name);
}

static void walk(Walk *w, const Scope *sc, const Ast *x) {
  const Value *v = x->kind == AST_NAME || x->kind == AST_FIELD ? resolve(sc, x) : NULL;
  if (v && v->kind != V_MODULE)
    use(w, v);
  else
    walk_kids(w, sc, x);
}

Uses uses_of(Ev *ev, const Ast *decl, const Scope *scope) {
  Walk w = {.ev = ev, .uses = {.known = true}};
  walk_kids(&w, scope, decl);
  return w.uses;
}

Value *uses_network(Ev *ev, Value *v, const Ast *decl) {
  if (!v) return NULL;
  bool declared = v->kind == V_FUNCTION && v->fn == decl;
  for (uint32_t i = 0; declared && i + 1 < decl->nkids; i++)
    declared = decl->kids[i]->nkids > 0 && decl->kids[i]->kids[0];
  if (declared) v = network_of(ev, v, v->at);
  return v && v->kind == V_NETWORK && v->network->decl == decl ? v : NULL;
}

/* ---- a network that was made ----------------------------------------------------------------- */

bool uses_is_argument(const Network *net, const char *name) {
  for (int i = 0; i < net->nargs; i++)
    if (strcmp(net->args[i].name, name) == 0) return true;
  return false;
}

/* A connection is known by its label or, without one, by what it leads from and to. */
static bool is_connection(const Network *net, const char *name) {
  const Ast *body = net->decl->kids[net->decl->nkids - 1];
  for (uint32_t i = 0; i < body->nkids; i++) {
    const Ast *s = body->kids[i];
    if (s->kind != AST_CONNECT) continue;
    const char *from = s->kids[0]->name, *to = s->kids[1]->name;
    size_t n = strlen(from);
    bool pair = strncmp(name, from, n) == 0 && name[n] == '_' && strcmp(name + n + 1, to) == 0;
    if (s->name ? strcmp(s->name, name) == 0 : pair) return true;
  }
  return false;
}

const char *uses_role(const Network *net, const char *name) {
  const System *s = net->system;
  for (size_t i = 0; i < s->weights.n; i++)
    if (strcmp(s->weights.at[i].q.name, name) == 0)
      return s->weights.at[i].trainable ? "trainable" : "weight";
  return is_connection(net, name) ? "connection" : "";
}

const char *uses_arguments(Ev *ev, const Network *net) {
  Text t = {.arena = ev->arena};
  for (int i = 0; i < net->nargs; i++) {
    const Value *v = net->args[i].value;
    bool shown = v && (v->kind == V_ARRAY || v->kind == V_STRING || v->kind == V_METHOD);
    if (!shown || (strcmp(net->args[i].name, "seed") == 0 && net->seed == 0)) continue;
    text_printf(&t, "%s%s = %s", t.n ? ", " : "", net->args[i].name, value_line(ev, v));
  }
  return text_str(&t);
}
