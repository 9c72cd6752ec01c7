/* test_force.c: recursive least squares against ridge regression, and `train` by FORCE against an
   independent program: Sussillo & Abbott's demonstration (Neuron 63, 2009, architecture A) written
   in NumPy, with weights that both draw from splitmix64. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "dyn.h"
#include "num/linalg.h"
#include "num/rls.h"

/* ---- random numbers -------------------------------------------------------------------------- */

/* Number i of splitmix64 (Steele, Lea & Flood, OOPSLA 2014), as a uniform. */
typedef struct Stream {
  uint64_t seed, i;
} Stream;

static double uniform(Stream *s) {
  uint64_t x = s->seed + ++s->i * UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

/* Box & Muller 1958 */
static double normal(Stream *s) {
  double u = uniform(s), v = uniform(s);
  return sqrt(-2 * log1p(-u)) * cos(2 * 3.14159265358979323846 * v);
}

/* ---- recursive least squares ----------------------------------------------------------------- */

enum { N = 40, ROWS = 200 };

/* The equations of ridge regression: alpha I + sum q r r', and sum q r y. */
static void ridge(double alpha, const double *r, const double *y, const double *q, double *A,
                  double *b) {
  for (int i = 0; i < N * N; i++) A[i] = i % (N + 1) ? 0 : alpha;
  memset(b, 0, N * sizeof *b);
  for (int t = 0; t < ROWS; t++)
    for (int i = 0; i < N; i++) {
      b[i] += q[t] * r[t * N + i] * y[t];
      for (int j = 0; j < N; j++) A[i * N + j] += q[t] * r[t * N + i] * r[t * N + j];
    }
}

static void test_ridge(double alpha, bool weighted) {
  static double r[ROWS * N], y[ROWS], q[ROWS], w[N], gain[N], A[N * N], b[N], best[N], P[N * N];
  Stream s = {.seed = 3};
  Arena *a = arena_new();
  for (int i = 0; i < ROWS * N; i++) r[i] = tanh(normal(&s));
  for (int t = 0; t < ROWS; t++) y[t] = normal(&s);
  for (int t = 0; t < ROWS; t++) q[t] = weighted ? 0.1 + uniform(&s) : 1;
  Rls *m = rls_new(a, N, alpha);
  memset(w, 0, sizeof w);
  for (int t = 0; t < ROWS; t++) {
    double error = -y[t];
    for (int i = 0; i < N; i++) error += w[i] * r[t * N + i];
    rls_update(m, r + t * N, q[t], gain);
    for (int i = 0; i < N; i++) w[i] -= error * gain[i];
  }
  ridge(alpha, r, y, q, A, b);
  CHECK(la_solve(N, 1, A, b, best).code == STATUS_OK, "the solution");
  CHECK(la_inv(N, A, P).code == STATUS_OK, "the inverse");
  const double *got = rls_inverse(m);
  for (int i = 0; i < N; i++) CHECK_NEAR(w[i], best[i], 1e-12, "weight %d", i);
  for (int i = 0; i < N * N; i++)
    if (i % N <= i / N) CHECK_NEAR(got[i], P[i], 1e-12, "element %d of P", i);
  arena_free(a);
}

/* ---- the demonstration ----------------------------------------------------------------------- */

enum { UNITS = 300 };

static void write_npy(const char *path, const double *x, int rows, int columns) {
  FILE *f = fopen(path, "wb");
  char head[119], shape[32];
  if (!f) exit(1);
  snprintf(shape, sizeof shape, columns ? "(%d, %d)" : "(%d,)", rows, columns);
  snprintf(head, sizeof head, "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shape);
  fwrite("\x93NUMPY\x01\x00\x76\x00", 1, 10, f);
  fprintf(f, "%-117s\n", head);
  fwrite(x, sizeof *x, (size_t)rows * (size_t)(columns ? columns : 1), f);
  fclose(f);
}

/* Recurrent weights of connectivity 0.1 and gain 1.5, those of the feedback, and the start. */
static void draw_network(double *J, double *wf, double *x) {
  Stream s = {.seed = 1};
  for (int i = 0; i < UNITS * UNITS; i++) J[i] = uniform(&s) < 0.1;
  for (int i = 0; i < UNITS * UNITS; i++) J[i] *= normal(&s) * (1.5 / sqrt(0.1 * UNITS));
  for (int i = 0; i < UNITS; i++) wf[i] = 2 * uniform(&s) - 1;
  for (int i = 0; i < UNITS; i++) x[i] = 0.5 * normal(&s);
}

static void write_network(void) {
  double *J = malloc(sizeof *J * UNITS * UNITS), wf[UNITS], x[UNITS];
  draw_network(J, wf, x);
  write_npy("J.npy", J, UNITS, UNITS);
  write_npy("wf.npy", wf, UNITS, 0);
  write_npy("x.npy", x, UNITS, 0);
  free(J);
}

/* The mean absolute errors of the last claims lie apart by their place in time: while the readout
   learns, and after it stays as it is. */
static const char model[] =
    "fn f(t) = { let w = pi / 60 * t\n"
    "  1.3 / 1.5 * (sin(w) + sin(2 * w) / 2 + sin(3 * w) / 6 + sin(4 * w) / 3) }\n"
    "network gen {\n"
    "  state x : [300] = load(\"x.npy\")\n"
    "  let J = load(\"J.npy\"), wf = load(\"wf.npy\")\n"
    "  weight w : [300] = 0\n"
    "  output z = w @ tanh(x)\n"
    "  dx/dt = -x + J @ tanh(x) + wf * z\n"
    "}\n"
    "task start(n) { target z; length = n * 0.1; z = f(t); score last = out.z[-1] }\n"
    "task whole {\n"
    "  target z\n"
    "  phase first (120) { z = f(t) }\n"
    "  phase more (1200) { z = f(t) }\n"
    "  phase last (120) { z = f(t) }\n"
    "  phase free (1440) { }\n"
    "  score first_period = mean(abs(out.z - z)) during first\n"
    "  score last_period = mean(abs(out.z - z)) during last\n"
    "  score after = mean(abs(out.z - f(t))) during free\n"
    "}\n"
    "fn learn(trials) = train(gen, trials, method = force(alpha = 1, every = 2), dt = 0.1, steps = "
    "1)\n"
    "expect learn(start(2)).last == 0\n"
    "expect norm(learn(start(2)).net.w) == 0.0026494230348171103 +- 1e-11\n"
    "expect learn(start(10)).last == 0.12996241364973912 +- 1e-9\n"
    "expect norm(learn(start(10)).net.w) == 0.03240999165801053 +- 1e-9\n"
    "expect learn(start(100)).last == 1.1903489931485034 +- 1e-9\n"
    "expect norm(learn(start(100)).net.w) == 0.11055458518263259 +- 1e-9\n"
    "expect learn(start(200)).last == 0.8885493062916925 +- 1e-9\n"
    "expect norm(learn(start(200)).net.w) == 0.12502119912107715 +- 1e-9\n"
    "fn state_after(n) = train(gen, start(n), method = force(alpha = 1, every = 2), dt = 0.1,\n"
    "                          steps = 1, carry = true).final.x\n"
    "expect norm(state_after(1)) == 7.996018419515337 +- 1e-9\n"
    "expect norm(state_after(2)) == 7.400181301766899 +- 1e-9\n"
    "expect norm(state_after(10)) == 6.3774761143049234 +- 1e-9\n"
    "expect norm(state_after(100)) == 20.100411643535146 +- 1e-9\n"
    "expect norm(state_after(200)) == 18.97148622174754 +- 1e-9\n"
    "let run = learn(whole)\n"
    "expect run.first_period == 0.007495140976342474 +- 1e-9\n"
    "expect run.last_period == 0.009687273048741046 +- 1e-9\n"
    "expect run.after == 0.05058633710892646 +- 1e-9\n"
    "expect norm(run.net.w) == 0.5713952677237384 +- 1e-9\n";

static void on_diagnostic(void *ctx, const char *text) {
  (void)ctx;
  printf("%s", text);
}

static void test_demonstration(void) {
  char folder[] = "/tmp/dyn-force-XXXXXX";
  DynClaim c;
  if (!mkdtemp(folder) || chdir(folder)) exit(1);
  write_network();
  Dyn *d = dyn_new();
  dyn_set_callbacks(d, &(DynCallbacks){.diagnostic = on_diagnostic});
  CHECK(dyn_load_text(d, "model.dyn", model, strlen(model)) == DYN_OK, "the text");
  CHECK(dyn_run(d) == DYN_OK, "the run");
  CHECK(dyn_claim_count(d) == 17, "%zu claims", dyn_claim_count(d));
  for (size_t i = 0; dyn_claim(d, i, &c); i++)
    CHECK(c.held, "%s: expected %s, found %s", c.text, c.expected, c.found);
  dyn_free(d);
  if (unlink("J.npy") || unlink("wf.npy") || unlink("x.npy") || rmdir(folder)) exit(1);
}

/* ---- the inverse correlations ---------------------------------------------------------------- */

enum { TRAINED_STEPS = 14400 };

static double wave(double t) {
  double w = 3.14159265358979323846 / 60 * t;
  return 1.3 / 1.5 * (sin(w) + sin(2 * w) / 2 + sin(3 * w) / 6 + sin(4 * w) / 3);
}

/* A step of Euler's of the demonstration; J is packed: what is not zero, row by row. */
static void advance(const double *J, const int *column, const int *row, const double *wf, double z,
                    double *x, double *r) {
  const double dt = 0.1;
  for (int i = 0; i < UNITS; i++) {
    double drive = 0;
    for (int k = row[i]; k < row[i + 1]; k++) drive += J[k] * r[column[k]];
    x[i] += dt * (drive + wf[i] * z - x[i]);
  }
  for (int i = 0; i < UNITS; i++) r[i] = tanh(x[i]);
}

static void pack(double *J, int *column, int *row) {
  int n = 0;
  for (int i = 0; i < UNITS * UNITS; i++) {
    if (i % UNITS == 0) row[i / UNITS] = n;
    if (J[i] == 0) continue;
    column[n] = i % UNITS;
    J[n++] = J[i];
  }
  row[UNITS] = n;
}

/* `train` does not show P: its trace after all updates of the demonstration, by rls.h alone. */
static void test_trace(void) {
  static double J[UNITS * UNITS], wf[UNITS], x[UNITS], r[UNITS], w[UNITS], gain[UNITS];
  static int column[UNITS * UNITS], row[UNITS + 1];
  Arena *a = arena_new();
  Rls *m = rls_new(a, UNITS, 1);
  double z = 0, trace = 0;
  draw_network(J, wf, x);
  pack(J, column, row);
  for (int i = 0; i < UNITS; i++) r[i] = tanh(x[i]);
  for (int step = 0; step < TRAINED_STEPS; step++) {
    advance(J, column, row, wf, z, x, r);
    z = 0;
    for (int i = 0; i < UNITS; i++) z += w[i] * r[i];
    if (step % 2 == 0) continue;
    rls_update(m, r, 1, gain);
    for (int i = 0; i < UNITS; i++) w[i] -= (z - wave(step * 0.1)) * gain[i];
  }
  const double *P = rls_inverse(m);
  for (int i = 0; i < UNITS; i++) trace += P[i * UNITS + i];
  CHECK_NEAR(trace, 183.06797916278856, 1e-8, "the trace of P");
  arena_free(a);
}

int main(void) {
  test_trace();
  test_ridge(0.7, false);
  test_ridge(20, true);
  test_demonstration();
  return check_done("force");
}
