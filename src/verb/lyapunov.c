/* lyapunov.c: lyapunov(net, ...): exponents by the method of Benettin, Galgani, Giorgilli &
   Strelcyn (Meccanica 15, 1980): k tangent vectors go along with the state by the exact derivative
   of the network (of a fixed-step method: of its step) and are made orthonormal again by QR from
   time to time; the exponents are the mean logarithms of R's diagonal. Noise and input are frozen:
   the tangents see the same as the state. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/linalg.h"
#include "verb/flow.h"
#include "verb/verb.h"

enum { A_NET, A_K, A_FOR, A_TRANSIENT, A_EVERY, A_INPUT, A_METHOD, A_DT, A_SEED, A_INIT };
enum { HISTORY_ROWS = 1000, BLOCKS = 20, STEPS_MOST = 20 };

/* A tangent may grow or shrink by about exp(STRETCH) between two decompositions. */
static const double STRETCH = 5;

typedef struct Spectrum {
  Flow f;
  int64_t k;                     /* how many exponents */
  double length, transient, tau; /* tau: time between decompositions */
  bool known;                    /* the times are (in rehearsal they may not be) */
  int64_t steps;                 /* fixed steps in tau; 0: an adaptive method */
  int64_t rounds, skipped;       /* decompositions that count, and before them */
  FlowProgram *p;
  double *y;           /* the state [D], then the tangents [k, D] */
  double *a, *q, *r;   /* of a decomposition: [D, k], [D, k], [k, k] */
  double *sum, *block; /* of logarithms: [k], [BLOCKS, k] */
  double *history;     /* [rows, k] */
  int64_t rows;
} Spectrum;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool read_times(Spectrum *s) {
  Call *c = s->f.s.c;
  bool known = true, more = true;
  s->transient = 0;
  if (!arg_given(c, A_FOR)) {
    setup_report(&s->f.s, E0611, c->at, "how long? Say `for = %s`",
                 s->f.s.sys->time == TIME_SECONDS ? "10 s" : "1000");
    return false;
  }
  if (!setup_time(&s->f.s, A_FOR, &s->length, &known)) return false;
  if (arg_given(c, A_TRANSIENT) && !setup_time(&s->f.s, A_TRANSIENT, &s->transient, &more))
    return false;
  s->known = known && more && s->f.s.dt_known;
  if (!s->known || (s->length > 0 && s->transient >= 0 && isfinite(s->length + s->transient)))
    return true;
  setup_report(&s->f.s, E0611, c->arg_at[A_FOR], "`for` must be above zero, `transient` not below");
  return false;
}

static bool read_call(Spectrum *s, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_DT, A_SEED, false}, A_INPUT};
  if (!flow_setup(ev, c, &at, false, &s->f)) return false;
  if (s->f.s.sys->events.n || s->f.s.sys->delays.n) {
    setup_report(&s->f.s, E0612, c->at, "`lyapunov` cannot run a network with events or delays");
    return false;
  }
  if (!arg_size(ev, c, A_K, s->f.dim, 1, &s->k) || !read_times(s)) return false;
  if (s->k > s->f.dim) {
    arg_bad(ev, c, A_K, "cannot be %lld: the state of `%s` has length %lld", (long long)s->k,
            s->f.s.sys->name, (long long)s->f.dim);
    return false;
  }
  for (size_t i = 0; i < s->f.s.sys->inputs.n; i++)
    if (s->f.in.at[i].kind == INPUT_ROWS) {
      setup_report(&s->f.s, E0607, c->arg_at[A_INPUT],
                   "`lyapunov` takes an input that is constant or a function of time");
      return false;
    }
  return true;
}

/* Where the run begins: [D] numbers, or NULL in rehearsal. */
static bool read_start(Spectrum *s, double *x) {
  Call *c = s->f.s.c;
  int64_t n;
  if (!arg_given(c, A_INIT)) return !x || flow_draw_starts(&s->f, 1, x);
  if (!flow_read_starts(&s->f, c->arg[A_INIT], c->arg_at[A_INIT], &n, NULL)) return false;
  if (n == 1 || n == EXTENT_UNKNOWN)
    return !x || flow_read_starts(&s->f, c->arg[A_INIT], c->arg_at[A_INIT], &n, x);
  setup_report(&s->f.s, E0621, c->arg_at[A_INIT], "`init` is one state, not %lld", (long long)n);
  return false;
}

/* ---- how often to decompose ------------------------------------------------------------------ */

/* The size of the vector field's derivative at the start, in the mean of its directions. */
static double rate_of_stretch(Spectrum *s) {
  int64_t n = s->f.dim;
  double sum = 0, *f = ARENA_ARRAY(s->f.arena, double, n);
  double *jac = ARENA_ARRAY(s->f.arena, double, n *n);
  FlowProgram *p = flow_plan(&s->f, flow_jacobian(&s->f, false), 0);
  flow_bind_inputs(&s->f, p, -1, 0);
  p->in[FLOW_X] = s->y;
  program_run(p->p, p->in, (void *[]){f, jac});
  for (int64_t i = 0; i < n * n; i++) sum += jac[i] * jac[i];
  return isfinite(sum) && sum > 0 ? 2 * sqrt(sum / (double)n) : 1;
}

static bool choose_rounds(Spectrum *s) {
  Call *c = s->f.s.c;
  bool fixed = s->f.s.fixed, map = s->f.s.sys->kind == SYSTEM_MAP;
  double total = s->length + s->transient, unit = fixed ? s->f.s.dt : 0;
  if (arg_given(c, A_EVERY)) {
    if (!setup_time(&s->f.s, A_EVERY, &s->tau, NULL)) return false;
  } else if (map) {
    s->tau = 1;
  } else {
    s->tau = fmin(STRETCH / rate_of_stretch(s), s->length / 10);
    if (fixed) s->tau = unit * fmin(STEPS_MOST, fmax(1, floor(s->tau / unit)));
  }
  if (!(s->tau > 0) || s->tau > s->length) {
    setup_report(&s->f.s, E0605, c->at, "`every` must lie between zero and `for`");
    return false;
  }
  if (fixed && (s->steps = setup_steps(&s->f.s, s->tau, c->at, "`every`")) < 0) return false;
  s->skipped = (int64_t)ceil(s->transient / s->tau - 1e-9);
  s->rounds = (int64_t)ceil(total / s->tau - 1e-9) - s->skipped;
  return s->rounds > 0;
}

/* ---- a stretch of time ----------------------------------------------------------------------- */

static Status rhs(void *ctx, double t, const double *y, double *dydt) {
  Spectrum *s = ctx;
  s->p->t = t;
  s->p->in[FLOW_X] = y;
  s->p->in[FLOW_TANGENTS] = y + s->f.dim;
  return program_run(s->p->p, s->p->in, (void *[]){dydt, dydt + s->f.dim});
}

static Status advance_adaptively(Spectrum *s, double t) {
  OdeProblem p = {s->f.dim * (s->k + 1), rhs, NULL, s};
  OdeOptions o = {.rtol = s->f.s.rtol, .atol = s->f.s.atol};
  return s->f.s.method->solve(s->f.s.method, &p, &o, &t, t + s->tau, s->y, NULL, NULL);
}

static Status advance_in_steps(Spectrum *s, int64_t step) {
  Port *ports = ARENA_ARRAY(s->f.arena, Port, s->p->nin);
  for (int i = 0; i < s->p->nin; i++)
    ports[i] = (Port){.kind = PORT_FIXED, .index = i, .data = (void *)s->p->in[i]};
  ports[FLOW_STEP].kind = PORT_STEP;
  ports[FLOW_X] = (Port){PORT_CARRY, FLOW_X, 0, s->y, 1};
  ports[FLOW_TANGENTS] = (Port){PORT_CARRY, FLOW_TANGENTS, 1, s->y + s->f.dim, 1};
  ScanSpec spec = {
      .ports = ports, .nports = s->p->nin, .first = step, .steps = s->steps, .check = s->steps};
  return program_scan(s->p->p, &spec);
}

/* Makes the tangents orthonormal; the logarithms of their lengths go to `logs`. */
static Status decompose(Spectrum *s, double *logs) {
  int64_t n = s->f.dim, k = s->k;
  double *tangent = s->y + n;
  for (int64_t i = 0; i < k; i++)
    for (int64_t j = 0; j < n; j++) s->a[j * k + i] = tangent[i * n + j];
  Status st = la_qr(n, k, s->a, s->q, s->r);
  for (int64_t i = 0; i < k; i++) {
    logs[i] = log(fmax(fabs(s->r[i * k + i]), 1e-300));
    for (int64_t j = 0; j < n; j++) tangent[i * n + j] = s->q[j * k + i];
  }
  return st;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void add_round(Spectrum *s, int64_t round, const double *logs) {
  int64_t done = round + 1, stride = (s->rounds + HISTORY_ROWS - 1) / HISTORY_ROWS;
  double *block = s->block + (round * BLOCKS / s->rounds) * s->k;
  for (int64_t i = 0; i < s->k; i++) {
    s->sum[i] += logs[i];
    block[i] += logs[i];
    if (done % stride == 0) s->history[s->rows * s->k + i] = s->sum[i] / ((double)done * s->tau);
  }
  s->rows += done % stride == 0;
}

static bool set_up(Spectrum *s) {
  Arena *a = s->f.arena;
  int64_t n = s->f.dim, k = s->k;
  s->y = ARENA_ARRAY(a, double, n *(k + 1));
  s->a = ARENA_ARRAY(a, double, n *k);
  s->q = ARENA_ARRAY(a, double, n *k);
  s->r = ARENA_ARRAY(a, double, k *k);
  s->sum = ARENA_ARRAY(a, double, k);
  s->block = ARENA_ARRAY(a, double, BLOCKS *k);
  s->history = ARENA_ARRAY(a, double, (HISTORY_ROWS + 1) * k);
  for (int64_t i = 0; i < k; i++) s->y[n + i * n + i] = 1;
  if (!read_start(s, s->y) || !choose_rounds(s)) return false;
  s->p = flow_plan(&s->f, flow_function(&s->f, s->f.s.fixed, k), 0);
  flow_bind_inputs(&s->f, s->p, -1, 0);
  return true;
}

static Status propagate(Spectrum *s) {
  Ev *ev = s->f.s.ev;
  double *logs = ARENA_ARRAY(s->f.arena, double, s->k);
  for (int64_t round = 0; round < s->skipped + s->rounds; round++) {
    double t = (double)round * s->tau;
    Status st = s->f.s.fixed ? advance_in_steps(s, round * s->steps) : advance_adaptively(s, t);
    if (st.code == STATUS_OK) st = decompose(s, logs);
    if (st.code != STATUS_OK) return st.t = t, st;
    if (round >= s->skipped) add_round(s, round - s->skipped, logs);
    if (round % 64) continue;
    double done = (double)round / (double)(s->skipped + s->rounds);
    if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "lyapunov", done, s->f.s.sys->name);
    if (ev_stopped(ev)) return (Status){STATUS_CANCELLED, t, -1, NULL};
  }
  return STATUS_FINE;
}

/* ---- result ---------------------------------------------------------------------------------- */

/* Kaplan & Yorke 1979: the number of dimensions whose volume neither grows nor shrinks. With fewer
   exponents than states, and a sum that never turns negative, it is at least k: NaN. */
static double kaplan_yorke(const double *e, int64_t k, int64_t dim) {
  double sum = 0;
  for (int64_t i = 0; i < k; i++) {
    if (sum + e[i] < 0) return (double)i + sum / -e[i];
    sum += e[i];
  }
  return k == dim ? (double)k : NAN;
}

/* Standard errors from the scatter of the means of BLOCKS stretches of time. */
static void errors_of(const Spectrum *s, const double *e, double *error) {
  double blocks = s->rounds < BLOCKS ? (double)s->rounds : BLOCKS;
  double time = (double)s->rounds * s->tau / blocks;
  for (int64_t i = 0; i < s->k; i++) {
    double sum = 0;
    for (int b = 0; b < (int)blocks; b++) sum += pow(s->block[b * s->k + i] / time - e[i], 2);
    error[i] = blocks > 1 ? sqrt(sum / (blocks * (blocks - 1))) : NAN;
  }
}

static Value *result(Spectrum *s, bool known) {
  Ev *ev = s->f.s.ev;
  Dim rate = dim_div(DIM_ONE, setup_time_dim(&s->f.s));
  double *e = NULL, *error = NULL, dimension = NAN;
  if (known) {
    e = ARENA_ARRAY(s->f.arena, double, s->k);
    error = ARENA_ARRAY(s->f.arena, double, s->k);
    for (int64_t i = 0; i < s->k; i++) e[i] = s->sum[i] / ((double)s->rounds * s->tau);
    errors_of(s, e, error);
    dimension = kaplan_yorke(e, s->k, s->f.dim);
  }
  Value *r = value_record(ev, "lyapunov", 4);
  value_set(r, 0, "exponents", flow_array(&s->f, shape_vec(s->k), e, rate));
  value_set(r, 1, "error", flow_array(&s->f, shape_vec(s->k), error, rate));
  value_set(r, 2, "history",
            flow_array(&s->f, shape_mat(known ? s->rows : EXTENT_UNKNOWN, s->k),
                       known ? s->history : NULL, rate));
  value_set(r, 3, "dimension",
            known ? value_num(ev, dimension) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  return r;
}

static Value *run(Spectrum *s) {
  if (!set_up(s)) return &VALUE_ERROR;
  Status st = propagate(s);
  if (st.code == STATUS_OK) return result(s, true);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(s->f.s.ev, s->f.s.c->at, st, "the exponents of `%s` cannot be computed at %s%s%s",
                 s->f.s.sys->name, setup_when(&s->f.s, st.t), st.what ? ": " : "",
                 st.what ? st.what : "");
}

Value *verb_lyapunov(Ev *ev, Call *c) {
  Spectrum s = {.k = 0};
  if (!read_call(&s, ev, c)) return &VALUE_ERROR;
  s.f.arena = arena_new();
  Value *v = !ev->rehearse ? run(&s) : read_start(&s, NULL) ? result(&s, false) : &VALUE_ERROR;
  arena_free(s.f.arena);
  return v;
}
