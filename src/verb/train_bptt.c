/* train_bptt.c: one update: the programs, their buffers, and how they follow each other. */
#include <math.h>
#include <string.h>

#include "model/place.h"
#include "pass/pass.h"
#include "verb/train.h"

struct Bptt {
  Train *m;
  const System *s;
  int64_t steps, batch;
  Program *trials, *start, *start_back, *forward, *reverse, *loss, *project;
  int nkept, nin, nout;
  double update, zero;
  double *parameters, *gradient;
  Reals t, numbers, trials_r, update_r; /* time, step numbers, trial numbers, the update */
  Reals *weight, *dweight;              /* of each weight; dweight: of those that are trained */
  Reals *x0, *state;        /* of each state: its start, and its values, the start first */
  Reals *kept, *out, *dout; /* by step */
  Reals *input;             /* of each input of the network */
  Reals *target, *mask;
  Reals *adjoint;        /* of each state, on the way back */
  Reals value, penalty;  /* of the loss and the regulariser */
  Reals *dloss;          /* of each weight, by the regulariser */
  void **drawn;          /* outputs of `trials` */
  void **wanted;         /* those of them that the scores want */
  const void **answers;  /* what the network gave for each target */
  double *score;         /* of each trial of the batch */
  const void **start_in; /* the inputs of the step in double precision, then adjoints */
  void **start_out;
  double **dstart;         /* of each weight that is trained: by way of the start */
  const void **project_in; /* all weights, and those that are trained as they may be */
  void **projected;
  double **again; /* of each state: its start once more, on the way back */
  bool started;   /* with `carry`: there is an update whose end is the start */
  uint64_t network, start_weights, losses; /* hashes of what determines the training */
};

/* ---- buffers --------------------------------------------------------------------------------- */

static void *block(Bptt *b, size_t bytes) {
  void *p = mem_alloc(bytes + 1);
  arena_defer(b->m->arena, mem_free, p);
  return p;
}

static Reals reals(Bptt *b, Shape s, int64_t rows) {
  Reals x = {.n = shape_count(s) * rows};
  x.row = (size_t)shape_count(s) * (b->m->single ? sizeof(float) : sizeof(double));
  x.r = block(b, x.row * (size_t)rows);
  if (!b->m->single) x.d = x.r;
  return x;
}

/* With a copy in double precision too. */
static Reals reals_both(Bptt *b, Shape s, int64_t rows) {
  Reals x = reals(b, s, rows);
  if (!x.d) x.d = block(b, (size_t)x.n * sizeof(double));
  return x;
}

static void reals_push(const Reals *x) {
  if (x->r == (void *)x->d) return;
  float *r = x->r;
  for (int64_t i = 0; i < x->n; i++) r[i] = (float)x->d[i];
}

static void reals_pull(const Reals *x) {
  if (x->r == (void *)x->d) return;
  const float *r = x->r;
  for (int64_t i = 0; i < x->n; i++) x->d[i] = r[i];
}

static char *row(const Reals *x, int64_t k) {
  return (char *)x->r + (size_t)k * x->row;
}

/* ---- programs -------------------------------------------------------------------------------- */

static int first_input(const Bptt *b) {
  return PLACE_STATES + (int)b->s->states.n;
}

static int first_weight(const Bptt *b) {
  return b->nin - (int)b->s->weights.n;
}

static GraphFn *step_function(Bptt *b) {
  Train *m = b->m;
  NodeId *outs = ARENA_ARRAY(m->arena, NodeId, m->out.n + 1);
  for (size_t i = 0; i < m->out.n; i++) outs[i] = m->out.at[i].node;
  SystemStep o = {
      .method = m->s.method, .dt = m->s.dt, .outs = outs, .nouts = (int)m->out.n, .weights = true};
  GraphFn *f = system_step(m->arena, b->s, &o);
  f->nout = (int)(b->s->states.n + m->out.n); /* not what fired */
  b->network = graph_hash(f);
  bool *batched = ARENA_ARRAY(m->arena, bool, f->nin + 1);
  batched[PLACE_TRIAL] = true;
  for (size_t i = 0; i < b->s->states.n; i++) batched[PLACE_STATES + i] = true;
  b->nin = f->nin;
  for (size_t i = 0; i < b->s->inputs.n; i++) batched[first_input(b) + (int)i] = m->channel[i] >= 0;
  return pass_batch(m->arena, f, "trial", b->batch, batched, true);
}

static void plan_step(Bptt *b) {
  Train *m = b->m;
  GraphFn *f = step_function(b);
  int nstates = (int)b->s->states.n;
  int *carry = ARENA_ARRAY(m->arena, int, nstates + 1);
  bool *fixed = ARENA_ARRAY(m->arena, bool, f->nin + 1);
  bool *wrt = ARENA_ARRAY(m->arena, bool, f->nin + 1);
  for (int k = 0; k < f->nin; k++) fixed[k] = true;
  fixed[PLACE_STEP] = false;
  for (int i = 0; i < nstates; i++) {
    carry[i] = PLACE_STATES + i;
    fixed[carry[i]] = false;
  }
  for (size_t i = 0; i < b->s->inputs.n; i++) fixed[first_input(b) + (int)i] = m->channel[i] < 0;
  for (size_t i = 0; i < b->s->weights.n; i++) wrt[first_weight(b) + (int)i] = m->trained[i];
  ScanVjp v = pass_scan_vjp(m->arena, f, carry, nstates, fixed, wrt);
  bool *held = ARENA_ARRAY(m->arena, bool, v.reverse->nin + 1);
  memcpy(held, fixed, (size_t)f->nin * sizeof *held);
  PlanOptions o = {.single = m->single, .held = held};
  b->nkept = v.nkept;
  b->nout = f->nout;
  b->forward = program_plan(m->arena, v.forward, &o);
  b->reverse = program_plan(m->arena, v.reverse, &o);
}

/* The start of every state; its derivative only where it depends on a weight that is trained. */
static void plan_start(Bptt *b) {
  Train *m = b->m;
  int n = (int)b->s->states.n;
  NodeId *outs = ARENA_ARRAY(m->arena, NodeId, n + 1);
  bool learned = false;
  for (int i = 0; i < n; i++) outs[i] = b->s->states.at[i].init;
  SystemFnOptions o = {.weights = true, .outs = outs, .nouts = n};
  GraphFn *f = system_fn(m->arena, b->s, &o);
  b->network = hash_mix(b->network, graph_hash(f));
  bool *batched = ARENA_ARRAY(m->arena, bool, f->nin + 1);
  bool *wrt = ARENA_ARRAY(m->arena, bool, f->nin + 1);
  for (size_t i = 0; i < b->s->weights.n; i++) {
    int k = first_weight(b) + (int)i;
    wrt[k] = m->trained[i];
    learned = learned || (wrt[k] && graph_depends(f->g, f->in[k], f->out, f->nout));
  }
  batched[PLACE_TRIAL] = true;
  for (int i = 0; i < n; i++) batched[PLACE_STATES + i] = true;
  f = pass_batch(m->arena, f, "trial", b->batch, batched, true);
  b->start = program_plan(m->arena, f, &(PlanOptions){0});
  if (learned)
    b->start_back = program_plan(m->arena, pass_vjp(m->arena, f, wrt), &(PlanOptions){0});
}

static bool plan_project(Bptt *b) {
  Arena *a = b->m->arena;
  GraphFn *f = train_project(b->m);
  if (!f) return false;
  b->losses = hash_mix(b->losses, graph_hash(f));
  b->project = program_plan(a, f, &(PlanOptions){0});
  b->project_in = ARENA_ARRAY(a, const void *, f->nin + 1);
  b->projected = ARENA_ARRAY(a, void *, f->nout + 1);
  for (int k = 0; k < f->nout; k++)
    b->projected[k] =
        block(b, (size_t)shape_count(program_out_shape(b->project, k)) * sizeof(double));
  return true;
}

/* ---- making ---------------------------------------------------------------------------------- */

static void make_weights(Bptt *b, const Bptt *other) {
  const System *s = b->s;
  size_t n = s->weights.n;
  int64_t count = bptt_count(b), at = 0;
  b->parameters = other ? other->parameters : block(b, (size_t)count * sizeof(double));
  b->gradient = other ? other->gradient : block(b, (size_t)count * sizeof(double));
  b->weight = ARENA_ARRAY(b->m->arena, Reals, n + 1);
  b->dweight = ARENA_ARRAY(b->m->arena, Reals, n + 1);
  b->dloss = ARENA_ARRAY(b->m->arena, Reals, n + 1);
  for (size_t i = 0; i < n; i++) {
    const Tensor *w = s->weights.at[i].value;
    b->weight[i] = reals_both(b, w->shape, 1);
    if (b->m->trained[i]) {
      b->dweight[i] = reals_both(b, w->shape, 1);
      if (!other) memcpy(b->parameters + at, w->data, (size_t)b->weight[i].n * sizeof(double));
      at += b->weight[i].n;
    }
    if (b->m->regularize) b->dloss[i] = reals_both(b, w->shape, 1);
    memcpy(b->weight[i].d, w->data, (size_t)b->weight[i].n * sizeof(double));
    reals_push(&b->weight[i]);
    b->start_weights =
        hash_bytes(w->data, (size_t)b->weight[i].n * sizeof(double), b->start_weights);
  }
}

static Shape of_batch(const Bptt *b, Shape s) {
  return shape_concat(shape_vec(b->batch), s);
}

static void make_states(Bptt *b, const Bptt *other) {
  const System *s = b->s;
  Arena *a = b->m->arena;
  b->x0 = ARENA_ARRAY(a, Reals, s->states.n + 1);
  b->state = ARENA_ARRAY(a, Reals, s->states.n + 1);
  b->adjoint = ARENA_ARRAY(a, Reals, s->states.n + 1);
  b->kept = ARENA_ARRAY(a, Reals, b->nkept + 1);
  for (size_t i = 0; i < s->states.n; i++) {
    Shape all = of_batch(b, s->states.at[i].q.shape);
    b->x0[i] = other ? other->x0[i] : reals_both(b, all, 1);
    b->state[i] = reals(b, all, b->steps + 1);
    b->adjoint[i] = reals_both(b, all, 1);
  }
  for (int k = 0; k < b->nkept; k++)
    b->kept[k] = reals(b, program_out_shape(b->forward, b->nout + k), b->steps);
}

/* `first`: the first output of `trials` that the scores want. */
static void make_scores(Bptt *b, int first) {
  const Scores *x = &b->m->scores;
  b->wanted = b->drawn + first;
  b->answers = ARENA_ARRAY(b->m->arena, const void *, b->m->trials->targets.n + 1);
  for (int i = 0; i < x->nwant; i++)
    b->wanted[i] =
        block(b, (size_t)shape_count(program_out_shape(b->trials, first + i)) * sizeof(double));
  b->score = block(b, (size_t)(x->n * b->batch) * sizeof(double));
}

static void make_rows(Bptt *b) {
  Train *m = b->m;
  Arena *a = m->arena;
  size_t ntargets = m->trials->targets.n, ninputs = b->s->inputs.n;
  int n = 0;
  b->out = ARENA_ARRAY(a, Reals, m->out.n + 1);
  b->dout = ARENA_ARRAY(a, Reals, m->out.n + 1);
  b->target = ARENA_ARRAY(a, Reals, ntargets + 1);
  b->mask = ARENA_ARRAY(a, Reals, ntargets + 1);
  b->input = ARENA_ARRAY(a, Reals, ninputs + 1);
  b->drawn = ARENA_ARRAY(a, void *, ninputs + 2 * ntargets + (size_t)m->scores.nwant + 1);
  for (size_t i = 0; i < m->out.n; i++) {
    b->out[i] = reals(b, of_batch(b, m->out.at[i].shape), b->steps);
    b->dout[i] = reals(b, of_batch(b, m->out.at[i].shape), b->steps);
  }
  for (size_t i = 0; i < ninputs; i++) {
    const SysInput *u = &b->s->inputs.at[i];
    bool given = m->channel[i] >= 0;
    Shape s = given ? of_batch(b, u->q.shape) : u->q.shape;
    b->input[i] = reals_both(b, s, given ? b->steps : 1);
    if (given) b->drawn[n++] = b->input[i].d;
    if (!given) memcpy(b->input[i].d, u->dflt->data, (size_t)b->input[i].n * sizeof(double));
    reals_push(&b->input[i]);
  }
  for (size_t i = 0; i < ntargets; i++) {
    b->target[i] = reals_both(b, of_batch(b, m->out.at[i].shape), b->steps);
    b->drawn[n++] = b->target[i].d;
  }
  for (size_t i = 0; i < ntargets; i++) {
    b->mask[i] = reals_both(b, of_batch(b, m->out.at[i].shape), b->steps);
    b->drawn[n++] = b->mask[i].d;
  }
  make_scores(b, n);
}

static void make_places(Bptt *b) {
  b->t = reals_both(b, SHAPE_SCALAR, 1);
  b->update_r = reals_both(b, SHAPE_SCALAR, 1);
  b->value = reals_both(b, SHAPE_SCALAR, 1);
  b->penalty = reals_both(b, SHAPE_SCALAR, 1);
  b->numbers = reals_both(b, SHAPE_SCALAR, b->steps);
  b->trials_r = reals_both(b, shape_vec(b->batch), 1);
  for (int64_t k = 0; k < b->steps; k++) b->numbers.d[k] = (double)k;
  for (int64_t k = 0; k < b->batch; k++) b->trials_r.d[k] = (double)k;
  reals_push(&b->numbers);
  reals_push(&b->trials_r);
}

/* States and inputs are not read by starts. */
static void make_start(Bptt *b) {
  Arena *a = b->m->arena;
  size_t nstates = b->s->states.n, nweights = b->s->weights.n;
  b->start_in = ARENA_ARRAY(a, const void *, (size_t)b->nin + nstates + 1);
  b->start_out = ARENA_ARRAY(a, void *, nstates + nweights + 1);
  b->dstart = ARENA_ARRAY(a, double *, nweights + 1);
  b->again = ARENA_ARRAY(a, double *, nstates + 1);
  for (size_t i = 0; i < nstates; i++) b->again[i] = block(b, (size_t)b->x0[i].n * sizeof(double));
  b->start_in[PLACE_TIME] = b->start_in[PLACE_STEP] = &b->zero;
  b->start_in[PLACE_TRIAL] = b->trials_r.d;
  b->start_in[PLACE_UPDATE] = &b->update;
  for (size_t i = 0; i < nweights; i++) {
    b->start_in[first_weight(b) + (int)i] = b->weight[i].d;
    if (b->m->trained[i]) b->dstart[i] = block(b, (size_t)b->weight[i].n * sizeof(double));
  }
}

/* Numbers that one update holds; those per step are nearly all. */
static double numbers_needed(const Bptt *b) {
  const System *s = b->s;
  double row = 0;
  for (size_t i = 0; i < s->states.n; i++) row += (double)shape_count(s->states.at[i].q.shape);
  for (size_t i = 0; i < s->inputs.n; i++) row += (double)shape_count(s->inputs.at[i].q.shape);
  for (size_t i = 0; i < b->m->out.n; i++) row += 4.0 * (double)shape_count(b->m->out.at[i].shape);
  row *= (double)b->batch;
  for (int k = 0; k < b->nkept; k++)
    row += (double)shape_count(program_out_shape(b->forward, b->nout + k));
  return row * (double)b->steps;
}

static bool fits(const Bptt *b) {
  double size = b->m->single ? sizeof(float) : sizeof(double), count = numbers_needed(b);
  if (mem_has_room(count * size)) return true;
  Diag *d = setup_report(&b->m->s, E0642, b->m->s.c->at,
                         "a batch of %lld trials of %lld steps would take %s", (long long)b->batch,
                         (long long)b->steps, mem_text(b->m->s.ev->arena, count * size));
  if (d)
    diag_note(b->m->s.ev->diag, d, b->m->s.c->at,
              "use a smaller `batch`, shorter trials, or `precision = single`");
  return false;
}

Bptt *bptt_new(Train *m, const Bptt *other) {
  Bptt *b = ARENA_NEW(m->arena, Bptt);
  *b = (Bptt){.m = m, .s = m->s.sys, .steps = m->trials->steps, .batch = m->batch};
  GraphFn *loss = fits(b) ? train_loss(m) : NULL;
  if (!loss) return NULL;
  plan_step(b);
  if (!fits(b)) return NULL; /* with what is kept, which is known only now */
  plan_start(b);
  b->trials = program_plan(m->arena, train_trials(m), &(PlanOptions){0});
  b->losses = graph_hash(loss);
  if (m->project && !plan_project(b)) return NULL;
  b->loss = program_plan(m->arena, loss, &(PlanOptions){.single = m->single});
  make_weights(b, other);
  make_states(b, other);
  make_rows(b);
  make_places(b);
  make_start(b);
  return b;
}

int64_t bptt_count(const Bptt *b) {
  int64_t n = 0;
  for (size_t i = 0; i < b->s->weights.n; i++)
    if (b->m->trained[i]) n += shape_count(b->s->weights.at[i].value->shape);
  return n;
}

double *bptt_parameters(Bptt *b) {
  return b->parameters;
}

const double *bptt_gradient(const Bptt *b) {
  return b->gradient;
}

/* ---- parts of an update ---------------------------------------------------------------------- */

static void spread_parameters(Bptt *b) {
  int64_t at = 0;
  for (size_t i = 0; i < b->s->weights.n; i++) {
    if (!b->m->trained[i]) continue;
    memcpy(b->weight[i].d, b->parameters + at, (size_t)b->weight[i].n * sizeof(double));
    reals_push(&b->weight[i]);
    at += b->weight[i].n;
  }
}

static Status draw_trials(Bptt *b) {
  const void *in[] = {&b->update, b->trials_r.d};
  Status st = program_run(b->trials, in, b->drawn);
  for (size_t i = 0; i < b->s->inputs.n; i++) reals_push(&b->input[i]);
  for (size_t i = 0; i < b->m->trials->targets.n; i++) {
    reals_push(&b->target[i]);
    reals_push(&b->mask[i]);
  }
  return st;
}

/* The start of every state. With `carry`, that of later updates is where the last one ended. */
static Status start(Bptt *b) {
  Status st = STATUS_FINE;
  size_t n = b->s->states.n;
  if (!(b->m->carry && b->started)) {
    for (size_t i = 0; i < n; i++) b->start_out[i] = b->x0[i].d;
    st = program_run(b->start, b->start_in, b->start_out);
    for (size_t i = 0; i < n; i++) reals_push(&b->x0[i]);
  }
  for (size_t i = 0; i < n; i++) memcpy(b->state[i].r, b->x0[i].r, b->state[i].row);
  return st;
}

/* Adds to the gradient what the start contributes. */
static Status start_back(Bptt *b) {
  if (!b->start_back || (b->m->carry && b->started)) return STATUS_FINE;
  size_t n = b->s->states.n;
  void **out = b->start_out;
  for (size_t i = 0; i < n; i++) {
    reals_pull(&b->adjoint[i]);
    b->start_in[b->nin + (int)i] = b->adjoint[i].d;
    out[i] = b->again[i]; /* with `carry`, x0 is where the trials ended */
  }
  int k = (int)n;
  for (size_t i = 0; i < b->s->weights.n; i++)
    if (b->m->trained[i]) out[k++] = b->dstart[i];
  Status st = program_run(b->start_back, b->start_in, out);
  int64_t at = 0;
  for (size_t i = 0; i < b->s->weights.n; i++) {
    if (!b->m->trained[i]) continue;
    for (int64_t j = 0; j < b->weight[i].n; j++) b->gradient[at + j] += b->dstart[i][j];
    at += b->weight[i].n;
  }
  return st;
}

typedef VEC(Port) Ports;

static Port *add_port(Ports *p, Arena *a, PortKind kind, int index, void *data) {
  Port *port = vec_push(a, p);
  *port = (Port){.kind = kind, .index = index, .data = data, .every = 1};
  return port;
}

/* Row `last` of x, and the ones before it in the steps that follow. */
static void add_backward(Ports *p, Arena *a, int index, const Reals *x, int64_t last) {
  add_port(p, a, PORT_SLICE, index, row(x, last))->every = -1;
}

static void add_fixed(const Bptt *b, Ports *p, Arena *a) {
  add_port(p, a, PORT_FIXED, PLACE_TIME, b->t.r);
  add_port(p, a, PORT_FIXED, PLACE_TRIAL, b->trials_r.r);
  add_port(p, a, PORT_FIXED, PLACE_UPDATE, b->update_r.r);
  for (size_t i = 0; i < b->s->weights.n; i++)
    add_port(p, a, PORT_FIXED, first_weight(b) + (int)i, b->weight[i].r);
}

static Status forward(Bptt *b) {
  Arena *a = arena_new();
  Ports p = {0};
  int nstates = (int)b->s->states.n;
  add_fixed(b, &p, a);
  add_port(&p, a, PORT_SLICE, PLACE_STEP, b->numbers.r);
  for (int i = 0; i < nstates; i++) {
    add_port(&p, a, PORT_CARRY, PLACE_STATES + i, b->x0[i].r)->from = i;
    add_port(&p, a, PORT_STACK, i, row(&b->state[i], 1));
  }
  for (size_t i = 0; i < b->s->inputs.n; i++)
    add_port(&p, a, b->m->channel[i] >= 0 ? PORT_SLICE : PORT_FIXED, first_input(b) + (int)i,
             b->input[i].r);
  for (size_t i = 0; i < b->m->out.n; i++)
    add_port(&p, a, PORT_STACK, nstates + (int)i, b->out[i].r);
  for (int k = 0; k < b->nkept; k++) add_port(&p, a, PORT_STACK, b->nout + k, b->kept[k].r);
  ScanSpec spec = {.ports = p.at, .nports = (int)p.n, .steps = b->steps};
  Status st = program_scan(b->forward, &spec);
  arena_free(a);
  return st;
}

static Status compare(Bptt *b, double *loss) {
  Train *m = b->m;
  Arena *a = arena_new();
  size_t nt = m->trials->targets.n, nw = m->regularize ? b->s->weights.n : 0;
  const void **in = ARENA_ARRAY(a, const void *, m->out.n + 2 * nt + nw + 1);
  void **out = ARENA_ARRAY(a, void *, 2 + m->out.n + nw + 1);
  int n = 0, k = 0;
  for (size_t i = 0; i < m->out.n; i++) in[n++] = b->out[i].r;
  for (size_t i = 0; i < nt; i++) in[n++] = b->target[i].r;
  for (size_t i = 0; i < nt; i++) in[n++] = b->mask[i].r;
  for (size_t i = 0; i < nw; i++) in[n++] = b->weight[i].r;
  out[k++] = b->value.r;
  if (m->regularize) out[k++] = b->penalty.r;
  for (size_t i = 0; i < m->out.n; i++) out[k++] = b->dout[i].r;
  for (size_t i = 0; i < nw; i++) out[k++] = b->dloss[i].r;
  Status st = program_run(b->loss, in, out);
  reals_pull(&b->value);
  reals_pull(&b->penalty);
  *loss = *b->value.d;
  arena_free(a);
  return st;
}

/* The steps from `last` down to last - steps + 1. */
static Status backward_piece(Bptt *b, int64_t last, int64_t steps) {
  Arena *a = arena_new();
  Ports p = {0};
  int nstates = (int)b->s->states.n, at = b->nin, out = 0;
  add_fixed(b, &p, a);
  add_backward(&p, a, PLACE_STEP, &b->numbers, last);
  for (int i = 0; i < nstates; i++) add_backward(&p, a, PLACE_STATES + i, &b->state[i], last);
  for (size_t i = 0; i < b->s->inputs.n; i++) {
    int index = first_input(b) + (int)i;
    if (b->m->channel[i] >= 0)
      add_backward(&p, a, index, &b->input[i], last);
    else
      add_port(&p, a, PORT_FIXED, index, b->input[i].r);
  }
  for (int k = 0; k < b->nkept; k++) add_backward(&p, a, at++, &b->kept[k], last);
  for (int i = 0; i < nstates; i++) add_backward(&p, a, at++, &b->state[i], last + 1);
  for (int i = 0; i < nstates; i++)
    add_port(&p, a, PORT_CARRY, at++, b->adjoint[i].r)->from = out++;
  for (size_t i = 0; i < b->m->out.n; i++) add_backward(&p, a, at++, &b->dout[i], last);
  for (size_t i = 0; i < b->s->weights.n; i++)
    if (b->m->trained[i]) add_port(&p, a, PORT_SUM, out++, b->dweight[i].r);
  ScanSpec spec = {.ports = p.at, .nports = (int)p.n, .steps = steps};
  Status st = program_scan(b->reverse, &spec);
  arena_free(a);
  return st;
}

static void clear_adjoints(Bptt *b) {
  for (size_t i = 0; i < b->s->states.n; i++) memset(b->adjoint[i].r, 0, b->adjoint[i].row);
}

static Status backward(Bptt *b) {
  int64_t piece = b->m->truncate > 0 ? b->m->truncate : b->steps;
  Status st = STATUS_FINE;
  for (size_t i = 0; i < b->s->weights.n; i++) {
    if (!b->m->trained[i]) continue;
    memset(b->dweight[i].r, 0, b->dweight[i].row);
    if (b->m->regularize) memcpy(b->dweight[i].r, b->dloss[i].r, b->dweight[i].row);
  }
  for (int64_t last = b->steps - 1; last >= 0 && st.code == STATUS_OK; last -= piece) {
    clear_adjoints(b);
    st = backward_piece(b, last, last + 1 < piece ? last + 1 : piece);
  }
  int64_t at = 0;
  for (size_t i = 0; i < b->s->weights.n; i++) {
    if (!b->m->trained[i]) continue;
    reals_pull(&b->dweight[i]);
    memcpy(b->gradient + at, b->dweight[i].d, (size_t)b->dweight[i].n * sizeof(double));
    at += b->dweight[i].n;
  }
  return st;
}

/* ---- an update ------------------------------------------------------------------------------- */

Status bptt_update(Bptt *b, int64_t update, double *loss) {
  b->started = update > 1;
  b->update = system_stream(b->m->s.seed, (uint64_t)update);
  *b->update_r.d = b->update;
  reals_push(&b->update_r);
  spread_parameters(b);
  Status st = draw_trials(b);
  if (st.code == STATUS_OK) st = start(b);
  if (st.code == STATUS_OK) st = forward(b);
  if (st.code == STATUS_OK) st = compare(b, loss);
  if (st.code == STATUS_OK && isfinite(*loss)) st = backward(b);
  if (st.code == STATUS_OK && isfinite(*loss)) st = start_back(b);
  for (size_t i = 0; b->m->carry && i < b->s->states.n; i++) reals_pull(&b->x0[i]);
  return st;
}

Status bptt_loss(Bptt *b, const double *parameters, double *loss) {
  b->update = system_stream(b->m->s.seed, 0);
  *b->update_r.d = b->update;
  reals_push(&b->update_r);
  memcpy(b->parameters, parameters, (size_t)bptt_count(b) * sizeof *parameters);
  spread_parameters(b);
  Status st = draw_trials(b);
  if (st.code == STATUS_OK) st = start(b);
  if (st.code == STATUS_OK) st = forward(b);
  if (st.code == STATUS_OK) st = compare(b, loss);
  return st;
}

bool bptt_scores(Bptt *b, double *mean) {
  for (size_t i = 0; i < b->m->trials->targets.n; i++) b->answers[i] = b->out[i].r;
  ScoreBatch batch = {
      .trials = b->batch, .given = b->wanted, .out = b->answers, .single = b->m->single};
  return scores_compute(&b->m->scores, &batch, b->score, mean);
}

Status bptt_project(Bptt *b) {
  if (!b->project) return STATUS_FINE;
  spread_parameters(b);
  for (size_t i = 0; i < b->s->weights.n; i++) b->project_in[i] = b->weight[i].d;
  Status st = program_run(b->project, b->project_in, b->projected);
  double *at = b->parameters;
  int k = 0;
  for (size_t i = 0; i < b->s->weights.n; i++) {
    if (!b->m->trained[i]) continue;
    memcpy(at, b->projected[k++], (size_t)b->weight[i].n * sizeof(double));
    at += b->weight[i].n;
  }
  return st;
}

void bptt_keep(Bptt *b, Checkpoint *c) {
  Arena *a = b->m->arena;
  double *at = b->parameters;
  for (size_t i = 0; i < b->s->weights.n; i++) {
    if (!b->m->trained[i]) continue;
    checkpoint_array(c, b->s->weights.at[i].q.name, b->s->weights.at[i].value->shape, at);
    at += b->weight[i].n;
  }
  for (size_t i = 0; b->m->carry && i < b->s->states.n; i++) {
    const Quantity *q = &b->s->states.at[i].q;
    checkpoint_array(c, arena_printf(a, "checkpoint:start:%s", q->name), of_batch(b, q->shape),
                     b->x0[i].d);
  }
  checkpoint_part(c, "the network", b->network);
  checkpoint_part(c, "its weights at the start", b->start_weights);
  checkpoint_part(c, "the task", graph_hash(b->m->trials->f));
  checkpoint_part(c, "the loss", b->losses);
}

void bptt_resumed(Bptt *b) {
  for (size_t i = 0; i < b->s->states.n; i++) reals_push(&b->x0[i]);
}

double bptt_penalty(const Bptt *b) {
  return *b->penalty.d;
}

const Tensor *const *bptt_weights(Bptt *b, Arena *a) {
  spread_parameters(b);
  const Tensor **w = ARENA_ARRAY(a, const Tensor *, b->s->weights.n + 1);
  for (size_t i = 0; i < b->s->weights.n; i++) {
    Tensor *t = tensor_new(a, b->s->weights.at[i].value->shape);
    memcpy(t->data, b->weight[i].d, (size_t)b->weight[i].n * sizeof(double));
    w[i] = t;
  }
  return w;
}

const Tensor *const *bptt_ends(const Bptt *b, Arena *a) {
  size_t n = b->s->states.n;
  const Tensor **end = ARENA_ARRAY(a, const Tensor *, n + 1);
  for (size_t i = 0; i < n; i++) {
    Tensor *t = tensor_new(a, of_batch(b, b->s->states.at[i].q.shape));
    memcpy(t->data, b->x0[i].d, (size_t)b->x0[i].n * sizeof(double));
    end[i] = t;
  }
  return end;
}

static bool row_is_finite(const Bptt *b, const Reals *x, int64_t k) {
  int64_t n = (int64_t)(x->row / (b->m->single ? sizeof(float) : sizeof(double)));
  const char *data = row(x, k);
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(b->m->single ? ((const float *)data)[i] : ((const double *)data)[i]))
      return false;
  return true;
}

const Quantity *bptt_first_bad(const Bptt *b, int64_t *step) {
  for (*step = 0; *step <= b->steps; ++*step)
    for (size_t i = 0; i < b->s->states.n; i++)
      if (!row_is_finite(b, &b->state[i], *step)) return &b->s->states.at[i].q;
  return NULL;
}
