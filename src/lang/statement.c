/* statement.c: blocks and the statements in them. Functions, neurons, networks and tasks are
   visible in their whole block; `let` and `param` from their line on. */
#include <assert.h>
#include <string.h>

#include "lang/core.h"
#include "lang/dist.h"
#include "lang/lazy.h"
#include "lang/unit.h"

/* A name of the file "lab.dyn" has the path that a name lab_x of the model would have: putting all
   into one file (lang/flatten.h) changes no draw. */
const char *path_in(Ev *ev, const char *name) {
  if (ev->path && *ev->path) return arena_printf(ev->arena, "%s.%s", ev->path, name);
  return ev->module ? arena_printf(ev->arena, "%s_%s", ev->module, name) : name;
}

Value *closure_make(Ev *ev, Scope *sc, const Ast *fn) {
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = V_FUNCTION;
  v->at = ast_where(fn);
  v->fn = fn;
  v->scope = sc;
  v->arena = ev->arena;
  v->path = fn->name ? path_in(ev, fn->name) : ev->path;
  return v;
}

/* ---- names of a block ---- */

bool ast_declares_function(const Ast *s) {
  return s->kind == AST_FN || s->kind == AST_NEURON || s->kind == AST_CONNECTIVITY ||
         s->kind == AST_NETWORK || s->kind == AST_TASK || s->kind == AST_ANALYSIS;
}

static void declare_name(Ev *ev, Scope *sc, const Ast *decl) {
  const Ast *first = map_get(&sc->places, decl->name);
  Where at = ast_name_where(decl);
  if (first) {
    Diag *d = ev_report(ev, E0203, at, "`%s` is declared twice", decl->name);
    diag_note(ev->diag, d, ast_name_where(first),
              "it is declared here first; one of the two takes another name");
    return;
  }
  map_set(&sc->places, decl->name, (void *)decl);
  const Value *builtin = sc->file ? map_get(&ev->builtins->names, decl->name) : NULL;
  if (builtin)
    ev_warn(ev, W0204, at, "`%s` hides %s of this name", decl->name, value_kind_name(ev, builtin));
}

static void declare_let(Ev *ev, Scope *sc, const Ast *let) {
  for (uint32_t i = 0; i < let->nkids; i++) {
    const Ast *item = let->kids[i];
    if (item->kind == AST_ITEM) declare_name(ev, sc, item);
    for (uint32_t k = 1; item->kind == AST_UNPACK && k < item->nkids; k++)
      declare_name(ev, sc, item->kids[k]);
  }
}

/* An imported name must not be that of a declaration; `seen` are the names imported so far. */
static void declare_import(Ev *ev, Scope *sc, Map *seen, const char *name, Where at) {
  const Ast *first = map_get(&sc->places, name);
  if (first) {
    Diag *d = ev_report(ev, E0203, at, "`%s` is imported and declared", name);
    diag_note(ev->diag, d, ast_name_where(first), "it is declared here");
  } else if (map_has(seen, name)) {
    ev_error(ev, E0203, at, "`%s` is imported twice", name);
  }
  map_set(seen, name, sc);
}

static void declare_imports(Ev *ev, Scope *sc, const Ast *block) {
  Map seen;
  map_init(&seen, ev->arena);
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    if (s->kind == AST_IMPORT) declare_import(ev, sc, &seen, import_name(ev, s), ast_where(s));
    for (uint32_t k = 0; s->kind == AST_FROM && k < s->nkids; k++)
      declare_import(ev, sc, &seen, s->kids[k]->name, ast_where(s->kids[k]));
  }
}

void hoist(Ev *ev, Scope *sc, const Ast *block) {
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    if (s->kind == AST_LET) declare_let(ev, sc, s);
    if (s->kind != AST_PARAM && !ast_declares_function(s)) continue;
    declare_name(ev, sc, s);
    if (s->kind != AST_PARAM) scope_set(sc, s->name, closure_make(ev, sc, s));
  }
  if (sc->file) declare_imports(ev, sc, block);
}

/* ---- let ---- */

bool ev_item_shape(Ev *ev, Scope *sc, const Ast *item, Shape *s) {
  *s = (Shape){.rank = (int)item->nkids - 1};
  if (s->rank > SHAPE_MAX_RANK) {
    ev_error(ev, E0408, ast_where(item), "an array has at most %d axes", SHAPE_MAX_RANK);
    return false;
  }
  for (int i = 0; i < s->rank; i++) {
    const Ast *x = item->kids[i + 1];
    bool known;
    Value *v = ev_expr(ev, sc, x);
    if (!ev_to_whole(ev, v, &s->n[i], &known, ast_where(x), "a size")) return false;
    if (!known) s->n[i] = EXTENT_UNKNOWN;
    if (known && s->n[i] < 0) {
      ev_error(ev, E0406, ast_where(x), "a size must not be negative: %lld", (long long)s->n[i]);
      return false;
    }
  }
  return shape_affordable(ev, *s, ast_where(item));
}

/* A value of the declared shape: smaller ones are broadcast. */
Value *ev_shaped(Ev *ev, Value *v, Shape s, Where at) {
  if (v->kind != V_ARRAY && v->kind != V_SPARSE) {
    if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
    return ev_error(ev, E0210, at, "a number or an array is needed, not %s",
                    value_kind_name(ev, v));
  }
  if (v->kind == V_SPARSE && shape_fits(value_shape(v), s)) return v;
  v = ev_dense(ev, v, at);
  Shape joint, have = value_shape(v);
  if (!shape_broadcast(have, s, &joint) || joint.rank != s.rank || !shape_fits(joint, s))
    return ev_error(ev, E0401, at, "the declared shape is %s, that of the value %s",
                    shape_text(ev->arena, s), shape_text(ev->arena, have));
  if (shape_equal(have, s)) return v;
  if (!shape_known(s)) return v->graph ? v : value_abstract(ev, joint, v->dim);
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->n = s.rank;
  memcpy(attr->i, s.n, sizeof attr->i);
  return ev_op(ev, OP_broadcast, attr, &v, 1, at);
}

static Value *drawn(Ev *ev, Value *dist, const Ast *item, Shape s) {
  if (dist->kind == V_ERROR || dist->kind == V_UNKNOWN) return dist;
  Where at = ast_where(item->kids[0]);
  return dist_draw(ev, connectivity_sized(ev, dist, s, at), s, ev->path, at);
}

/* Only statements of a file, which others follow, are worth an arena: in a call, all goes with it.
 */
static Arena *item_begin(Ev *ev, const Scope *sc) {
  return sc->file ? interim_begin(ev) : NULL;
}

static Value *eval_item(Ev *ev, Scope *sc, const Ast *item) {
  const char *path = ev->path;
  ev->path = path_in(ev, item->name);
  Arena *outer = item_begin(ev, sc);
  Value *v = ev_expr(ev, sc, item->kids[0]);
  Shape s = SHAPE_SCALAR;
  bool shaped = (item->flags & AST_SHAPED) != 0;
  if (shaped && !ev_item_shape(ev, sc, item, &s))
    v = &VALUE_ERROR;
  else if (item->flags & AST_DRAWN)
    v = drawn(ev, v, item, s);
  else if (shaped)
    v = ev_shaped(ev, v, s, ast_where(item->kids[0]));
  ev->path = path;
  return interim_end(ev, outer, v);
}

/* What a verb or an analysis made goes to the results under its name. */
static void bind(Ev *ev, Scope *sc, const Ast *name, Value *v, int verbs_before) {
  scope_set(sc, name->name, v);
  if (sc != ev->top || ev->rehearse || ev->verbs == verbs_before || v->kind == V_ERROR) return;
  for (size_t i = 0; i < ev->saved.n; i++)
    if (strcmp(ev->saved.at[i].name, name->name) == 0) {
      ev_error(ev, E0203, ast_name_where(name), "something is saved as `%s` already", name->name);
      return;
    }
  *vec_push(ev->arena, &ev->results) = (Result){name->name, v, ast_name_where(name)};
}

static void eval_unpack(Ev *ev, Scope *sc, const Ast *item) {
  int verbs = ev->verbs;
  Arena *outer = item_begin(ev, sc);
  Value *v = interim_end(ev, outer, ev_expr(ev, sc, item->kids[0]));
  if (v->kind != V_RECORD && v->kind != V_ERROR && v->kind != V_UNKNOWN)
    v = ev_error(ev, E0210, ast_where(item->kids[0]),
                 "`let (a, b) = …` takes the fields of a record, not of %s",
                 value_kind_name(ev, v));
  for (uint32_t i = 1; i < item->nkids; i++) {
    const Ast *name = item->kids[i];
    Value *f = v->kind == V_RECORD ? (Value *)value_field(v, name->name) : v;
    if (!f) f = ev_error(ev, E0211, ast_where(name), "the record has no field `%s`", name->name);
    bind(ev, sc, name, f, verbs);
  }
}

void ev_let_item(Ev *ev, Scope *sc, const Ast *item) {
  if (item->kind == AST_UNPACK) {
    eval_unpack(ev, sc, item);
    return;
  }
  int verbs = ev->verbs;
  Value *v = eval_item(ev, sc, item);
  bind(ev, sc, item, v, verbs);
}

static void eval_let(Ev *ev, Scope *sc, const Ast *let) {
  for (uint32_t i = 0; i < let->nkids; i++) ev_let_item(ev, sc, let->kids[i]);
}

/* ---- statements ---- */

static Value *eval_expression(Ev *ev, Scope *sc, const Ast *x) {
  Arena *outer = item_begin(ev, sc);
  return interim_end(ev, outer, ev_expr(ev, sc, x));
}

Value *ev_statement(Ev *ev, Scope *sc, const Ast *s) {
  if (ast_declares_function(s)) return NULL;
  switch ((AstKind)s->kind) {
    case AST_LET: eval_let(ev, sc, s); return NULL;
    case AST_EXPR: return eval_expression(ev, sc, s->kids[0]);
    case AST_EXPECT: ev_expect(ev, sc, s); return NULL;
    case AST_PARAM: ev_param(ev, sc, s); return NULL;
    case AST_IMPORT:
    case AST_FROM: ev_import(ev, sc, s); return NULL;
    default: break;
  }
  assert(!"the parser lets no other statement stand here");
  return NULL;
}

Value *ev_block(Ev *ev, Scope *up, const Ast *block) {
  Scope *sc = scope_new(ev, up);
  hoist(ev, sc, block);
  Value *last = NULL;
  int unmet = ev->unmet;
  for (uint32_t i = 0; i < block->nkids && !ev->abort_trace && ev->unmet == unmet; i++)
    last = ev_statement(ev, sc, block->kids[i]);
  assert((last || ev->abort_trace) && "the parser wants a value at the end");
  bool whole = last && ev->unmet == unmet;
  ev->unmet = unmet;
  return whole ? last : &VALUE_ERROR;
}
