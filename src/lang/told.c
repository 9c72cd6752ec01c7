/* told.c: see told.h. Values and places; what else there is to a computation is in told_rest.c. */
#include "lang/told_parts.h"

#include <string.h>

#include "lang/core.h"
#include "lang/network.h"

/* ---- places ---------------------------------------------------------------------------------- */

enum { PLACE_NONE = -1, PLACE_RAW = -2 };

static bool same_span(Span a, Span b) {
  return a.start == b.start && a.end == b.end;
}

/* Numbers the nodes in the order of the text until one has this span, or is called by it. */
static bool find_node(const Ast *x, Span span, int64_t *number, bool *name) {
  if (!x) return false;
  *name = !same_span(x->span, span);
  if (!*name || same_span(x->name_span, span)) return true;
  ++*number;
  for (uint32_t i = 0; i < x->nkids; i++)
    if (find_node(x->kids[i], span, number, name)) return true;
  return false;
}

static const Ast *node_at(const Ast *x, int64_t *number) {
  if (!x || (*number)-- == 0) return x;
  for (uint32_t i = 0; i < x->nkids; i++) {
    const Ast *found = x->kids[i] ? node_at(x->kids[i], number) : NULL;
    if (found) return found;
  }
  return NULL;
}

/* A tree stands for its whole text. */
static bool put_span(Telling *t, Where at) {
  for (size_t k = 0; k < t->about->ntrees; k++) {
    if (t->about->tree[k]->src != at.src) continue;
    bytes_put_int(&t->out, (int64_t)k);
    bytes_put(&t->out, &at.span, sizeof at.span);
    return true;
  }
  return false;
}

static bool put_node(Telling *t, Where at) {
  bool name;
  if (t->about->same_texts) return put_span(t, at);
  for (size_t k = 0; k < t->about->ntrees; k++) {
    const Ast *tree = t->about->tree[k];
    bool inside =
        tree->src == at.src && tree->span.start <= at.span.start && at.span.end <= tree->span.end;
    int64_t number = 0;
    if (!inside || !find_node(tree, at.span, &number, &name)) continue;
    bytes_put_int(&t->out, (int64_t)k);
    bytes_put_int(&t->out, number);
    bytes_put_int(&t->out, name);
    return true;
  }
  return false;
}

void told_put_place(Telling *t, Where at, bool needed) {
  bool known = at.src && t->about && put_node(t, at);
  bool raw = at.src && !known && (needed || !t->about);
  t->raw |= raw;
  if (!known) bytes_put_int(&t->out, raw ? PLACE_RAW : PLACE_NONE);
  if (raw) bytes_put(&t->out, &at, sizeof at);
}

Where told_take_place(Hearing *h) {
  Where at = {0};
  int64_t k = bytes_take_int(&h->bytes);
  if (k == PLACE_RAW) bytes_take(&h->bytes, &at, sizeof at);
  if (k < 0) return at;
  if (h->about && h->about->same_texts && k < (int64_t)h->about->ntrees) {
    at.src = h->about->tree[k]->src;
    bytes_take(&h->bytes, &at.span, sizeof at.span);
    return at;
  }
  int64_t number = bytes_take_int(&h->bytes);
  bool name = bytes_take_int(&h->bytes);
  bool known = h->about && k < (int64_t)h->about->ntrees;
  const Ast *x = known ? node_at(h->about->tree[k], &number) : NULL;
  return !x ? at : name ? (Where){x->src, x->name_span} : ast_where(x);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static void put_tensor(Bytes *b, const Tensor *t) {
  bytes_put(b, &t->shape, sizeof t->shape);
  bytes_put(b, t->data, (size_t)shape_count(t->shape) * sizeof(double));
}

/* NULL: there are not that many bytes. */
static Tensor *take_tensor(Hearing *h) {
  Shape s;
  bytes_take(&h->bytes, &s, sizeof s);
  bool sound = s.rank >= 0 && s.rank <= SHAPE_MAX_RANK;
  int64_t n = sound ? shape_count(s) : -1, left = h->bytes.end - h->bytes.at;
  if (n < 0 || n > left / (int64_t)sizeof(double)) return NULL;
  Tensor *t = tensor_new(h->ev->arena, s);
  bytes_take(&h->bytes, t->data, (size_t)n * sizeof(double));
  return t;
}

static void put_array(Telling *t, const Value *v) {
  bytes_put(&t->out, &v->dim, sizeof v->dim);
  bytes_put_int(&t->out, v->logical);
  put_tensor(&t->out, v->tensor);
}

static Value *take_array(Hearing *h) {
  Dim d;
  bytes_take(&h->bytes, &d, sizeof d);
  bool logical = bytes_take_int(&h->bytes);
  Tensor *t = take_tensor(h);
  if (!t) return &VALUE_ERROR;
  Value *v = value_tensor(h->ev, t, d);
  v->logical = logical;
  return v;
}

/* ---- networks -------------------------------------------------------------------------------- */

/* Is v a copy of this network with other weights? */
static bool is_of(const Value *v, const Value *given) {
  const Network *n = v->network;
  if (given->kind == V_FUNCTION)
    return given->fn == n->decl && given->scope == n->scope && !n->ngiven;
  return given->kind == V_NETWORK && given->network->decl == n->decl &&
         given->network->scope == n->scope && given->network->args == n->args;
}

static const Tensor *weight_tensor(const Network *n, const char *name) {
  const Value *v = map_get(&n->set, name);
  if (v && v->kind == V_SPARSE) v = v->entries;
  return v && value_is_known(v) ? v->tensor : NULL;
}

static bool put_weights(Telling *t, const Value *v, Value *base) {
  const System *s = network_system(t->ev, base, v->at);
  for (size_t i = 0; s && i < s->weights.n; i++) {
    const Tensor *w = weight_tensor(v->network, s->weights.at[i].q.name);
    if (!w) return false;
    put_tensor(&t->out, w);
  }
  return s != NULL;
}

static void put_network(Telling *t, const Value *v) {
  int n = t->about ? t->about->ngiven : 0, k = 0;
  while (k < n && !(t->about->given[k] && is_of(v, t->about->given[k]))) k++;
  Value *base = k < n ? network_of(t->ev, t->about->given[k], v->at) : NULL;
  bytes_put_int(&t->out, k);
  bytes_put_text(&t->out, v->network->method);
  bytes_put(&t->out, &v->network->dt, sizeof v->network->dt);
  if (!base || !put_weights(t, v, base)) t->mute = true;
}

static Value *take_network(Hearing *h) {
  Ev *ev = h->ev;
  int64_t k = bytes_take_int(&h->bytes);
  double dt;
  const char *method = bytes_take_text(&h->bytes, ev->arena);
  bytes_take(&h->bytes, &dt, sizeof dt);
  bool known = h->about && k >= 0 && k < h->about->ngiven && h->about->given[k];
  Value *base = known ? network_of(ev, h->about->given[k], h->at) : NULL;
  const System *s = base ? network_system(ev, base, h->at) : NULL;
  if (!s) return &VALUE_ERROR;
  const Tensor **w = ARENA_ARRAY(ev->arena, const Tensor *, s->weights.n + 1);
  for (size_t i = 0; i < s->weights.n; i++)
    if (!(w[i] = take_tensor(h))) return &VALUE_ERROR;
  Value *v = network_with_weights(ev, base, w);
  v->network->method = method;
  v->network->dt = dt;
  return v;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_fields(Telling *t, const Value *v) {
  bytes_put_text(&t->out, v->type);
  bytes_put_int(&t->out, v->nfields);
  for (int i = 0; i < v->nfields; i++) {
    bytes_put_text(&t->out, v->fields[i].name);
    told_put_value(t, v->fields[i].value);
  }
}

static Value *take_fields(Hearing *h, ValueKind kind) {
  Ev *ev = h->ev;
  const char *type = bytes_take_text(&h->bytes, ev->arena);
  int n = (int)bytes_take_int(&h->bytes);
  if (n < 0 || n > h->bytes.end - h->bytes.at) return &VALUE_ERROR;
  Value *v = kind == V_RECORD ? value_record(ev, type, n) : value_list(ev, n);
  for (int i = 0; i < n; i++) {
    const char *name = bytes_take_text(&h->bytes, ev->arena);
    value_set(v, i, name, told_take_value(h));
  }
  return v;
}

static Value *take_string(Hearing *h) {
  int64_t n = bytes_take_int(&h->bytes);
  if (n < 0 || n > h->bytes.end - h->bytes.at) return &VALUE_ERROR;
  char *text = ARENA_ARRAY(h->ev->arena, char, n + 1);
  bytes_take(&h->bytes, text, (size_t)n);
  Value *v = value_string(h->ev, text);
  v->len = (size_t)n;
  return v;
}

void told_put_value(Telling *t, const Value *v) {
  bytes_put_int(&t->out, v->kind);
  if (v->kind == V_ERROR || v->kind == V_NONE) return;
  told_put_place(t, v->at, false);
  switch (v->kind) {
    case V_STRING:
      bytes_put_int(&t->out, (int64_t)v->len);
      bytes_put(&t->out, v->text, v->len);
      break;
    case V_ARRAY:
      if (value_is_known(v))
        put_array(t, v);
      else
        t->mute = true;
      break;
    case V_RECORD:
    case V_LIST: put_fields(t, v); break;
    case V_NETWORK: put_network(t, v); break;
    default: t->mute = true;
  }
}

Value *told_take_value(Hearing *h) {
  ValueKind kind = (ValueKind)bytes_take_int(&h->bytes);
  if (kind == V_NONE) return &VALUE_NONE;
  if (kind == V_ERROR) return &VALUE_ERROR;
  Where at = told_take_place(h);
  Value *v = kind == V_ARRAY                      ? take_array(h)
             : kind == V_STRING                   ? take_string(h)
             : kind == V_RECORD || kind == V_LIST ? take_fields(h, kind)
             : kind == V_NETWORK                  ? take_network(h)
                                                  : &VALUE_ERROR;
  if (v->kind != V_ERROR && at.src) v->at = at;
  return v;
}
