/* index.c: `x[0, 2:5, :, -1]`. Each item acts on an axis of its own: a number takes one element and
   drops the axis, a slice a part, an array of whole numbers gathers along the axis, and a mask,
   which stands for as many axes as it has, keeps what is true along one axis in their place. A
   traced number becomes a gather, or takes the axis apart where it is the index of a loop over it.
 */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "lang/form.h"

/* One item: `at` its text; a slice has open ends where from or to are NULL. */
typedef struct Item {
  bool slice;
  Value *value, *from, *to;
  Where at;
} Item;

/* What has been done so far: x, and the axis on which the next item acts. */
typedef struct Indexing {
  Ev *ev;
  Value *x;
  int axis;
} Indexing;

static int64_t axis_length(const Indexing *ix) {
  return value_shape(ix->x).n[ix->axis];
}

static Shape without_axis(Shape s, int axis) {
  Shape t = {s.rank - 1, {0}};
  for (int k = 0; k < t.rank; k++) t.n[k] = s.n[k < axis ? k : k + 1];
  return t;
}

/* ---- numbers ---- */

static Value *out_of_range(Ev *ev, Where at, int64_t i, int64_t n) {
  Diag *d = ev_report(ev, E0402, at, "index %lld is out of range: the axis has length %lld",
                      (long long)i, (long long)n);
  if (i == n)
    diag_note(ev->diag, d, at, "indices begin at 0; the last element is %lld", (long long)n - 1);
  return &VALUE_ERROR;
}

/* Where the condition of a branch is not known, a bad index gives NaN. */
static Value *not_a_number(Ev *ev, Shape s, Dim dim, Where at) {
  return form_fill(ev, s, NAN, dim, at);
}

static Value *take_one(Indexing *ix, int64_t i, Where at) {
  int64_t n = axis_length(ix);
  Shape rest = without_axis(value_shape(ix->x), ix->axis);
  if (n >= 0 && (i >= n || i < -n)) {
    if (ix->ev->undecided) return not_a_number(ix->ev, rest, ix->x->dim, at);
    return out_of_range(ix->ev, at, i, n);
  }
  if (n < 0 || !shape_known(rest)) {
    if (ix->x->graph) return form_gather(ix->ev, ix->x, value_num(ix->ev, (double)i), ix->axis, at);
    return value_abstract_like(ix->ev, ix->x, rest);
  }
  if (i < 0) i += n;
  return form_reshape(ix->ev, form_slice(ix->ev, ix->x, ix->axis, i, 1, at), rest, at);
}

/* The loop whose index this traced number is, or -1. */
static int loop_of(const Value *v) {
  if (!v->graph) return -1;
  const Node *n = graph_node(v->graph, v->node);
  return n->op == OP_iota ? n->attr->axis : -1;
}

/* x[i] for each i of a loop that runs over the axis: the axis is taken apart. NULL: not this case.
 */
static Value *take_by_loop(Indexing *ix, const Value *index, Where at) {
  int loop = loop_of(index);
  Graph *g = index->graph;
  if (loop < 0 || (ix->x->graph && ix->x->graph != g)) return NULL;
  if (ix->x->graph && graph_node(g, ix->x->node)->loops >> loop & 1) return NULL;
  int64_t extent = g->loops[loop].extent, n = axis_length(ix);
  if (extent < 0 || n < 0) return NULL;
  if (extent > n) return ix->ev->undecided ? NULL : out_of_range(ix->ev, at, extent - 1, n);
  Value *x = form_slice(ix->ev, ix->x, ix->axis, 0, extent, at);
  x = form_move_axis(ix->ev, x, ix->axis, 0, at);
  if (x->kind != V_ARRAY) return x;
  g->at = at;
  Value *v = value_node(ix->ev, g, graph_unstack(g, ev_node(ix->ev, g, x), loop), x->dim);
  v->logical = ix->x->logical;
  return v;
}

static Value *index_number(Indexing *ix, Value *v, Where at) {
  double i;
  bool traced = v->graph && !graph_is_num(v->graph, v->node, &i);
  bool abstract = !v->graph && !v->tensor->data;
  if (traced || (abstract && ix->x->graph)) {
    Value *r = traced ? take_by_loop(ix, v, at) : NULL;
    return r ? r : form_gather(ix->ev, ix->x, v, ix->axis, at);
  }
  if (abstract)
    return value_abstract_like(ix->ev, ix->x, without_axis(value_shape(ix->x), ix->axis));
  if (!v->graph) i = v->tensor->data[0];
  if (i == floor(i)) return take_one(ix, (int64_t)i, at);
  return ev_error(ix->ev, E0407, at, "an index must be a whole number, not %g", i);
}

/* ---- slices ---- */

/* An end of a slice: negative ones count from the end; beyond the axis there is nothing. */
static bool slice_end(const Indexing *ix, Value *v, int64_t n, int64_t dflt, int64_t *end,
                      Where at) {
  *end = dflt;
  if (!v) return true;
  bool known;
  if (!ev_to_whole(ix->ev, v, end, &known, at, "the end of a slice")) return false;
  if (!known || n < 0) return *end = EXTENT_UNKNOWN, true;
  if (*end < 0) *end += n;
  *end = *end < 0 ? 0 : *end > n ? n : *end;
  return true;
}

static Value *index_slice(Indexing *ix, const Item *item) {
  int64_t n = axis_length(ix), from, to;
  if (!item->from && !item->to) return ix->x;
  if (!slice_end(ix, item->from, n, 0, &from, item->at)) return &VALUE_ERROR;
  if (!slice_end(ix, item->to, n, n, &to, item->at)) return &VALUE_ERROR;
  if (n < 0 || from < 0 || to < 0) return form_slice(ix->ev, ix->x, ix->axis, 0, -1, item->at);
  return form_slice(ix->ev, ix->x, ix->axis, from, to > from ? to - from : 0, item->at);
}

/* ---- arrays of indices and masks ---- */

static Value *index_array(Indexing *ix, Value *v, Where at) {
  int64_t n = axis_length(ix), count = shape_count(value_shape(v));
  for (int64_t k = 0; value_is_known(v) && k < count; k++) {
    double i = v->tensor->data[k];
    if (i != floor(i))
      return ev_error(ix->ev, E0407, at, "an index must be a whole number, not %g", i);
    if (n >= 0 && (i >= (double)n || i < (double)-n) && !ix->ev->undecided)
      return out_of_range(ix->ev, at, (int64_t)i, n);
  }
  return form_gather(ix->ev, ix->x, v, ix->axis, at);
}

/* The places, in order, at which a mask is true. */
static Value *places_of(Ev *ev, const Value *mask) {
  if (!mask->tensor->data) return value_abstract(ev, shape_vec(EXTENT_UNKNOWN), DIM_ONE);
  int64_t n = shape_count(mask->tensor->shape), kept = 0;
  for (int64_t i = 0; i < n; i++) kept += mask->tensor->data[i] != 0;
  Tensor *t = tensor_new(ev->arena, shape_vec(kept));
  for (int64_t i = 0, k = 0; i < n; i++)
    if (mask->tensor->data[i] != 0) t->data[k++] = (double)i;
  return value_tensor(ev, t, DIM_ONE);
}

static int64_t masked_count(Shape s, int axis, int rank) {
  Shape part = {.rank = rank};
  for (int k = 0; k < rank; k++) part.n[k] = s.n[axis + k];
  return shape_count(part);
}

static Value *index_mask(Indexing *ix, Value *mask, Where at) {
  Shape m = value_shape(mask), s = value_shape(ix->x);
  for (int k = 0; k < m.rank; k++) {
    int64_t have = k + ix->axis < s.rank ? s.n[k + ix->axis] : -2;
    if (have != m.n[k] && have != EXTENT_UNKNOWN && m.n[k] != EXTENT_UNKNOWN)
      return ev_error(ix->ev, E0401, at, "the mask is %s, the array %s",
                      shape_text(ix->ev->arena, m), shape_text(ix->ev->arena, s));
  }
  if (mask->graph) return ev_needs_value(ix->ev, at, "a mask");
  Value *x = ix->x;
  if (m.rank != 1) {
    Shape flat = {.rank = s.rank - m.rank + 1};
    for (int k = 0; k < flat.rank; k++) {
      int from = k <= ix->axis ? k : k + m.rank - 1;
      flat.n[k] = k == ix->axis ? masked_count(s, ix->axis, m.rank) : s.n[from];
    }
    x = form_reshape(ix->ev, x, flat, at);
  }
  return form_gather(ix->ev, x, places_of(ix->ev, mask), ix->axis, at);
}

/* ---- items on arrays ---- */

static Value *index_value(Indexing *ix, Value *v, Where at, int *kept) {
  Ev *ev = ix->ev;
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
  if (v->kind != V_ARRAY)
    return ev_error(ev, E0407, at, "an index must be a whole number, a slice or an array, not %s",
                    value_kind_name(ev, v));
  if (!dim_is_one(v->dim))
    return ev_error(ev, E0302, at, "an index must be a plain number, not %s",
                    value_kind_name(ev, v));
  int rank = value_shape(v).rank;
  *kept = rank;
  if (rank == 0 && v->logical)
    return ev_error(ev, E0407, at, "an index must be a whole number, not a logical value");
  if (rank == 0) return index_number(ix, v, at);
  if (!v->logical) return index_array(ix, v, at);
  *kept = 1;
  return index_mask(ix, v, at);
}

static int axes_used(const Item *items, int n) {
  int used = 0;
  for (int k = 0; k < n; k++) {
    const Value *v = items[k].value;
    bool mask = v && v->kind == V_ARRAY && v->logical;
    used += mask && value_shape(v).rank ? value_shape(v).rank : 1;
  }
  return used;
}

static Value *index_axes(Ev *ev, Value *x, const Item *items, int n, Where at) {
  int rank = value_shape(x).rank;
  if (axes_used(items, n) > rank) {
    const char *what = rank ? shape_text(ev->arena, value_shape(x)) : "a single number";
    return ev_error(ev, E0403, at, "%d %s for %s", n, n == 1 ? "index" : "indices", what);
  }
  Indexing ix = {ev, x, 0};
  for (int k = 0; k < n && ix.x->kind == V_ARRAY; k++) {
    int kept = 1;
    ix.x = items[k].slice ? index_slice(&ix, &items[k])
                          : index_value(&ix, items[k].value, items[k].at, &kept);
    ix.axis += kept;
  }
  return ix.x;
}

/* ---- lists and strings ---- */

/* The positions that one item takes of n elements; single: one element. False: reported. */
typedef struct Picked {
  bool single, known;
  int64_t from, count;
} Picked;

static bool pick(Ev *ev, const Item *item, int64_t n, Picked *p) {
  Indexing ix = {.ev = ev};
  *p = (Picked){.single = !item->slice, .known = true, .count = 1};
  if (item->slice) {
    int64_t to;
    if (!slice_end(&ix, item->from, n, 0, &p->from, item->at)) return false;
    if (!slice_end(&ix, item->to, n, n, &to, item->at)) return false;
    p->known = p->from >= 0 && to >= 0;
    p->count = to > p->from ? to - p->from : 0;
    return true;
  }
  int64_t i;
  if (!ev_to_whole(ev, item->value, &i, &p->known, item->at, "an index")) return false;
  p->from = i < 0 ? i + n : i;
  if (!p->known || (i < n && i >= -n)) return true;
  out_of_range(ev, item->at, i, n);
  return false;
}

static Value *index_list(Ev *ev, Value *x, const Item *item) {
  Picked p;
  if (!pick(ev, item, x->nfields, &p)) return &VALUE_ERROR;
  if (!p.known) return &VALUE_UNKNOWN;
  if (p.single) return x->fields[p.from].value;
  Value **v = ARENA_ARRAY(ev->arena, Value *, p.count + 1);
  for (int64_t i = 0; i < p.count; i++) v[i] = x->fields[p.from + i].value;
  return stack_values(ev, v, (int)p.count, item->at);
}

static Value *index_string(Ev *ev, Value *x, const Item *item) {
  Picked p;
  if (!pick(ev, item, (int64_t)x->len, &p)) return &VALUE_ERROR;
  if (!p.known) return &VALUE_UNKNOWN;
  return value_string(ev, arena_strndup(ev->arena, x->text + p.from, (size_t)p.count));
}

/* ---- all ---- */

static Value *index_any(Ev *ev, Value *x, const Item *items, int n, Where at) {
  if (x->kind == V_ERROR || x->kind == V_UNKNOWN) return x;
  if (x->kind == V_RECORD) {
    Value *r = value_record(ev, x->type, x->nfields);
    for (int k = 0; k < x->nfields; k++) {
      Value *f = index_any(ev, x->fields[k].value, items, n, at);
      if (f->kind == V_ERROR) return f;
      value_set(r, k, x->fields[k].name, f);
    }
    return r;
  }
  if ((x->kind == V_LIST || x->kind == V_STRING) && n != 1)
    return ev_error(ev, E0403, at, "%d indices for %s", n, value_kind_name(ev, x));
  if (x->kind == V_LIST) return index_list(ev, x, &items[0]);
  if (x->kind == V_STRING) return index_string(ev, x, &items[0]);
  x = ev_dense(ev, x, at);
  if (x->kind == V_ERROR) return x;
  if (x->kind != V_ARRAY)
    return ev_error(ev, E0210, at, "%s has no elements", value_kind_name(ev, x));
  return index_axes(ev, x, items, n, at);
}

Value *ev_index(Ev *ev, Value *base, Value *const *given, const Ast *index) {
  int n = (int)index->nkids - 1;
  Item *items = ARENA_ARRAY(ev->arena, Item, n + 1);
  for (int k = 0; k < n; k++) {
    const Ast *x = index->kids[k + 1];
    bool slice = x->kind == AST_SLICE;
    items[k] = (Item){.slice = slice, .at = ast_where(x)};
    if (slice) {
      items[k].from = given[2 * k];
      items[k].to = given[2 * k + 1];
    } else {
      items[k].value = given[2 * k];
    }
  }
  return index_any(ev, base, items, n, ast_where(index));
}

Value *ev_index_ast(Ev *ev, Scope *sc, const Ast *x) {
  Value *base = ev_expr(ev, sc, x->kids[0]);
  Value **items = ARENA_ARRAY(ev->arena, Value *, 2 * x->nkids);
  for (uint32_t k = 1; k < x->nkids; k++) {
    const Ast *item = x->kids[k];
    const Ast *to = item->kind == AST_SLICE ? item->kids[1] : NULL;
    const Ast *from = item->kind == AST_SLICE ? item->kids[0] : item;
    if (from) items[2 * (k - 1)] = ev_expr(ev, sc, from);
    if (to) items[2 * (k - 1) + 1] = ev_expr(ev, sc, to);
  }
  if (ev->abort_trace) return &VALUE_ERROR;
  return ev_index(ev, base, items, x);
}
