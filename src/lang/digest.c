/* digest.c: see digest.h. A value is fed to the digest of its fact; a declaration in it is fed as
   its number in the list of those that were met, which are read afterwards, one by one. So values
   that hold each other come to an end, and what is shared is read once. */
#include "lang/digest.h"

#include <string.h>

#include "base/file.h"
#include "lang/bound.h"
#include "lang/builtin.h"
#include "lang/core.h"
#include "lang/dist.h"
#include "lang/load.h"
#include "lang/network.h"
#include "lang/task.h"

static const int64_t LARGEST = INT64_C(1) << 25; /* numbers of an array */

void digest_begin(Digest *d, Ev *ev, Arena *a) {
  *d = (Digest){.ev = ev, .arena = a};
  sha256_begin(&d->whole);
}

static void odd(Digest *d, const char *what) {
  if (!d->odd) d->odd = arena_printf(d->arena, "%s: %s", d->fact, what);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void add_int(Sha256 *s, int64_t x) {
  sha256_add(s, &x, sizeof x);
}

static void add_bytes(Sha256 *s, const void *data, size_t n) {
  add_int(s, (int64_t)n);
  sha256_add(s, data, n);
}

static void add_text(Sha256 *s, const char *text) {
  if (text)
    add_bytes(s, text, strlen(text));
  else
    add_int(s, -1);
}

static void add_shape(Sha256 *s, Shape shape) {
  add_int(s, shape.rank);
  for (int i = 0; i < shape.rank; i++) add_int(s, shape.n[i]);
}

static void add_dim(Sha256 *s, Dim dim) {
  sha256_add(s, dim.e, sizeof dim.e);
  add_int(s, dim.any);
}

static void begin_fact(Digest *d, const char *name, Sha256 *s) {
  d->fact = name;
  sha256_begin(s);
}

static void end_fact(Digest *d, Sha256 *s) {
  char hex[SHA256_HEX];
  sha256_end(s, hex);
  add_text(&d->whole, d->fact);
  sha256_add(&d->whole, hex, sizeof hex);
  CacheFact *fact = vec_push(d->arena, &d->facts);
  *fact = (CacheFact){.name = d->fact};
  memcpy(fact->hash, hex, CACHE_FACT - 1);
}

/* ---- trees ----------------------------------------------------------------------------------- */

/* The text of a claim is told, and so counts as it is written. */
static void add_tree(Sha256 *s, const Ast *x) {
  if (!x) {
    add_int(s, -1);
    return;
  }
  add_int(s, x->kind);
  add_int(s, x->op);
  add_int(s, x->flags & ~AST_PARENS);
  add_text(s, x->name);
  if (x->kind == AST_NUMBER)
    sha256_add(s, &x->num, sizeof x->num);
  else if (x->text)
    add_bytes(s, x->text, x->kind == AST_STRING ? x->len : strlen(x->text));
  add_text(s, x->unit);
  add_int(s, x->num != 0);
  if (x->kind == AST_EXPECT)
    add_bytes(s, x->src->text + x->span.start, x->span.end - x->span.start);
  add_int(s, x->nkids);
  for (uint32_t i = 0; i < x->nkids; i++) add_tree(s, x->kids[i]);
}

static bool names_load(const Ast *x) {
  return x && x->kind == AST_NAME && strcmp(x->name, "load") == 0;
}

static bool is_load_of_text(const Ast *x) {
  return x->kind == AST_CALL && names_load(x->kids[0]) && x->nkids == 2 &&
         x->kids[1]->kids[0]->kind == AST_STRING;
}

static void add_file(Digest *d, Sha256 *s, const char *name) {
  char *text;
  size_t n;
  Arena *a = arena_new();
  if (file_read(a, load_path(d->ev, a, name), &text, &n, NULL))
    add_bytes(s, text, n);
  else
    odd(d, "it loads a file that cannot be read");
  arena_free(a);
}

/* A tree that calls `load` depends on what is in the file. */
static void add_files(Digest *d, Sha256 *s, const Ast *x) {
  if (!x) return;
  bool known = is_load_of_text(x);
  if (known) add_file(d, s, x->kids[1]->kids[0]->text);
  if (names_load(x)) odd(d, "it loads a file whose name is computed");
  for (uint32_t i = known; i < x->nkids; i++) add_files(d, s, x->kids[i]);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void add_value(Digest *d, Sha256 *s, const Value *v);

static void add_array(Digest *d, Sha256 *s, const Value *v) {
  d->unknown |= !v->graph && !v->tensor->data;
  if (v->graph || !v->tensor->data) {
    odd(d, "its numbers are not known");
    return;
  }
  int64_t n = shape_count(v->tensor->shape);
  if (n > LARGEST) {
    odd(d, "it is too large");
    return;
  }
  add_shape(s, v->tensor->shape);
  add_dim(s, v->dim);
  add_int(s, v->logical);
  sha256_add(s, v->tensor->data, (size_t)n * sizeof(double));
}

static void add_sparse(Digest *d, Sha256 *s, const Value *v) {
  const SparsePattern *p = v->pattern;
  add_int(s, p->rows);
  add_int(s, p->cols);
  add_int(s, p->nnz);
  add_dim(s, v->dim);
  if (p->start) add_bytes(s, p->start, (size_t)(p->rows + 1) * sizeof *p->start);
  if (p->col) add_bytes(s, p->col, (size_t)p->nnz * sizeof *p->col);
  if (v->entries)
    add_array(d, s, v->entries);
  else
    odd(d, "its numbers are not known");
}

static void add_fields(Digest *d, Sha256 *s, const Value *v) {
  add_text(s, v->type);
  add_int(s, v->nfields);
  for (int i = 0; i < v->nfields; i++) {
    add_text(s, v->fields[i].name);
    add_value(d, s, v->fields[i].value);
  }
}

static void add_dist(Digest *d, Sha256 *s, const Dist *dist) {
  add_text(s, dist->info ? dist->info->name : NULL);
  add_int(s, dist->op);
  add_int(s, dist->n);
  for (int i = 0; i < dist->n; i++) {
    add_int(s, dist->arg[i] != NULL);
    if (dist->arg[i]) add_value(d, s, dist->arg[i]);
  }
}

/* Its number among those that were met. */
static int64_t meet(Digest *d, Declared x) {
  for (size_t i = 0; i < d->declared.n; i++) {
    const Declared *y = &d->declared.at[i];
    if (y->tree == x.tree && y->scope == x.scope && y->holder == x.holder) return (int64_t)i;
  }
  *vec_push(d->arena, &d->declared) = x;
  return (int64_t)d->declared.n - 1;
}

static const char *called(const Digest *d, const char *name) {
  return name ? name : d->fact;
}

static void add_function(Digest *d, Sha256 *s, const Value *v) {
  if (v->builtin) {
    add_text(s, v->builtin->name);
    add_fields(d, s, v);
    return;
  }
  add_int(s, meet(d, (Declared){called(d, v->fn->name), v->fn, v->scope, v->fields, v}));
}

static void add_network(Digest *d, Sha256 *s, const Value *v) {
  const Network *n = v->network;
  add_int(s, meet(d, (Declared){called(d, n->name), n->decl, n->scope, n, v}));
}

static void add_task(Digest *d, Sha256 *s, const Value *v) {
  const Task *t = v->task;
  add_int(s, meet(d, (Declared){called(d, t->name), t->decl, t->scope, t, v}));
}

static void add_module(Digest *d, Sha256 *s, const Value *v) {
  const Map *names = &v->scope->names;
  add_text(s, v->path);
  for (size_t i = 0; i < names->n; i++) {
    add_text(s, names->items[i].key);
    add_value(d, s, names->items[i].value);
  }
}

static void add_value(Digest *d, Sha256 *s, const Value *v) {
  add_int(s, v->kind);
  switch (v->kind) {
    case V_NONE: break;
    case V_ARRAY: add_array(d, s, v); break;
    case V_SPARSE: add_sparse(d, s, v); break;
    case V_STRING: add_bytes(s, v->text, v->len); break;
    case V_RECORD:
    case V_LIST:
    case V_METHOD: add_fields(d, s, v); break;
    case V_FUNCTION: add_function(d, s, v); break;
    case V_DIST: add_dist(d, s, v->dist); break;
    case V_NETWORK: add_network(d, s, v); break;
    case V_TASK: add_task(d, s, v); break;
    case V_MODULE: add_module(d, s, v); break;
    default: d->unknown |= v->kind == V_UNKNOWN; odd(d, "it is no value that can be compared");
  }
}

/* ---- declarations ---------------------------------------------------------------------------- */

typedef struct Uses {
  Digest *d;
  Declared from;
  Map seen;
  Sha256 *builtins; /* names that stand for functions written in C */
} Uses;

static void use(Uses *u, const char *name, const Value *v) {
  Arena *a = u->d->arena;
  if (map_has(&u->seen, name)) return;
  map_set(&u->seen, name, u);
  if (v && v->kind == V_FUNCTION && v->builtin && v->nfields == 0) {
    add_text(u->builtins, name);
    add_text(u->builtins, v->builtin->name);
    return;
  }
  const char *fact = *u->from.name ? arena_printf(a, "`%s` in %s", name, u->from.name)
                                   : arena_printf(a, "`%s`", name);
  digest_value(u->d, fact, v);
}

/* Of a module, only what is read of it counts. */
static bool visit(void *ctx, const Bound *b, const Ast *x) {
  Uses *u = ctx;
  const Ast *base = x->kind == AST_FIELD ? x->kids[0] : x;
  if (x->kind == AST_EXPECT || base->kind != AST_NAME || bound_has(b, base->name)) return false;
  const Value *v = scope_find(u->from.scope, base->name);
  bool of_module = x->kind == AST_FIELD && v && v->kind == V_MODULE;
  if (of_module)
    use(u, arena_printf(u->d->arena, "%s.%s", base->name, x->name), scope_find(v->scope, x->name));
  else if (x->kind == AST_NAME)
    use(u, x->name, v);
  return of_module;
}

static void read_fields(Digest *d, const Declared *x, const Field *fields, int n) {
  for (int i = 0; i < n; i++)
    digest_value(d, arena_printf(d->arena, "%s.%s", x->name, fields[i].name), fields[i].value);
}

static void read_map(Digest *d, const Declared *x, const Map *m) {
  for (size_t i = 0; i < m->n; i++)
    digest_value(d, arena_printf(d->arena, "%s.%s, as it is set", x->name, m->items[i].key),
                 m->items[i].value);
}

static void add_network_marks(Sha256 *s, const Network *n) {
  add_text(s, n->path);
  add_int(s, (int64_t)n->seed);
  add_text(s, n->method);
  sha256_add(s, &n->dt, sizeof n->dt);
}

static void read_declared(Digest *d, Declared x) {
  Sha256 s, builtins;
  const Value *v = x.value;
  if (!x.scope) return; /* a site */
  bool network = v && v->kind == V_NETWORK, task = v && v->kind == V_TASK;
  Uses u = {d, x, {0}, &builtins};
  map_init(&u.seen, d->arena);
  sha256_begin(&builtins);
  BoundWalk walk = {d->arena, visit, &u};
  bound_walk(&walk, NULL, x.tree);
  begin_fact(d, *x.name ? arena_printf(d->arena, "the text of %s", x.name) : "the text", &s);
  char hex[SHA256_HEX];
  sha256_end(&builtins, hex);
  sha256_add(&s, hex, sizeof hex);
  add_tree(&s, x.tree);
  add_files(d, &s, x.tree);
  if (network) add_network_marks(&s, v->network);
  if (task) add_text(&s, v->task->path);
  if (v && v->kind == V_FUNCTION) add_text(&s, v->path);
  end_fact(d, &s);
  if (network) read_fields(d, &x, v->network->args, v->network->nargs);
  if (network) read_map(d, &x, &v->network->set);
  if (task) read_fields(d, &x, v->task->args, v->task->nargs);
  if (task) read_map(d, &x, &v->task->set);
  if (v && v->kind == V_FUNCTION) read_fields(d, &x, v->fields, v->nfields);
}

/* ---- all ------------------------------------------------------------------------------------- */

void digest_text(Digest *d, const char *name, const char *text) {
  Sha256 s;
  begin_fact(d, name, &s);
  add_text(&s, text);
  end_fact(d, &s);
}

void digest_value(Digest *d, const char *name, const Value *v) {
  Sha256 s;
  if (d->odd) return;
  begin_fact(d, name, &s);
  if (v)
    add_value(d, &s, v);
  else
    add_int(&s, -1);
  end_fact(d, &s);
}

void digest_site(Digest *d, const char *name, const Ast *x) {
  Sha256 s;
  begin_fact(d, name, &s);
  add_tree(&s, x);
  end_fact(d, &s);
  meet(d, (Declared){name, x, NULL, NULL, NULL});
}

void digest_tree(Digest *d, const char *name, const Ast *x, Scope *sc) {
  meet(d, (Declared){name, x, sc, NULL, NULL});
}

bool digest_end(Digest *d, char key[SHA256_HEX]) {
  for (size_t i = 0; i < d->declared.n && !d->odd; i++) read_declared(d, d->declared.at[i]);
  sha256_end(&d->whole, key);
  return !d->odd;
}
