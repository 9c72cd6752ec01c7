/* verify.c: is a graph sound? Checked between passes; cheap: one sweep, each rule asked once. */
#include "graph/attr.h"
#include "graph/graph.h"

typedef struct Check {
  Arena *arena;
  const Graph *g;
  NodeId id;
  const Node *n;
} Check;

static const char *wrong(const Check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static const char *wrong(const Check *c, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *what = arena_vprintf(c->arena, fmt, ap);
  va_end(ap);
  return arena_printf(c->arena, "%%%u (%s): %s", c->id, op_table[c->n->op].name, what);
}

static const char *check_inputs(const Check *c) {
  int arity = op_table[c->n->op].arity;
  if (arity >= 0 && arity != c->n->nin)
    return wrong(c, "%d arguments instead of %d", c->n->nin, arity);
  for (int k = 0; k < c->n->nin; k++)
    if (c->n->in[k] >= c->id) return wrong(c, "argument %%%u does not come before it", c->n->in[k]);
  return NULL;
}

static const char *check_attr(const Check *c) {
  const AttrRow *rows = attr_rows(c->n->op);
  if (!rows != !c->n->attr) return wrong(c, rows ? "has no attributes" : "has attributes");
  for (const AttrRow *r = rows; r && r->op == c->n->op; r++) {
    const OpAttr *attr = c->n->attr;
    if (r->field == ATTR_LOOP && (attr->axis < 0 || attr->axis >= c->g->nloops))
      return wrong(c, "loop %d does not exist", attr->axis);
    if ((r->field == ATTR_LIST || r->field == ATTR_LIST2) &&
        (attr->n < 0 || attr->n > SHAPE_MAX_AXES))
      return wrong(c, "%s has %d entries", r->name, attr->n);
    if ((r->field == ATTR_PATTERN || r->field == ATTR_TENSOR) && !attr->p)
      return wrong(c, "%s is missing", r->name);
  }
  return NULL;
}

static const char *check_shape(const Check *c) {
  enum { FEW = 8 };
  Shape few[FEW], *in = few, out;
  if (c->n->nin > FEW) in = mem_alloc(c->n->nin * sizeof *in);
  for (int k = 0; k < c->n->nin; k++) in[k] = c->g->nodes.at[c->n->in[k]].shape;
  const char *why = "";
  bool sound = op_shape(c->n->op, c->n->attr, in, c->n->nin, &out, c->arena, &why);
  if (in != few) mem_free(in);
  if (!sound) return wrong(c, "%s", why);
  if (shape_equal(out, c->n->shape)) return NULL;
  return wrong(c, "its shape is %s but should be %s", shape_text(c->arena, c->n->shape),
               shape_text(c->arena, out));
}

static const char *check_loops(const Check *c) {
  LoopSet loops = 0,
          all = c->g->nloops == GRAPH_MAX_LOOPS ? ~(LoopSet)0 : ((LoopSet)1 << c->g->nloops) - 1;
  if (c->n->loops & ~all) return wrong(c, "depends on a loop that does not exist");
  if (c->n->op == OP_input) return NULL;
  for (int k = 0; k < c->n->nin; k++) loops |= c->g->nodes.at[c->n->in[k]].loops;
  if (attr_reads_loop(c->n->op)) {
    LoopSet own = (LoopSet)1 << c->n->attr->axis;
    int64_t extent = c->g->loops[c->n->attr->axis].extent;
    if (c->n->op == OP_unstack && loops & own)
      return wrong(c, "takes apart what depends on its loop already");
    if (c->n->op != OP_iota && c->n->attr->i[0] != extent) return wrong(c, "has another extent");
    loops = c->n->op == OP_stack ? loops & ~own : loops | own;
  }
  if (loops != c->n->loops)
    return wrong(c, "its loops are %llx but should be %llx", (unsigned long long)c->n->loops,
                 (unsigned long long)loops);
  if (c->n->shape.rank + __builtin_popcountll(loops) > SHAPE_MAX_AXES)
    return wrong(c, "has more than %d axes and loops", SHAPE_MAX_AXES);
  return NULL;
}

const char *graph_verify(Arena *a, const GraphFn *f) {
  Check c = {a, f->g, 0, NULL};
  for (; c.id < f->g->nodes.n; c.id++) {
    c.n = &f->g->nodes.at[c.id];
    if (c.n->op == OP_NONE || c.n->op >= OP_COUNT) return arena_printf(a, "%%%u: no op", c.id);
    const char *what = check_inputs(&c);
    if (!what) what = check_attr(&c);
    if (!what) what = check_shape(&c);
    if (!what) what = check_loops(&c);
    if (what) return what;
  }
  for (int k = 0; k < f->nin; k++)
    if (f->in[k] >= f->g->nodes.n || f->g->nodes.at[f->in[k]].op != OP_input)
      return arena_printf(a, "input %d is no input node", k);
  for (int k = 0; k < f->nout; k++)
    if (f->out[k] >= f->g->nodes.n) return arena_printf(a, "output %d does not exist", k);
  return NULL;
}
