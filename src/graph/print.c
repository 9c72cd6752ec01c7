/* print.c: a graph as text, in the form that graph.h shows and read.c reads. Nodes are numbered
   anew, without the ones that nothing needs. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "graph/attr.h"
#include "graph/graph.h"

enum { SHOWN_IN_FULL = 64 };

typedef struct Printer {
  Arena *arena;
  const Graph *g;
  NodeId *number; /* of each node */
  FILE *out;
} Printer;

/* The shortest form that reads back. */
static void print_number(FILE *out, double x) {
  char text[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, x);
    if (strtod(text, NULL) == x) break;
  }
  if (isnan(x)) snprintf(text, sizeof text, "nan");
  fputs(text, out);
}

static void print_tensor(const Printer *p, const Tensor *t) {
  int64_t count = shape_count(t->shape);
  if (t->shape.rank) fprintf(p->out, " %s", shape_text(p->arena, t->shape));
  if (!t->data) {
    fputs(" ?", p->out);
  } else if (count > SHOWN_IN_FULL) {
    uint64_t h = hash_bytes(t->data, (size_t)count * sizeof *t->data, 0);
    fprintf(p->out, " #%016" PRIx64, h);
  } else {
    fputs(t->shape.rank ? " [" : " ", p->out);
    for (int64_t k = 0; k < count; k++) {
      if (k) fputs(", ", p->out);
      print_number(p->out, t->data[k]);
    }
    if (t->shape.rank) fputs("]", p->out);
  }
}

static void print_pattern(const Printer *p, const SparsePattern *s) {
  fprintf(p->out, "%" PRId64 "x%" PRId64, s->rows, s->cols);
  if (s->nnz > SHOWN_IN_FULL) {
    uint64_t h = hash_bytes(s->start, (size_t)(s->rows + 1) * sizeof *s->start, 0);
    h = hash_bytes(s->col, (size_t)s->nnz * sizeof *s->col, h);
    fprintf(p->out, "#%016" PRIx64, h);
    return;
  }
  const char *sep = "";
  fputs("{", p->out);
  for (int64_t r = 0; r < s->rows; r++) {
    for (int64_t e = s->start[r]; e < s->start[r + 1]; e++, sep = ", ")
      fprintf(p->out, "%s%" PRId64 ":%d", sep, r, s->col[e]);
  }
  fputs("}", p->out);
}

static void print_list(FILE *out, const int64_t *list, int n) {
  for (int k = 0; k < n; k++) fprintf(out, "%s%" PRId64, k ? ", " : "[", list[k]);
  fputs(n ? "]" : "[]", out);
}

static void print_attr(const Printer *p, const AttrRow *r, const OpAttr *attr) {
  if (r->field == ATTR_AXIS2 && attr->axis2 == 0) return; /* not batched */
  fprintf(p->out, " %s=", r->name);
  switch (r->field) {
    case ATTR_END:
    case ATTR_TENSOR: break;
    case ATTR_AXIS:
    case ATTR_LOOP: fprintf(p->out, "%d", attr->axis); break;
    case ATTR_AXIS2: fprintf(p->out, "%d", attr->axis2); break;
    case ATTR_LIST: print_list(p->out, attr->i, attr->n); break;
    case ATTR_LIST2: print_list(p->out, attr->j, attr->n); break;
    case ATTR_FIRST: fprintf(p->out, "%" PRId64, attr->i[0]); break;
    case ATTR_SECOND: fprintf(p->out, "%" PRId64, attr->i[1]); break;
    case ATTR_KEY: fprintf(p->out, "%" PRIu64, attr->key); break;
    case ATTR_PATTERN: print_pattern(p, attr->p); break;
  }
}

static void print_loops(FILE *out, LoopSet loops) {
  const char *sep = " {";
  for (int k = 0; k < GRAPH_MAX_LOOPS; k++) {
    if (!(loops >> k & 1)) continue;
    fprintf(out, "%s%d", sep, k);
    sep = ", ";
  }
  if (loops) fputs("}", out);
}

static void print_node(const Printer *p, const Node *n) {
  if (n->op == OP_input) {
    fprintf(p->out, " \"%s\"", n->name);
    if (n->shape.rank) fprintf(p->out, " %s", shape_text(p->arena, n->shape));
    print_loops(p->out, n->loops);
    return;
  }
  if (n->op == OP_const) {
    print_tensor(p, n->attr->p);
    return;
  }
  for (int k = 0; k < n->nin; k++) fprintf(p->out, " %%%u", p->number[n->in[k]]);
  for (const AttrRow *r = attr_rows(n->op); r && r->op == n->op; r++)
    if (!(attr_reads_loop(n->op) && r->field == ATTR_FIRST)) print_attr(p, r, n->attr);
  fprintf(p->out, " : %s", shape_text(p->arena, n->shape));
  print_loops(p->out, n->loops);
}

static void print_ids(const Printer *p, const char *word, const NodeId *ids, int n) {
  fputs(word, p->out);
  for (int k = 0; k < n; k++) fprintf(p->out, "%s %%%u", k ? "," : "", p->number[ids[k]]);
  fputs("\n", p->out);
}

/* Inputs are named in a line of their own where their order is not that of their nodes. */
static bool inputs_in_order(const GraphFn *f) {
  for (int k = 1; k < f->nin; k++)
    if (f->in[k - 1] >= f->in[k]) return false;
  return true;
}

static void print_fn(Printer *p, const GraphFn *f) {
  uint8_t *live = graph_live(f->g, f->out, f->nout);
  NodeId next = 0;
  for (int k = 0; k < f->nin; k++) live[f->in[k]] = 1;
  for (int k = 0; k < f->g->nloops; k++)
    fprintf(p->out, "loop %d %s %" PRId64 "\n", k, f->g->loops[k].name, f->g->loops[k].extent);
  for (size_t id = 0; id < f->g->nodes.n; id++) {
    if (!live[id]) continue;
    const Node *n = &f->g->nodes.at[id];
    p->number[id] = next++;
    fprintf(p->out, "%%%u = %s", p->number[id], op_table[n->op].name);
    print_node(p, n);
    fputs("\n", p->out);
  }
  if (!inputs_in_order(f)) print_ids(p, "inputs", f->in, f->nin);
  print_ids(p, "return", f->out, f->nout);
  mem_free(live);
}

const char *graph_print(Arena *a, const GraphFn *f) {
  char *text = NULL;
  size_t size = 0;
  NodeId *number = mem_alloc(f->g->nodes.n * sizeof *number);
  Printer p = {a, f->g, number, open_memstream(&text, &size)};
  if (!p.out) abort();
  print_fn(&p, f);
  fclose(p.out);
  mem_free(number);
  const char *copy = arena_strndup(a, text, size);
  free(text);
  return copy;
}

uint64_t graph_hash(const GraphFn *f) {
  Arena *a = arena_new();
  const char *text = graph_print(a, f);
  uint64_t h = hash_bytes(text, strlen(text), 0);
  arena_free(a);
  return h;
}
