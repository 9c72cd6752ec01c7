/* train_trials.c: trials in batches, in the order in which the training reads them. */
#include "pass/pass.h"
#include "pass/rebuild.h"
#include "pass/rules.h"
#include "verb/train.h"

/* Everything in a mask counts as one trial in the batch. A trial without any mask counts as none.
 */
static NodeId normalised(Graph *g, NodeId mask, int64_t batch) {
  int64_t n = shape_count(graph_node(g, mask)->shape);
  NodeId sum = rule_axis(g, OP_sum, rule_reshape(g, mask, shape_vec(n)), 0);
  NodeId none = rule_op2(g, OP_eq, sum, graph_num(g, 0));
  NodeId safe = rule_op3(g, OP_select, none, graph_num(g, 1), sum);
  return rule_op2(g, OP_div, mask, rule_op2(g, OP_mul, safe, graph_num(g, (double)batch)));
}

/* One trial: what is asked for of what the task gives. */
static GraphFn *one_trial(Train *m) {
  const Trials *t = m->trials;
  const GraphFn *f = t->f;
  size_t ninputs = m->s.sys->inputs.n, ntargets = t->targets.n;
  int room = (int)(ninputs + 2 * ntargets) + m->scores.nwant;
  GraphFn *to = graph_fn_new(m->arena, graph_new(m->arena), f->nin, room);
  NodeId *want = ARENA_ARRAY(m->arena, NodeId, to->nout + 1);
  int n = 0;
  for (size_t i = 0; i < ninputs; i++)
    if (m->channel[i] >= 0) want[n++] = f->out[trials_input(t, m->channel[i])];
  for (int i = 0; i < (int)ntargets; i++) want[n++] = f->out[trials_target(t, i)];
  for (int i = 0; i < (int)ntargets; i++) want[n++] = f->out[trials_mask(t, i)];
  int rows = n;
  for (int i = 0; i < m->scores.nwant; i++) want[n++] = f->out[m->scores.want[i]];
  rebuild_copy_loops(to->g, f->g);
  for (int k = 0; k < f->nin; k++)
    to->in[k] = graph_copy_node(to->g, graph_node(f->g, f->in[k]), NULL, NULL);
  graph_copy(to->g, f->g, f->in, to->in, f->nin, NULL, want, to->out, n);
  to->nout = n;
  for (int k = rows - (int)ntargets; k < rows; k++)
    to->out[k] = normalised(to->g, to->out[k], m->batch);
  return to;
}

GraphFn *train_trials(Train *m) {
  const bool batched[] = {false, true};
  GraphFn *f = pass_batch(m->arena, one_trial(m), "trial", m->batch, batched, true);
  for (int k = 0; k < f->nout - m->scores.nwant; k++) {
    int rank = graph_node(f->g, f->out[k])->shape.rank, perm[SHAPE_MAX_AXES] = {1, 0};
    for (int i = 2; i < rank; i++) perm[i] = i;
    f->out[k] = rule_transpose(f->g, f->out[k], perm);
  }
  return f;
}
