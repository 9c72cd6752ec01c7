/* lyapunov.c: lyapunov(net, ...): exponents by the method of Benettin, Galgani, Giorgilli &
   Strelcyn (Meccanica 15, 1980): k tangent vectors go along with the state by the exact derivative
   of the network (of a fixed-step method: of its step) and are made orthonormal again by QR from
   time to time; the exponents are the mean logarithms of R's diagonal. Noise and input are frozen:
   the tangents see the same as the state. */
#include <math.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "verb/tangents.h"
#include "verb/verb.h"

enum { A_NET, A_K, A_FOR, A_TRANSIENT, A_EVERY, A_INPUT, A_METHOD, A_DT, A_SEED, A_INIT };
enum { HISTORY_ROWS = 1000, BLOCKS = 20, STEPS_MOST = 20 };

static const double ZERO_DEVIATION = 5; /* of a logarithm that stays bounded */

typedef struct Spectrum {
  Tangents g;                    /* as many as there are exponents */
  double length, transient, tau; /* tau: time between decompositions */
  bool known;                    /* the times are (in rehearsal they may not be) */
  int64_t steps;                 /* fixed steps in tau; 0: an adaptive method */
  int64_t rounds, skipped;       /* decompositions that count, and before them */
  double *sum, *block;           /* of logarithms: [k], [BLOCKS, k] */
  double *history;               /* [rows, k] */
  int64_t rows;
} Spectrum;

/* ---- arguments ------------------------------------------------------------------------------- */

/* The tangents begin in random directions: until they have turned, their growth is that of a mix of
   exponents, which biases the mean by the order of 1 / length. Rows of an input say what counts. */
static double usual_transient(const Spectrum *s) {
  bool whole = s->g.f.s.sys->kind == SYSTEM_MAP;
  if (s->g.f.in.length > 0) return 0;
  return whole ? ceil(s->length / 10) : s->length / 10;
}

static bool read_times(Spectrum *s) {
  Call *c = s->g.f.s.c;
  bool known = true, more = true;
  if (!tangents_read_length(&s->g, A_FOR, &s->length, &known)) return false;
  s->transient = usual_transient(s);
  if (arg_given(c, A_TRANSIENT) && !setup_time(&s->g.f.s, A_TRANSIENT, &s->transient, &more))
    return false;
  if (!arg_given(c, A_FOR)) s->length -= s->transient;
  s->known = known && more && s->g.f.s.dt_known;
  if (!s->known || (s->length > 0 && s->transient >= 0 && isfinite(s->length + s->transient)))
    return true;
  setup_report(&s->g.f.s, E0611, c->arg_at[arg_given(c, A_FOR) ? A_FOR : A_TRANSIENT],
               "`for` must be above zero, `transient` not below");
  return false;
}

static bool read_call(Spectrum *s, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_DT, A_SEED, false}, A_INPUT};
  if (!tangents_setup(ev, c, &at, &s->g)) return false;
  if (!arg_size(ev, c, A_K, s->g.f.dim, 1, &s->g.k) || !read_times(s)) return false;
  if (s->g.k > s->g.f.dim) {
    arg_bad(ev, c, A_K, "cannot be %lld: the state of `%s` has length %lld", (long long)s->g.k,
            s->g.f.s.sys->name, (long long)s->g.f.dim);
    return false;
  }
  return true;
}

/* ---- how often to decompose ------------------------------------------------------------------ */

static bool every_misfits(const Spectrum *s) {
  const Call *c = s->g.f.s.c;
  setup_report(&s->g.f.s, E0605, arg_given(c, A_EVERY) ? c->arg_at[A_EVERY] : c->at,
               "`every` must lie between zero and `for`");
  return false;
}

/* Rows of an input end where they end: what is left of them at the end is not used. */
static bool count_rounds(Spectrum *s) {
  double rounds = (s->length + s->transient) / s->tau;
  bool rows = s->g.f.in.length > 0;
  s->skipped = (int64_t)ceil(s->transient / s->tau - 1e-9);
  s->rounds = (int64_t)(rows ? floor(rounds + 1e-9) : ceil(rounds - 1e-9)) - s->skipped;
  return s->rounds > 0 || every_misfits(s);
}

static bool choose_rounds(Spectrum *s) {
  Call *c = s->g.f.s.c;
  bool fixed = s->g.f.s.fixed, map = s->g.f.s.sys->kind == SYSTEM_MAP;
  double unit = fixed ? s->g.f.s.dt : 0;
  if (arg_given(c, A_EVERY)) {
    if (!setup_time(&s->g.f.s, A_EVERY, &s->tau, NULL)) return false;
  } else if (map) {
    s->tau = 1;
  } else {
    s->tau = fmin(tangents_stretch(&s->g), s->length / 10);
    if (fixed) s->tau = unit * fmin(STEPS_MOST, fmax(1, floor(s->tau / unit)));
  }
  if (!(s->tau > 0) || s->tau > s->length) return every_misfits(s);
  if (fixed && (s->steps = setup_steps(&s->g.f.s, s->tau, c->at, "`every`")) < 0) return false;
  return count_rounds(s);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void add_round(Spectrum *s, int64_t round) {
  int64_t done = round + 1, stride = (s->rounds + HISTORY_ROWS - 1) / HISTORY_ROWS;
  double *block = s->block + (round * BLOCKS / s->rounds) * s->g.k;
  for (int64_t i = 0; i < s->g.k; i++) {
    double stretch = log(fmax(s->g.r[i * s->g.k + i], 1e-300));
    s->sum[i] += stretch;
    block[i] += stretch;
    if (done % stride == 0) s->history[s->rows * s->g.k + i] = s->sum[i] / ((double)done * s->tau);
  }
  s->rows += done % stride == 0;
}

static bool set_up(Spectrum *s) {
  Arena *a = s->g.f.arena;
  int64_t k = s->g.k;
  if (!tangents_allocate(&s->g)) return false;
  s->sum = ARENA_ARRAY(a, double, k);
  s->block = ARENA_ARRAY(a, double, BLOCKS *k);
  s->history = ARENA_ARRAY(a, double, (HISTORY_ROWS + 1) * k);
  if (!tangents_read_start(&s->g, A_INIT, s->g.y) || !choose_rounds(s)) return false;
  if (!tangents_cover(&s->g, (s->skipped + s->rounds) * s->steps)) return false;
  tangents_plan(&s->g);
  return true;
}

static Status propagate(Spectrum *s) {
  Ev *ev = s->g.f.s.ev;
  for (int64_t round = 0; round < s->skipped + s->rounds; round++) {
    double t = (double)round * s->tau;
    Status st = s->g.f.s.fixed ? tangents_advance_steps(&s->g, round * s->steps, s->steps)
                               : tangents_advance(&s->g, t, s->tau);
    if (st.code == STATUS_OK) st = tangents_decompose(&s->g);
    if (st.code != STATUS_OK) return st.t = t, st;
    if (round >= s->skipped) add_round(s, round - s->skipped);
    if (round % 64) continue;
    double done = (double)round / (double)(s->skipped + s->rounds);
    if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "lyapunov", done, s->g.f.s.sys->name);
    if (ev_stopped(ev)) return (Status){STATUS_CANCELLED, t, -1, NULL};
  }
  return STATUS_FINE;
}

static void swap_columns(double *x, int64_t rows, int64_t k, int64_t i) {
  for (int64_t r = 0; r < rows; r++) {
    double left = x[r * k + i - 1];
    x[r * k + i - 1] = x[r * k + i];
    x[r * k + i] = left;
  }
}

/* QR gives exponents in falling order but for those that are nearly equal. */
static void put_in_order(Spectrum *s) {
  int64_t k = s->g.k;
  for (int64_t j = 1; j < k; j++)
    for (int64_t i = j; i > 0 && s->sum[i] > s->sum[i - 1]; i--) {
      swap_columns(s->sum, 1, k, i);
      swap_columns(s->block, BLOCKS, k, i);
      swap_columns(s->history, s->rows, k, i);
    }
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

/* The sum of the positive exponents, an upper bound of the entropy rate, to which it is equal for a
   measure that is smooth along the directions that grow (Ruelle, Bol. Soc. Bras. Mat. 9, 1978;
   Eckmann & Ruelle, Rev. Mod. Phys. 57, 1985, section IV). NaN: there may be more of them. */
static double entropy_bound(const double *e, int64_t k, int64_t dim) {
  double sum = 0;
  for (int64_t i = 0; i < k; i++) sum += fmax(e[i], 0);
  return k == dim || e[k - 1] <= 0 ? sum : NAN;
}

/* How many cannot be told from zero: bounded deviations leave an exponent of the size of 1 / time.
   Stable cycles have one, tori as many as they have frequencies. */
static int64_t zeros_of(const Spectrum *s, const double *e, const double *error) {
  int64_t count = 0;
  double time = (double)s->rounds * s->tau;
  for (int64_t i = 0; i < s->g.k; i++)
    count += fabs(e[i]) < ZERO_DEVIATION / time + (isfinite(error[i]) ? 3 * error[i] : 0);
  return count;
}

/* Standard errors from the scatter of the means of BLOCKS stretches of time. */
static void errors_of(const Spectrum *s, const double *e, double *error) {
  double blocks = s->rounds < BLOCKS ? (double)s->rounds : BLOCKS;
  double time = (double)s->rounds * s->tau / blocks;
  for (int64_t i = 0; i < s->g.k; i++) {
    double sum = 0;
    for (int b = 0; b < (int)blocks; b++) sum += pow(s->block[b * s->g.k + i] / time - e[i], 2);
    error[i] = blocks > 1 ? sqrt(sum / (blocks * (blocks - 1))) : NAN;
  }
}

static Value *result(Spectrum *s, bool known) {
  Ev *ev = s->g.f.s.ev;
  Dim rate = dim_div(DIM_ONE, setup_time_dim(&s->g.f.s));
  double *e = NULL, *error = NULL, dimension = NAN, entropy = NAN, zeros = NAN;
  if (known) {
    e = ARENA_ARRAY(s->g.f.arena, double, s->g.k);
    error = ARENA_ARRAY(s->g.f.arena, double, s->g.k);
    for (int64_t i = 0; i < s->g.k; i++) e[i] = s->sum[i] / ((double)s->rounds * s->tau);
    errors_of(s, e, error);
    dimension = kaplan_yorke(e, s->g.k, s->g.f.dim);
    entropy = entropy_bound(e, s->g.k, s->g.f.dim);
    zeros = (double)zeros_of(s, e, error);
  }
  Value *r = value_record(ev, "lyapunov", 6);
  value_set(r, 0, "exponents", flow_array(&s->g.f, shape_vec(s->g.k), e, rate));
  value_set(r, 1, "error", flow_array(&s->g.f, shape_vec(s->g.k), error, rate));
  value_set(r, 2, "history",
            flow_array(&s->g.f, shape_mat(known ? s->rows : EXTENT_UNKNOWN, s->g.k),
                       known ? s->history : NULL, rate));
  value_set(r, 3, "dimension",
            known ? value_num(ev, dimension) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  value_set(r, 4, "entropy", flow_array(&s->g.f, SHAPE_SCALAR, known ? &entropy : NULL, rate));
  value_set(r, 5, "zeros", flow_array(&s->g.f, SHAPE_SCALAR, known ? &zeros : NULL, DIM_ONE));
  return r;
}

static Value *run(Spectrum *s) {
  if (!set_up(s)) return &VALUE_ERROR;
  Status st = propagate(s);
  if (st.code == STATUS_OK) {
    put_in_order(s);
    return result(s, true);
  }
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(s->g.f.s.ev, s->g.f.s.c->at, st,
                 "the exponents of `%s` cannot be computed at %s%s%s", s->g.f.s.sys->name,
                 setup_when(&s->g.f.s, st.t), st.what ? ": " : "", st.what ? st.what : "");
}

Value *verb_lyapunov(Ev *ev, Call *c) {
  Spectrum s = {.known = false};
  if (!read_call(&s, ev, c)) return &VALUE_ERROR;
  s.g.f.arena = arena_new();
  Value *v = !ev->rehearse                             ? run(&s)
             : tangents_read_start(&s.g, A_INIT, NULL) ? result(&s, false)
                                                       : &VALUE_ERROR;
  arena_free(s.g.f.arena);
  return v;
}
