/* builtin.c: the table of functions written in C, and how a call is matched with a signature. The
   rows come from builtin.def, dist.def, method.def, those of num and elementwise.def; verbs
   register theirs. */
#include "lang/builtin.h"
#include "lang/core.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "lang/builtin_rows.h"
#include "num/ode.h"

static const Builtin own_rows[] = {
#define BUILTIN(name, signature, flags, doc) {#name, signature, doc, flags, bi_##name},
#include "lang/builtin.def"
#undef BUILTIN
#define DIST(name, signature, doc) \
  {#name, signature, doc, BUILTIN_DIST | BUILTIN_TRACED, dist_make},
#include "lang/dist.def"
#undef DIST
#define METHOD(name, signature, doc) {#name, signature, doc, BUILTIN_METHOD, method_make},
#include "lang/method.def"
#undef METHOD
#define ADAPTIVE(name) #name "(rtol = 1e-6, atol = 1e-9)"
#define INTEGRATOR(name, signature, doc) {#name, signature, doc, BUILTIN_METHOD, method_make},
#define FIXED(name, stages, order, doc, c, a, b) INTEGRATOR(name, #name "()", doc)
#define PAIR(name, stages, order, fsal, doc, c, a, b, e, extras) \
  INTEGRATOR(name, ADAPTIVE(name), doc)
#define STEPPER(name, order, flags, solve, data, doc) \
  INTEGRATOR(name, (flags)&STEPPER_ADAPTIVE ? ADAPTIVE(name) : #name "()", doc)
#include "num/butcher.def"
#include "num/stepper.def"
#undef ADAPTIVE
#undef INTEGRATOR
#undef FIXED
#undef PAIR
#undef STEPPER
#define UNARY(name, value, da, dims, lo, hi, doc) \
  {#name, #name "(x)", doc, BUILTIN_TRACED, builtin_elementwise},
#define BINARY(name, value, da, db, dims, lo, hi, doc) \
  {#name, #name "(a, b)", doc, BUILTIN_TRACED, builtin_elementwise},
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) \
  {#name, #name "(x, lo, hi)", doc, BUILTIN_TRACED, builtin_elementwise},
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
};

/* Tables in the order of registration: the one piece of state that outlives an evaluator. Verbs
   register before the first evaluator is made; registering a table again changes nothing. */
enum { MAX_TABLES = 8 };
static struct {
  const Builtin *rows;
  int n;
} tables[MAX_TABLES] = {{own_rows, (int)(sizeof own_rows / sizeof *own_rows)}};
static int ntables = 1;

void builtins_register(const Builtin *table, int n) {
  for (int i = 0; i < ntables; i++)
    if (tables[i].rows == table) return;
  if (ntables == MAX_TABLES) return;
  tables[ntables].rows = table;
  tables[ntables++].n = n;
}

/* Ops without documentation belong to operators and passes: they have no name in the language. */
const Builtin *builtin_at(int i) {
  for (int t = 0; t < ntables; t++)
    for (int k = 0; k < tables[t].n; k++)
      if (tables[t].rows[k].doc[0] && i-- == 0) return &tables[t].rows[k];
  return NULL;
}

const Builtin *builtin_find(const char *name) {
  for (int t = 0; t < ntables; t++)
    for (int k = 0; k < tables[t].n; k++)
      if (tables[t].rows[k].doc[0] && strcmp(tables[t].rows[k].name, name) == 0)
        return &tables[t].rows[k];
  return NULL;
}

static Value *builtin_value(Ev *ev, const Builtin *b) {
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = b->flags & BUILTIN_METHOD ? V_METHOD : V_FUNCTION;
  v->builtin = b;
  if (v->kind == V_METHOD) v->type = b->name;
  return v;
}

void builtins_install(Ev *ev, Scope *s) {
  for (int t = 0; t < ntables; t++)
    for (int k = 0; k < tables[t].n; k++) {
      const Builtin *b = &tables[t].rows[k];
      if (b->doc[0]) scope_set(s, b->name, builtin_value(ev, b));
    }
  scope_set(s, "pi", value_num(ev, M_PI));
  scope_set(s, "inf", value_quantity(ev, INFINITY, DIM_ANY));
  scope_set(s, "nan", value_quantity(ev, NAN, DIM_ANY));
  scope_set(s, "none", &VALUE_NONE);
}

/* Signatures. */

static const char *skip_blanks(const char *p) {
  while (*p == ' ') p++;
  return p;
}

/* The end of a default: the comma or parenthesis that closes it. */
static const char *skip_default(const char *p) {
  for (int depth = 0; *p; p++) {
    if (*p == '(' || *p == '[') depth++;
    if (depth == 0 && (*p == ',' || *p == ')')) break;
    if (*p == ')' || *p == ']') depth--;
  }
  return p;
}

bool builtin_next_param(const char **cursor, BuiltinParam *p) {
  const char *c = *cursor;
  const char *open = strchr(c, '(');
  if (isalpha((unsigned char)*c)) c = open ? open + 1 : c + strlen(c);
  c = skip_blanks(c);
  if (*c == ',') c = skip_blanks(c + 1);
  if (*c == '\0' || *c == ')') return false;
  *p = (BuiltinParam){0};
  if (strncmp(c, "...", 3) == 0) {
    p->rest = p->optional = true;
    c += 3;
  }
  p->name = c;
  while (isalnum((unsigned char)*c) || *c == '_') c++;
  p->len = (int)(c - p->name);
  c = skip_blanks(c);
  if (*c == '=') {
    p->optional = true;
    p->named = p->rest;
    c = skip_default(c);
  }
  *cursor = *c ? c : ")";
  return true;
}

const char *builtin_param_name(Ev *ev, const Builtin *b, int i) {
  const char *cursor = b->signature;
  BuiltinParam p;
  while (builtin_next_param(&cursor, &p)) {
    if (p.rest) continue;
    if (i-- == 0) return arena_strndup(ev->arena, p.name, (size_t)p.len);
  }
  return "argument";
}

/* The parameters of a signature, those of the fixed places first. */
typedef struct Params {
  BuiltinParam at[BUILTIN_MAX_ARGS];
  int n;
  int positional; /* how many of them may be given by place: those before the rest */
  bool rest, named;
} Params;

static Params read_params(const Builtin *b) {
  Params ps = {.positional = -1};
  const char *cursor = b->signature;
  BuiltinParam p;
  while (ps.n < BUILTIN_MAX_ARGS && builtin_next_param(&cursor, &p)) {
    if (p.rest) {
      ps.rest = true;
      ps.named = p.named;
      ps.positional = ps.n;
    } else {
      ps.at[ps.n++] = p;
    }
  }
  if (!ps.rest) ps.positional = ps.n;
  return ps;
}

static int find_param(const Params *ps, const char *name) {
  size_t len = strlen(name);
  for (int i = 0; i < ps->n; i++)
    if ((size_t)ps->at[i].len == len && memcmp(ps->at[i].name, name, len) == 0) return i;
  return -1;
}

static void unknown_argument(Ev *ev, const Builtin *b, const Params *ps, const char *name,
                             Where at) {
  const char *names[BUILTIN_MAX_ARGS];
  for (int i = 0; i < ps->n; i++)
    names[i] = arena_strndup(ev->arena, ps->at[i].name, (size_t)ps->at[i].len);
  const char *near = nearest_name(name, names, (size_t)ps->n);
  at = call_name_where(ev, name, at);
  if (near)
    ev_error(ev, E0206, at, "`%s` has no argument `%s`; did you mean `%s`? It is %s", b->name, name,
             near, b->signature);
  else
    ev_error(ev, E0206, at, "`%s` has no argument `%s`: it is %s", b->name, name, b->signature);
}

static bool take_positional(Ev *ev, const Builtin *b, const Params *ps, Value *v, Where at,
                            int place, Call *out) {
  if (place < ps->positional) {
    out->arg[place] = v;
    out->arg_at[place] = at;
    return true;
  }
  if (ps->rest) return true;
  Diag *d = ev_report(ev, E0209, at, "`%s` takes %d argument%s by place: it is %s", b->name,
                      ps->positional, ps->positional == 1 ? "" : "s", b->signature);
  if (ps->positional == 1 && find_param(ps, "shape") == 0)
    diag_note(ev->diag, d, at, "the shape of a matrix is an array: `%s([2, 3])`", b->name);
  return false;
}

static bool take_named(Ev *ev, const Builtin *b, const Params *ps, Value *v, const char *name,
                       Where at, Call *out) {
  int i = find_param(ps, name);
  if (i < 0) {
    if (!ps->named) unknown_argument(ev, b, ps, name, at);
    return ps->named;
  }
  if (out->arg[i]) {
    ev_error(ev, E0207, at, "`%s` is given twice: %s", name, b->signature);
    return false;
  }
  out->arg[i] = v;
  out->arg_at[i] = at;
  return true;
}

static bool none_missing(Ev *ev, const Builtin *b, const Params *ps, const Call *c) {
  for (int i = 0; i < ps->n; i++)
    if (!c->arg[i] && !ps->at[i].optional) {
      ev_error(ev, E0208, c->at, "`%s` needs `%.*s`: it is %s", b->name, ps->at[i].len,
               ps->at[i].name, b->signature);
      return false;
    }
  return true;
}

/* What goes to the rest: positional arguments past the fixed places, and names that are not in the
   signature. */
static void collect_rest(Ev *ev, const Params *ps, Value *const *args, const char *const *names,
                         const Where *at, int n, Call *out) {
  Value **rest = ARENA_ARRAY(ev->arena, Value *, n + 1);
  const char **rest_name = ARENA_ARRAY(ev->arena, const char *, n + 1);
  Where *rest_at = ARENA_ARRAY(ev->arena, Where, n + 1);
  for (int i = 0, place = 0; i < n; i++) {
    const char *name = names ? names[i] : NULL;
    if (name ? find_param(ps, name) >= 0 : place++ < ps->positional) continue;
    rest[out->nrest] = args[i];
    rest_name[out->nrest] = name;
    rest_at[out->nrest++] = at ? at[i] : out->at;
  }
  out->rest = rest;
  out->rest_name = rest_name;
  out->rest_at = rest_at;
}

bool builtin_match(Ev *ev, const Builtin *b, Value *const *args, const char *const *names,
                   const Where *at, int n, Where call_at, Call *out) {
  Params ps = read_params(b);
  *out = (Call){.fn = b, .at = call_at};
  bool ok = true;
  int place = 0;
  for (int i = 0; i < n; i++) {
    Where here = at ? at[i] : call_at;
    const char *name = names ? names[i] : NULL;
    if (value_is_error(args[i]))
      ok = false;
    else if (name)
      ok = take_named(ev, b, &ps, args[i], name, here, out) && ok;
    else if (!take_positional(ev, b, &ps, args[i], here, place++, out))
      return false;
  }
  if (!ok || !none_missing(ev, b, &ps, out)) return false;
  if (ps.rest) collect_rest(ev, &ps, args, names, at, n, out);
  return true;
}
