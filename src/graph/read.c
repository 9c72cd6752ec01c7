/* read.c: a graph from its text. Everything is checked, so that any text gives a sound graph or an
   error with its place. One statement a line; `#` at the start of a line is a comment. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "graph/attr.h"
#include "graph/graph.h"

enum { MAX_CONST = 1 << 16, MAX_NAME = 64 };

typedef struct Reader {
  Arena *arena;
  const Source *src;
  DiagList *diag;
  const char *at, *end;
  GraphFn *fn;
  VEC(NodeId) ids;    /* node of each number in the text */
  VEC(NodeId) inputs; /* in the order of the text */
  Map patterns;       /* text to SparsePattern: equal ones are one */
  bool failed, returned;
} Reader;

/* ---- tokens ---------------------------------------------------------------------------------- */

/* Reports the first error of a line; the rest of the line is skipped. Returns false. */
static bool fail(Reader *r, const char *from, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static bool fail(Reader *r, const char *from, const char *fmt, ...) {
  const char *text = r->src->text;
  uint32_t start = (uint32_t)(from - text);
  uint32_t end = from < r->end && *from != '\n' ? start + 1 : start;
  va_list ap;
  va_start(ap, fmt);
  diag_vadd(r->diag, E0790, (Where){r->src, {start, end}}, fmt, ap);
  va_end(ap);
  r->failed = true;
  return false;
}

static void skip_blanks(Reader *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')) r->at++;
}

static bool at_line_end(Reader *r) {
  skip_blanks(r);
  return r->at >= r->end || *r->at == '\n';
}

static bool peek(Reader *r, char c) {
  skip_blanks(r);
  return r->at < r->end && *r->at == c;
}

static bool accept(Reader *r, char c) {
  if (!peek(r, c)) return false;
  r->at++;
  return true;
}

static bool expect(Reader *r, char c) {
  return accept(r, c) || fail(r, r->at, "expected `%c`", c);
}

/* A word of letters, digits and _ into `word`; false if there is none. */
static bool read_word(Reader *r, char word[MAX_NAME]) {
  skip_blanks(r);
  size_t n = 0;
  while (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '_')) {
    if (n + 1 < MAX_NAME) word[n++] = *r->at;
    r->at++;
  }
  word[n] = '\0';
  return n > 0;
}

/* Anything up to the next blank. */
static bool read_name(Reader *r, char name[MAX_NAME]) {
  skip_blanks(r);
  size_t n = 0;
  while (r->at < r->end && n + 1 < MAX_NAME && !strchr(" \t\r\n", *r->at)) name[n++] = *r->at++;
  name[n] = '\0';
  return n > 0;
}

static bool read_int(Reader *r, int64_t lo, int64_t hi, int64_t *out) {
  skip_blanks(r);
  const char *from = r->at;
  bool negative = accept(r, '-');
  int64_t x = 0;
  if (r->at >= r->end || !isdigit((unsigned char)*r->at))
    return fail(r, from, "expected a whole number");
  for (; r->at < r->end && isdigit((unsigned char)*r->at); r->at++)
    if (__builtin_mul_overflow(x, 10, &x) || __builtin_add_overflow(x, *r->at - '0', &x))
      return fail(r, from, "this number is too large");
  *out = negative ? -x : x;
  if (*out < lo || *out > hi)
    return fail(r, from, "expected a number from %lld to %lld", (long long)lo, (long long)hi);
  return true;
}

static bool read_number(Reader *r, double *out) {
  char text[MAX_NAME];
  size_t n = 0;
  skip_blanks(r);
  const char *from = r->at;
  while (r->at < r->end && n + 1 < sizeof text && *r->at &&
         strchr("+-.0123456789abcdefinptxy", *r->at))
    text[n++] = *r->at++;
  text[n] = '\0';
  char *stop = text;
  *out = strtod(text, &stop);
  return (n > 0 && *stop == '\0') || fail(r, from, "expected a number");
}

/* [1, 2, 3]: at most `most` entries. */
static bool read_list(Reader *r, int most, int64_t lo, int64_t hi, int64_t *list, int *n) {
  if (!expect(r, '[')) return false;
  *n = 0;
  if (accept(r, ']')) return true;
  do {
    skip_blanks(r);
    if (*n == most) return fail(r, r->at, "more than %d entries", most);
    if (lo < 0 && accept(r, '?')) {
      list[(*n)++] = EXTENT_UNKNOWN;
    } else if (!read_int(r, lo, hi, &list[(*n)++])) {
      return false;
    }
  } while (accept(r, ','));
  return expect(r, ']');
}

static bool read_shape(Reader *r, Shape *s) {
  *s = SHAPE_SCALAR;
  if (!peek(r, '[')) return true;
  return read_list(r, SHAPE_MAX_AXES, EXTENT_UNKNOWN, INT64_MAX / 2, s->n, &s->rank);
}

static bool read_loops(Reader *r, LoopSet *loops) {
  *loops = 0;
  if (!accept(r, '{')) return true;
  do {
    int64_t k;
    if (!read_int(r, 0, r->fn->g->nloops - 1, &k)) return false;
    *loops |= (LoopSet)1 << k;
  } while (accept(r, ','));
  return expect(r, '}');
}

static bool read_id(Reader *r, NodeId *id) {
  int64_t k;
  skip_blanks(r);
  const char *from = r->at;
  if (!expect(r, '%') || !read_int(r, 0, INT32_MAX, &k)) return false;
  if ((size_t)k >= r->ids.n) return fail(r, from, "%%%lld is not defined above", (long long)k);
  *id = r->ids.at[k];
  return true;
}

/* ---- attributes ------------------------------------------------------------------------------ */

typedef struct Places {
  VEC(int64_t) rows, cols;
} Places;

/* Fills a pattern from places in ascending order. */
static bool fill_pattern(SparsePattern *p, const Places *at) {
  int64_t *start = (int64_t *)p->start;
  int32_t *col = (int32_t *)p->col;
  for (size_t e = 0; e < at->rows.n; e++) {
    bool ascends = e == 0 || at->rows.at[e] > at->rows.at[e - 1] ||
                   (at->rows.at[e] == at->rows.at[e - 1] && at->cols.at[e] > at->cols.at[e - 1]);
    if (!ascends) return false;
    start[at->rows.at[e] + 1]++;
    col[e] = (int32_t)at->cols.at[e];
  }
  for (int64_t k = 0; k < p->rows; k++) start[k + 1] += start[k];
  return true;
}

/* 3x4{0:1, 2:3} */
static bool read_pattern(Reader *r, const void **out) {
  int64_t rows, cols, row, col;
  Places at = {0};
  skip_blanks(r);
  const char *from = r->at;
  if (!read_int(r, 0, MAX_CONST, &rows) || !expect(r, 'x') || !read_int(r, 0, MAX_CONST, &cols))
    return false;
  if (peek(r, '#')) return fail(r, r->at, "a pattern this large is not in the text");
  if (!expect(r, '{')) return false;
  while (!accept(r, '}')) {
    if (at.rows.n && !expect(r, ',')) return false;
    if (!read_int(r, 0, rows - 1, &row) || !expect(r, ':') || !read_int(r, 0, cols - 1, &col))
      return false;
    *vec_push(r->arena, &at.rows) = row;
    *vec_push(r->arena, &at.cols) = col;
  }
  const char *key = arena_strndup(r->arena, from, (size_t)(r->at - from));
  *out = map_get(&r->patterns, key);
  if (*out) return true;
  SparsePattern *p = sparse_pattern_new(r->arena, rows, cols, (int64_t)at.rows.n);
  if (!fill_pattern(p, &at)) return fail(r, from, "the places do not ascend");
  map_set(&r->patterns, key, p);
  *out = p;
  return true;
}

static bool read_key(Reader *r, uint64_t *key) {
  skip_blanks(r);
  char *stop = NULL;
  const char *from = r->at;
  if (r->at >= r->end || !isdigit((unsigned char)*r->at)) return fail(r, from, "expected a key");
  *key = strtoull(from, &stop, 10);
  r->at = stop;
  return true;
}

/* Lists may hold what no extent can be (checked by the shape rules), but nothing that overflows. */
static bool read_attr_list(Reader *r, int64_t *list, OpAttr *attr) {
  enum { LIMIT = 1 << 30 };
  int n;
  if (!read_list(r, SHAPE_MAX_AXES, -LIMIT, LIMIT, list, &n)) return false;
  attr->n = n;
  return true;
}

static bool read_axis(Reader *r, int64_t most, int32_t *out) {
  int64_t k;
  if (!read_int(r, 0, most, &k)) return false;
  *out = (int32_t)k;
  return true;
}

static bool read_field(Reader *r, AttrField field, OpAttr *attr) {
  switch (field) {
    case ATTR_AXIS: return read_axis(r, UINT8_MAX, &attr->axis);
    case ATTR_AXIS2: return read_axis(r, 1, &attr->axis2);
    case ATTR_LOOP: return read_axis(r, r->fn->g->nloops - 1, &attr->axis);
    case ATTR_LIST: return read_attr_list(r, attr->i, attr);
    case ATTR_LIST2: return read_attr_list(r, attr->j, attr);
    case ATTR_FIRST: return read_int(r, 0, INT32_MAX, &attr->i[0]);
    case ATTR_SECOND: return read_int(r, 0, INT32_MAX, &attr->i[1]);
    case ATTR_KEY: return read_key(r, &attr->key);
    case ATTR_PATTERN: return read_pattern(r, &attr->p);
    case ATTR_TENSOR:
    case ATTR_END: break;
  }
  return true;
}

static bool is_implied(OpId op, const AttrRow *row) {
  return row->field == ATTR_AXIS2 || (attr_reads_loop(op) && row->field == ATTR_FIRST);
}

/* name=value ... in any order; all but the implied ones must be there. */
static bool read_attrs(Reader *r, OpId op, OpAttr *attr) {
  const AttrRow *rows = attr_rows(op);
  unsigned seen = 0;
  while (!at_line_end(r) && *r->at != ':') {
    char word[MAX_NAME];
    const char *from = r->at;
    const AttrRow *row = rows;
    if (!read_word(r, word)) return fail(r, from, "expected an attribute or `:`");
    while (row && row->op == op && strcmp(row->name, word) != 0) row++;
    if (!row || row->op != op)
      return fail(r, from, "%s has no attribute `%s`", op_table[op].name, word);
    if (!expect(r, '=') || !read_field(r, row->field, attr)) return false;
    seen |= 1u << (row - rows);
  }
  for (const AttrRow *row = rows; row && row->op == op; row++)
    if (!(seen >> (row - rows) & 1) && !is_implied(op, row))
      return fail(r, r->at, "%s needs the attribute `%s`", op_table[op].name, row->name);
  return true;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static bool read_input(Reader *r, NodeId *out) {
  Shape s;
  LoopSet loops;
  if (!expect(r, '"')) return false;
  const char *from = r->at;
  while (r->at < r->end && *r->at != '"' && *r->at != '\n') r->at++;
  const char *name = arena_strndup(r->arena, from, (size_t)(r->at - from));
  if (!expect(r, '"') || !read_shape(r, &s) || !read_loops(r, &loops)) return false;
  if (s.rank + __builtin_popcountll(loops) > SHAPE_MAX_AXES)
    return fail(r, from, "more than %d axes and loops", SHAPE_MAX_AXES);
  *out = graph_input(r->fn->g, name, s, loops);
  *vec_push(r->arena, &r->inputs) = *out;
  return true;
}

static bool read_numbers(Reader *r, Tensor *t) {
  if (!expect(r, '[')) return false;
  int64_t count = shape_count(t->shape);
  for (int64_t k = 0; k < count; k++)
    if ((k && !expect(r, ',')) || !read_number(r, &t->data[k])) return false;
  return expect(r, ']');
}

static bool read_const(Reader *r, NodeId *out) {
  Shape s;
  skip_blanks(r);
  const char *from = r->at;
  if (!read_shape(r, &s)) return false;
  int64_t count = shape_count(s);
  if (accept(r, '?')) {
    *out = graph_const(r->fn->g, tensor_abstract(r->arena, s));
    return true;
  }
  if (peek(r, '#') || count > MAX_CONST)
    return fail(r, r->at, "the numbers of this constant are not in the text");
  if (count < 0) return fail(r, from, "a constant has known extents");
  Tensor *t = tensor_new(r->arena, s);
  if (s.rank ? !read_numbers(r, t) : !read_number(r, t->data)) return false;
  *out = graph_const(r->fn->g, t);
  return true;
}

/* What graph_add takes for granted. */
static bool check_node(Reader *r, const char *from, OpId op, const NodeId *in, int nin,
                       const OpAttr *attr) {
  const Graph *g = r->fn->g;
  Shape *shapes = ARENA_ARRAY(r->arena, Shape, nin), out;
  LoopSet loops = 0;
  OpAttr whole = *attr;
  for (int k = 0; k < nin; k++) {
    shapes[k] = graph_node(g, in[k])->shape;
    loops |= graph_node(g, in[k])->loops;
  }
  if (attr_reads_loop(op)) {
    whole.i[0] = g->loops[attr->axis].extent;
    if (op == OP_unstack && loops >> attr->axis & 1)
      return fail(r, from, "the argument of unstack depends on loop %d already", attr->axis);
    if (op != OP_stack) loops |= (LoopSet)1 << attr->axis;
  }
  const char *why = "";
  if (!op_shape(op, &whole, shapes, nin, &out, r->arena, &why))
    return fail(r, from, "%s: %s", op_table[op].name, why);
  if (out.rank + __builtin_popcountll(loops) > SHAPE_MAX_AXES)
    return fail(r, from, "more than %d axes and loops", SHAPE_MAX_AXES);
  return true;
}

/* `: [2] {0}` is not needed, but where it stands it must be right. */
static bool read_result(Reader *r, NodeId id) {
  Shape s;
  LoopSet loops;
  const Node *n = graph_node(r->fn->g, id);
  if (!accept(r, ':')) return true;
  skip_blanks(r);
  const char *from = r->at;
  if (!read_shape(r, &s) || !read_loops(r, &loops)) return false;
  if (!shape_equal(s, n->shape))
    return fail(r, from, "the shape is %s", shape_text(r->arena, n->shape));
  return loops == n->loops || fail(r, from, "the loops are others");
}

static bool read_op(Reader *r, const char *from, OpId op, NodeId *out) {
  VEC(NodeId) in = {0};
  OpAttr attr = {0};
  while (peek(r, '%'))
    if (!read_id(r, vec_push(r->arena, &in))) return false;
  if (in.n > UINT16_MAX) return fail(r, from, "too many arguments");
  if (!read_attrs(r, op, &attr) || !check_node(r, from, op, in.at, (int)in.n, &attr)) return false;
  *out = graph_add(r->fn->g, op, in.at, (int)in.n, &attr);
  return true;
}

/* %3 = op ... */
static bool read_node(Reader *r) {
  int64_t number;
  char word[MAX_NAME];
  const char *from = r->at;
  if (!expect(r, '%') || !read_int(r, 0, INT32_MAX, &number)) return false;
  if ((size_t)number != r->ids.n) return fail(r, from, "the next node is %%%zu", r->ids.n);
  if (!expect(r, '=')) return false;
  skip_blanks(r);
  from = r->at;
  r->fn->g->at =
      (Where){r->src, {(uint32_t)(from - r->src->text), (uint32_t)(from - r->src->text)}};
  OpId op = read_word(r, word) ? op_find(word) : OP_NONE;
  NodeId id = NODE_NONE;
  if (op == OP_NONE) return fail(r, from, "unknown op `%s`", word);
  bool sound = op == OP_input   ? read_input(r, &id)
               : op == OP_const ? read_const(r, &id)
                                : read_op(r, from, op, &id);
  if (!sound || !read_result(r, id)) return false;
  *vec_push(r->arena, &r->ids) = id;
  return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool read_loop(Reader *r) {
  int64_t index, extent;
  char name[MAX_NAME];
  if (!read_int(r, 0, GRAPH_MAX_LOOPS - 1, &index)) return false;
  if (index != r->fn->g->nloops) return fail(r, r->at, "the next loop is %d", r->fn->g->nloops);
  if (!read_name(r, name)) return fail(r, r->at, "expected the name of the loop");
  if (!read_int(r, EXTENT_UNKNOWN, INT32_MAX, &extent)) return false;
  graph_add_loop(r->fn->g, name, extent);
  return true;
}

static bool read_ids(Reader *r, NodeId **ids, int *n) {
  VEC(NodeId) list = {0};
  while (!at_line_end(r)) {
    if (list.n && !expect(r, ',')) return false;
    if (!read_id(r, vec_push(r->arena, &list))) return false;
  }
  *ids = list.at;
  *n = (int)list.n;
  return true;
}

/* inputs %3, %0: another order than that of the nodes. */
static bool read_inputs(Reader *r) {
  const char *from = r->at;
  if (!read_ids(r, &r->fn->in, &r->fn->nin)) return false;
  for (int k = 0; k < r->fn->nin; k++)
    if (graph_node(r->fn->g, r->fn->in[k])->op != OP_input)
      return fail(r, from, "not all are inputs");
  return true;
}

static bool read_line(Reader *r) {
  char word[MAX_NAME];
  if (at_line_end(r) || *r->at == '#') return true;
  if (r->returned) return fail(r, r->at, "nothing may follow `return`");
  if (peek(r, '%')) return read_node(r);
  const char *from = r->at;
  if (read_word(r, word)) {
    if (strcmp(word, "loop") == 0) return read_loop(r);
    if (strcmp(word, "inputs") == 0) return read_inputs(r);
    r->returned = strcmp(word, "return") == 0;
    if (r->returned) return read_ids(r, &r->fn->out, &r->fn->nout);
  }
  return fail(r, from, "expected `loop`, `%%0 = ...`, `inputs` or `return`");
}

GraphFn *graph_read(Arena *a, const Source *src, DiagList *d) {
  Reader r = {.arena = a, .src = src, .diag = d, .at = src->text, .end = src->text + src->len};
  map_init(&r.patterns, a);
  r.fn = graph_fn_new(a, graph_new(a), 0, 0);
  r.fn->nin = -1;
  while (r.at < r.end && !r.failed) {
    bool comment = peek(&r, '#');
    if (read_line(&r) && !comment && !at_line_end(&r))
      fail(&r, r.at, "expected the end of the line");
    while (r.at < r.end && *r.at != '\n') r.at++;
    if (r.at < r.end) r.at++;
  }
  if (!r.failed && !r.returned) fail(&r, r.end, "expected `return`");
  if (r.failed) return NULL;
  if (r.fn->nin < 0) {
    r.fn->in = r.inputs.at;
    r.fn->nin = (int)r.inputs.n;
  }
  r.fn->g->at = (Where){0};
  return r.fn;
}
