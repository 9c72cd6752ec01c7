/* connect.c: what feeds the inputs of populations: connections, W @ source, and terms that are
   added. The weights of a connection are an entry of their own, so that they can be trained and
   read. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"
#include "lang/unit.h"

/* ---- ends of a connection -------------------------------------------------------------------- */

static void report_unknown(Body *b, const Ast *path, const char *name, const char *owner,
                           const char *near) {
  Where at = ast_where(path);
  Diag *d = owner ? body_report(b, E0509, at, "`%s` has no %s", owner, name)
                  : body_report(b, E0509, at, "`%s` has no population `%s`", b->decl->name, name);
  if (d && near) diag_note(b->tr->ev->diag, d, at, "did you mean `%s`?", near);
}

/* The first entry of a kind, or NULL. */
static Entry *first_of(const Body *b, EntryKind kind) {
  for (size_t i = 0; i < b->names.n; i++) {
    Entry *e = b->names.items[i].value;
    if (e->kind == kind) return e;
  }
  return NULL;
}

static Entry *target_input(Body *b, const Ast *path) {
  Entry *e = body_find(b, path->name);
  if (!e) {
    report_unknown(b, path, path->name, NULL, body_near(b, path->name, ENTRY_POPULATION));
    return NULL;
  }
  if (e->kind != ENTRY_POPULATION) {
    Diag *d = body_report(b, E0509, ast_where(path),
                          "`%s` is no population: only inputs of populations can be fed", e->name);
    if (d) diag_note(b->tr->ev->diag, d, e->at, "`%s` is declared here", e->name);
    return NULL;
  }
  if (!e->part) return NULL;
  Entry *in = path->text ? body_find(e->part, path->text) : first_of(e->part, ENTRY_INPUT);
  if (in && in->kind == ENTRY_INPUT) return in;
  const char *what =
      path->text ? arena_printf(b->tr->ev->arena, "input `%s`", path->text) : "input";
  const char *near = path->text ? body_near(e->part, path->text, ENTRY_INPUT) : NULL;
  report_unknown(b, path, what, e->name, near);
  return NULL;
}

/* What a connection reads: E.s, the first output of E, or a quantity of the network itself. */
static Entry *source_entry(Body *b, const Ast *path) {
  Entry *e = body_find(b, path->name);
  if (!e) {
    report_unknown(b, path, path->name, NULL, body_near(b, path->name, ENTRY_KINDS));
    return NULL;
  }
  if (e->kind != ENTRY_POPULATION && !path->text) return e;
  if (e->kind != ENTRY_POPULATION) {
    body_report(b, E0509, ast_where(path), "`%s` is no population", e->name);
    return NULL;
  }
  if (!e->part) return NULL;
  Entry *out = path->text ? body_find(e->part, path->text) : body_first_output(e->part);
  if (out) return out;
  const char *what = path->text ? arena_printf(b->tr->ev->arena, "quantity `%s`", path->text)
                                : "output: name what the connection reads, `E.x`";
  report_unknown(b, path, what, e->name,
                 path->text ? body_near(e->part, path->text, ENTRY_KINDS) : NULL);
  return NULL;
}

Entry *body_first_output(const Body *b) {
  for (size_t i = 0; i < b->lines.n; i++) {
    const Ast *s = b->lines.at[i].stmt;
    if (s->kind == AST_OUTPUT) return body_find(b, s->kids[0]->name);
  }
  return NULL;
}

/* ---- attaching ------------------------------------------------------------------------------- */

/* The expression of the option `delay`, or NULL. */
static const Ast *delay_option(const Ast *s) {
  for (uint32_t i = 3; i < s->nkids; i++)
    if (s->kids[i]->name && strcmp(s->kids[i]->name, "delay") == 0) return s->kids[i]->kids[0];
  return NULL;
}

static void check_options(Body *b, const Ast *s) {
  bool delay = false;
  for (uint32_t i = 3; i < s->nkids; i++) {
    const Ast *o = s->kids[i];
    if (o->name && strcmp(o->name, "delay") == 0 && !delay)
      delay = true;
    else
      body_report(b, E0206, ast_where(o), "a connection takes the option `delay`, not `%s`",
                  o->name ? o->name : "a value without a name");
  }
}

static Entry *add_link(Body *b, const Line *line) {
  const Ast *s = line->stmt;
  const char *from = s->kids[0]->name, *to = s->kids[1]->name;
  const char *label = s->name ? s->name : arena_printf(b->tr->ev->arena, "%s_%s", from, to);
  Entry *first = body_find(b, label);
  if (!s->name && first && first->kind == ENTRY_LINK) {
    Diag *d =
        body_report(b, E0203, ast_where(s),
                    "a second connection from `%s` to `%s` needs a name: `connect name: %s -> %s`",
                    from, to, from, to);
    if (d) diag_note(b->tr->ev->diag, d, first->at, "the first one is here");
    return NULL;
  }
  Where at = s->name ? ast_name_where(s) : ast_where(s);
  Entry *e = entry_add(b, ENTRY_LINK, label, at, s);
  if (!e) return NULL;
  e->scope = line->scope;
  e->trainable = (s->flags & AST_TRAINABLE) != 0;
  check_options(b, s);
  return e;
}

void connect_attach(Body *b, const Line *line) {
  const Ast *s = line->stmt;
  bool adds = s->kind == AST_ADD;
  Entry *in = target_input(b, s->kids[adds ? 0 : 1]);
  Line feed = *line;
  if (!adds) {
    Entry *from = source_entry(b, s->kids[0]);
    if (!in || !from) return;
    feed.link = add_link(b, line);
    if (!feed.link) return;
    feed.link->from = from;
    feed.link->to = in;
  }
  if (in) *vec_push(b->tr->ev->arena, &in->feeds) = feed;
}

/* ---- weights --------------------------------------------------------------------------------- */

/* The extent of an end of a connection: a number counts as one unit; -2: reported. */
static int64_t end_size(Body *b, const Ast *path, Shape s) {
  if (s.rank == 0) return 1;
  if (s.rank == 1) return s.n[0];
  body_report(b, E0510, ast_where(path), "a connection joins vectors; this has the shape %s",
              shape_text(b->tr->ev->arena, s));
  return -2;
}

static Shape input_shape(const Entry *in) {
  Shape own = {.rank = 0};
  if (in->body->has_loop) own = shape_vec(in->body->extent);
  return shape_concat(own, in->shape);
}

/* The text of the weights, evaluated with `post` and `pre`: a matrix, a number or a distribution.
 */
static Value *link_text(Entry *e, int64_t post, int64_t pre) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  Value *n_post = size_value(ev, post), *n_pre = size_value(ev, pre);
  Scope *sc = scope_new(ev, e->scope);
  scope_set(sc, "post", n_post);
  scope_set(sc, "pre", n_pre);
  ConnectSizes sizes = {post, pre}, *saved = b->tr->sizes;
  b->tr->sizes = &sizes;
  Value *v = ev_expr(ev, sc, e->item->kids[2]);
  v = connectivity_sized(ev, v, shape_mat(post, pre), ast_where(e->item->kids[2]));
  b->tr->sizes = saved;
  return v;
}

static void report_size(Entry *e, Shape have, int64_t post, int64_t pre) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  Diag *d = body_report(b, E0510, ast_where(e->item->kids[2]),
                        "the weights have the shape %s, but %s are needed",
                        shape_text(ev->arena, have), shape_text(ev->arena, shape_mat(post, pre)));
  if (!d) return;
  diag_note(ev->diag, d, ast_where(e->item->kids[1]), "a row for each of %lld here",
            (long long)post);
  diag_note(ev->diag, d, ast_where(e->item->kids[0]), "a column for each of %lld here",
            (long long)pre);
}

/* A matrix [post, pre] of all units; NULL: reported. */
static Value *link_matrix(Entry *e, Value *v, int64_t post, int64_t pre) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  Where at = ast_where(e->item->kids[2]);
  bool drawn = v->kind == V_DIST || (e->item->flags & AST_DRAWN);
  if (drawn && v->kind != V_ERROR && v->kind != V_UNKNOWN)
    return body_unit(b, body_draw(b, v, shape_mat(post, pre), e->name, at));
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
  if (v->kind != V_ARRAY && v->kind != V_SPARSE) {
    body_report(b, E0520, at,
                "the weights of a connection are a connectivity, a matrix, a number or a "
                "distribution, not %s",
                value_kind_name(ev, v));
    return &VALUE_ERROR;
  }
  Shape have = value_shape(v), want = shape_mat(post, pre);
  if (have.rank == 0) return ev_shaped(ev, v, want, at);
  if (have.rank == 2 && shape_fits(have, want)) return v;
  report_size(e, have, post, pre);
  return &VALUE_ERROR;
}

Value *link_value(Entry *e) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  Value *from = value_force(ev, e->from->outer, ast_where(e->item->kids[0]));
  if (from->kind == V_ERROR) return from;
  int64_t pre = end_size(b, e->item->kids[0], value_shape(from));
  int64_t post = end_size(b, e->item->kids[1], input_shape(e->to));
  if (pre < -1 || post < -1) return &VALUE_ERROR;
  Value *set = body_set_value(b, e->name);
  Value *v = link_matrix(e, set ? set : link_text(e, post, pre), post, pre);
  if (v->kind != V_ARRAY && v->kind != V_SPARSE) return v;
  if (!value_is_traced(v)) body_constant(b, e->full, v);
  return e->trainable ? weight_input(e, v) : v;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static Value *reshaped(Ev *ev, Value *v, Shape s, Where at) {
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->n = s.rank;
  memcpy(attr->i, s.n, sizeof attr->i);
  return ev_op(ev, OP_reshape, attr, &v, 1, at);
}

/* How long a connection takes; NULL: no time. */
static Value *feed_delay(const Line *feed) {
  const Ast *x = delay_option(feed->stmt);
  return x ? ev_expr(feed->body->tr->ev, feed->scope, x) : NULL;
}

/* Entries of the delay at the places of the weights. */
static Value *delay_at_places(Ev *ev, Value *w, Value *d, Where at) {
  if (d->kind == V_SPARSE && d->pattern == w->pattern) return d->entries;
  if (d->kind == V_SPARSE)
    return ev_error(ev, E0519, at, "the delays are sparse, with other places than the weights");
  return sparse_taken(ev, w->pattern, d, at);
}

static Value *sum_of_rows(Ev *ev, Value *w, Value *terms, Where at) {
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->axis = 1;
  if (w->kind == V_ARRAY) return ev_op(ev, OP_sum, attr, &terms, 1, at);
  *attr = (OpAttr){.p = w->pattern};
  Tensor *ones = tensor_new(ev->arena, shape_vec(w->pattern->cols));
  for (int64_t k = 0; k < w->pattern->cols; k++) ones->data[k] = 1;
  Value *args[] = {terms, value_tensor(ev, ones, DIM_ONE)};
  return ev_op(ev, OP_spmm, attr, args, 2, at);
}

/* Each connection reads its source at its own delay: row sums of the weights times what arrives. */
static Value *connected_each(const Line *feed, Value *w, Value *from, Value *d) {
  Body *b = feed->body;
  Ev *ev = b->tr->ev;
  Where at = ast_where(delay_option(feed->stmt));
  if (!shape_fits(value_shape(d), value_shape(w))) {
    body_report(b, E0519, at, "the delays have the shape %s, but the weights have the shape %s",
                shape_text(ev->arena, value_shape(d)), shape_text(ev->arena, value_shape(w)));
    return &VALUE_ERROR;
  }
  bool sparse = w->kind == V_SPARSE && w->pattern->start && b->nloops == 0;
  if (!sparse) w = ev_dense(ev, w, at);
  d = sparse ? delay_at_places(ev, w, d, at) : ev_dense(ev, d, at);
  if (w->kind == V_ERROR || d->kind == V_ERROR) return &VALUE_ERROR;
  Value *late =
      sparse ? delay_entries(b, from, w->pattern, d, at) : delay_make(b, from, d, NULL, at);
  if (late->kind != V_ARRAY) return late;
  Value *terms = ev_op2(ev, OP_mul, sparse ? w->entries : w, late, at);
  return terms->kind == V_ARRAY ? sum_of_rows(ev, w, terms, at) : terms;
}

static Value *carried(const Line *feed, Value *w, Value *from) {
  Ev *ev = feed->body->tr->ev;
  Where at = ast_where(feed->stmt);
  Value *d = feed_delay(feed);
  if (d && (d->kind == V_ERROR || d->kind == V_UNKNOWN)) return d;
  if (d && (d->kind == V_ARRAY || d->kind == V_SPARSE) && value_shape(d).rank == 2)
    return connected_each(feed, w, from, d);
  if (d) from = delay_make(feed->body, from, d, NULL, ast_where(delay_option(feed->stmt)));
  return ev_binary(ev, AOP_MATMUL, w, from, at);
}

static Value *connected(const Line *feed) {
  Ev *ev = feed->body->tr->ev;
  Entry *link = feed->link;
  Where at = ast_where(feed->stmt);
  Value *from = value_force(ev, link->from->outer, at);
  Value *w = value_force(ev, link->inner, at);
  if (w->kind == V_ERROR || w->kind == V_UNKNOWN || from->kind == V_ERROR)
    return w->kind == V_UNKNOWN ? w : &VALUE_ERROR;
  from = ev_dense(ev, from, at);
  if (from->kind == V_ARRAY && value_shape(from).rank == 0)
    from = reshaped(ev, from, shape_vec(1), at);
  Value *v = carried(feed, w, from);
  bool single = v->kind == V_ARRAY && input_shape(link->to).rank == 0;
  return single ? reshaped(ev, v, SHAPE_SCALAR, at) : v;
}

static Value *fed_value(const Line *feed) {
  Ev *ev = feed->body->tr->ev;
  Inside saved = body_enter(feed->body);
  Value *v = feed->link ? connected(feed)
                        : ev_dense(ev, ev_expr(ev, feed->scope, feed->stmt->kids[1]),
                                   ast_where(feed->stmt->kids[1]));
  body_leave(feed->body, saved);
  return v;
}

static bool feed_fits(Entry *in, const Line *feed, Value *v) {
  Body *b = feed->body;
  Ev *ev = b->tr->ev;
  Where at = ast_where(feed->stmt->kids[feed->link ? 2 : 1]);
  if (v->kind != V_ARRAY) {
    if (v->kind != V_ERROR && v->kind != V_UNKNOWN)
      body_report(b, E0210, at, "`%s` is fed with numbers, not with %s", in->full,
                  value_kind_name(ev, v));
    return false;
  }
  Shape want = input_shape(in), have = value_shape(v), joint;
  Diag *d = NULL;
  if (!dim_agree(v->dim, in->dim, ev->time, NULL))
    d = body_report(b, E0301, at, "`%s` is %s, but this is %s", in->full,
                    dim_name(ev->arena, in->dim), dim_name(ev->arena, v->dim));
  else if (!shape_broadcast(have, want, &joint) || joint.rank != want.rank ||
           !shape_fits(joint, want))
    d = body_report(b, E0510, at, "`%s` has the shape %s, but this has the shape %s", in->full,
                    shape_text(ev->arena, want), shape_text(ev->arena, have));
  else
    return true;
  if (d) diag_note(ev->diag, d, in->at, "the input is declared here");
  return false;
}

Value *connect_sum(Entry *in) {
  Ev *ev = in->body->tr->ev;
  Value *sum = NULL;
  for (size_t i = 0; i < in->feeds.n; i++) {
    const Line *feed = &in->feeds.at[i];
    Value *v = fed_value(feed);
    if (!feed_fits(in, feed, v)) {
      in->body->tr->failed |= v->kind == V_ERROR;
      return v->kind == V_UNKNOWN ? v : &VALUE_ERROR;
    }
    sum = sum ? ev_op2(ev, OP_add, sum, v, ast_where(feed->stmt)) : v;
    if (sum->kind != V_ARRAY) return sum;
  }
  return ev_shaped(ev, value_with_dim(ev, sum, in->dim), input_shape(in), in->at);
}
