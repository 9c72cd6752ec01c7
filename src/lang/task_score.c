/* task_score.c: the scores of a task. A score is written for one trial and sees the rows of its
   window, whose length may differ from trial to trial. So it is a function of its own, of what the
   trial was and of what the network gave; the graph of the task gives its window and what else it
   reads, by name. */
#include <string.h>

#include "lang/core.h"
#include "lang/form.h"
#include "lang/lazy.h"
#include "lang/task_body.h"
#include "pass/rules.h"

/* ---- checks ---------------------------------------------------------------------------------- */

/* Fields of what verbs give, among which scores stand. */
static const char *const taken[] = {"net",   "loss",   "steps", "step", "each", "t",
                                    "input", "target", "mask",  "out",  "state"};

static bool is_taken(const char *name) {
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (strcmp(taken[i], name) == 0) return true;
  return false;
}

static TaskName *phase_named(const TaskBody *b, const char *name) {
  TaskName *n = map_get(&b->names, name);
  return n && n->kind == AST_PHASE ? n : NULL;
}

static bool check_name(TaskBody *b, const Ast *s, uint32_t at) {
  bool twice = map_has(&b->names, s->name);
  for (uint32_t i = 0; i < at; i++) {
    const Ast *other = b->block->kids[i];
    twice = twice || (other->kind == AST_SCORE && strcmp(other->name, s->name) == 0);
  }
  if (twice)
    ev_error(b->ev, E0203, ast_name_where(s), "`%s` is declared twice", s->name);
  else if (is_taken(s->name))
    ev_error(b->ev, E0524, ast_name_where(s), "a score cannot be called `%s`: results have this",
             s->name);
  else
    return true;
  return false;
}

static bool check_phase(TaskBody *b, const Ast *s) {
  if (!s->text || phase_named(b, s->text)) return true;
  VEC(const char *) names = {0};
  for (size_t i = 0; i < b->phases.n; i++)
    *vec_push(b->ev->arena, &names) = b->phases.at[i].stmt->name;
  const char *near = nearest_name(s->text, names.at, names.n);
  Diag *d = ev_report(b->ev, E0524, ast_where(s), "the task `%s` has no phase `%s`", b->task->name,
                      s->text);
  if (near) diag_note(b->ev->diag, d, ast_where(s), "did you mean `%s`?", near);
  return false;
}

bool task_check_scores(TaskBody *b) {
  bool ok = true;
  for (uint32_t i = 0; i < b->block->nkids; i++) {
    const Ast *s = b->block->kids[i];
    if (s->kind == AST_SCORE) ok = check_name(b, s, i) && check_phase(b, s) && ok;
  }
  return ok;
}

/* ---- what scores read ------------------------------------------------------------------------ */

typedef struct Reader {
  TaskBody *b;
  Trials *t;
  NodeId *out;
  int n;
} Reader;

static bool changes_by_step(TaskBody *b, NodeId node) {
  if (graph_depends(b->g, b->step, &node, 1)) return true;
  for (size_t i = 0; i < b->names.n; i++) {
    const TaskName *n = b->names.items[i].value;
    if (n->kind == AST_STATE && graph_depends(b->g, n->node, &node, 1)) return true;
  }
  return false;
}

static bool is_read(const Trials *t, const char *name) {
  for (size_t i = 0; i < t->reads.n; i++)
    if (strcmp(t->reads.at[i].name, name) == 0) return true;
  return false;
}

static void add_read(Reader *r, const char *name, NodeId node, Dim d, Where at) {
  if (is_read(r->t, name)) return;
  TaskBody *b = r->b;
  *vec_push(b->ev->arena, &r->t->reads) = (TrialChannel){.name = name,
                                                         .shape = graph_node(b->g, node)->shape,
                                                         .dim = dim_resolve(d, b->time),
                                                         .at = at,
                                                         .by_step = changes_by_step(b, node)};
  r->out[r->n++] = node;
}

/* Both ends of a phase, which is a record. */
static void read_phase(Reader *r, TaskName *n) {
  Arena *a = r->b->ev->arena;
  const Value *v = value_force(r->b->ev, n->value, n->at);
  for (int i = 0; v->kind == V_RECORD && i < v->nfields; i++)
    add_read(r, arena_printf(a, "%s.%s", n->name, v->fields[i].name),
             ev_node(r->b->ev, r->b->g, v->fields[i].value), v->fields[i].value->dim, n->at);
}

static void read_name(Reader *r, const char *name) {
  TaskBody *b = r->b;
  TaskName *n = map_get(&b->names, name);
  if (n && n->kind == AST_PHASE) read_phase(r, n);
  if (n && (n->kind == AST_PHASE || n->kind == AST_TARGET)) return;
  Value *v = n ? value_force(b->ev, n->value, n->at) : NULL;
  if (!n && strcmp(name, "t") == 0) v = scope_find(b->scope, name);
  if (v && v->kind == V_SPARSE) v = ev_dense(b->ev, v, n->at);
  if (v && v->kind == V_ARRAY) add_read(r, name, ev_node(b->ev, b->g, v), v->dim, v->at);
}

static void read_names(Reader *r, const Ast *x) {
  if (!x) return;
  if (x->kind == AST_NAME) read_name(r, x->name);
  for (uint32_t i = 0; i < x->nkids; i++) read_names(r, x->kids[i]);
}

/* ---- windows --------------------------------------------------------------------------------- */

static void add_window(Reader *r, const Ast *s) {
  TaskBody *b = r->b;
  NodeId first = graph_num(b->g, 0), end = b->length;
  if (s->text) {
    const TaskPhase *p = &b->phases.at[phase_named(b, s->text)->phase];
    first = p->start, end = p->end;
  }
  double from, to;
  bool fixed = task_is_fixed(b->g, first, &from) && task_is_fixed(b->g, end, &to);
  *vec_push(b->ev->arena, &r->t->scores) =
      (TrialScore){s->name, fixed ? (int64_t)(to - from) : EXTENT_UNKNOWN, ast_name_where(s)};
  r->out[r->n++] = first;
  r->out[r->n++] = end;
}

int task_add_scores(TaskBody *b, Trials *t, NodeId *out, int n) {
  Reader r = {b, t, out, n};
  bool any = false;
  for (uint32_t i = 0; i < b->block->nkids; i++) any = any || b->block->kids[i]->kind == AST_SCORE;
  if (!any) return n;
  for (uint32_t i = 0; i < b->block->nkids; i++) {
    AstKind kind = (AstKind)b->block->kids[i]->kind;
    if (kind == AST_SCORE || kind == AST_FN) read_names(&r, b->block->kids[i]);
  }
  for (uint32_t i = 0; i < b->block->nkids; i++)
    if (b->block->kids[i]->kind == AST_SCORE) add_window(&r, b->block->kids[i]);
  return r.n;
}

/* ---- the value ------------------------------------------------------------------------------- */

static const Ast *score_at(const Task *task, int i) {
  const Ast *block = task->decl->kids[task->decl->nkids - 1];
  for (uint32_t k = 0; k < block->nkids; k++)
    if (block->kids[k]->kind == AST_SCORE && i-- == 0) return block->kids[k];
  return NULL;
}

/* `answer.start` and `answer.end` become the record `answer`. */
static void set_read(Ev *ev, Scope *sc, const char *name, Value *v) {
  const char *dot = strchr(name, '.');
  if (!dot) {
    scope_set(sc, name, v);
    return;
  }
  const char *head = arena_strndup(ev->arena, name, (size_t)(dot - name));
  Value *r = map_get(&sc->names, head);
  if (!r) scope_set(sc, head, r = value_record(ev, "phase", 2));
  value_set(r, strcmp(dot, ".end") == 0, dot + 1, v);
}

Value *task_score(Ev *ev, const Task *task, const Trials *t, int i, Value *const *target,
                  Value *const *out, Value *const *read) {
  const Ast *s = score_at(task, i);
  Scope *sc = scope_new(ev, task->scope);
  Value *given = value_record(ev, NULL, (int)t->targets.n);
  for (int k = 0; k < task->nargs; k++) scope_set(sc, task->args[k].name, task->args[k].value);
  hoist(ev, sc, task->decl->kids[task->decl->nkids - 1]);
  for (size_t k = 0; k < t->reads.n; k++) set_read(ev, sc, t->reads.at[k].name, read[k]);
  for (size_t k = 0; k < t->targets.n; k++) {
    scope_set(sc, t->targets.at[k].name, target[k]);
    value_set(given, (int)k, t->targets.at[k].name, out[k]);
  }
  scope_set(sc, "out", given);
  const char *path = ev->path;
  ev->path = task->path;
  Value *v = ev_dense(ev, ev_expr(ev, sc, s->kids[0]), ast_where(s->kids[0]));
  ev->path = path;
  bool lone =
      v->kind == V_ARRAY && shape_count(value_shape(v)) == 1; /* of a target of one element */
  return lone ? form_reshape(ev, v, SHAPE_SCALAR, ast_where(s->kids[0])) : v;
}
