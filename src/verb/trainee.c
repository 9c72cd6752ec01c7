/* trainee.c: one output that FORCE trains: its errors, its inverse correlations, its weight. */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "verb/train_force.h"

double *force_numbers(Arena *a, int64_t n) {
  double *p = mem_alloc((size_t)n * sizeof *p + 1);
  arena_defer(a, mem_free, p);
  memset(p, 0, (size_t)n * sizeof *p);
  return p;
}

void trainee_open(Train *m, Trainee *e, double *weight) {
  int64_t rows = e->of.rows, n = e->of.n;
  e->rls = rls_new(m->arena, n, m->alpha);
  e->w = weight;
  e->r = force_numbers(m->arena, n);
  if (e->of.rest != NODE_NONE) e->rest = force_numbers(m->arena, rows);
  e->error = force_numbers(m->arena, rows);
  e->gain = force_numbers(m->arena, n);
  e->out = force_numbers(m->arena, m->trials->steps * rows);
}

void trainee_keep(Train *m, Trainee *e, Checkpoint *c) {
  const char *name = e->of.out->name;
  const SysWeight *w = &m->s.sys->weights.at[e->of.weight];
  checkpoint_array(c, w->q.name, w->value->shape, e->w);
  checkpoint_array(c, arena_printf(m->arena, "checkpoint:inverse:%s", name),
                   shape_mat(e->of.n, e->of.n), rls_inverse(e->rls));
  checkpoint_array(c, arena_printf(m->arena, "checkpoint:error:%s", name), shape_vec(e->of.rows),
                   e->error);
  checkpoint_array(c, arena_printf(m->arena, "checkpoint:gain:%s", name), shape_vec(e->of.n),
                   e->gain);
}

void trainee_apply(Trainee *e) {
  int rows = (int)e->of.rows, n = (int)e->of.n;
  if (e->pending) cblas_dger(CblasRowMajor, rows, n, -1, e->error, 1, e->gain, 1, e->w, n);
  memset(e->error, 0, (size_t)rows * sizeof *e->error);
  e->pending = false;
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* How much a target counts in a step. False: its elements differ, which one P cannot serve. */
static bool weight_of(const Trainee *e, int64_t step, double *q) {
  const double *mask = e->mask + step * e->of.rows;
  *q = mask[0];
  for (int64_t i = 1; i < e->of.rows; i++)
    if (mask[i] != *q) return false;
  return true;
}

static bool not_alike(Train *m, const Trainee *e, int64_t step) {
  setup_report(
      &m->s, E0646, m->s.c->at,
      "the elements of `%s` do not count alike in step %lld: FORCE needs them in outputs of "
      "their own",
      e->of.out->name, (long long)step);
  return false;
}

static bool all_finite(Train *m, const Trainee *e, int64_t trial, int64_t step) {
  const double *z = e->out + step * e->of.rows;
  for (int64_t i = 0; i < e->of.rows; i++) {
    if (isfinite(z[i])) continue;
    Diag *d =
        setup_report(&m->s, E0644, m->s.c->at, "`%s` is not finite at step %lld of trial %lld",
                     e->of.out->name, (long long)step, (long long)trial);
    if (d) diag_note(m->s.ev->diag, d, e->of.out->at, "a larger `alpha` may help");
    return false;
  }
  return true;
}

bool trainee_learn(Train *m, Trainee *e, int64_t trial, int64_t step) {
  int rows = (int)e->of.rows, n = (int)e->of.n;
  double *z = e->out + step * rows, q;
  trainee_apply(e);
  if (e->rest) memcpy(z, e->rest, (size_t)rows * sizeof *z);
  cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, n, 1, e->w, n, e->r, 1, e->rest != NULL, z, 1);
  if (!all_finite(m, e, trial, step)) return false;
  if (!weight_of(e, step, &q)) return not_alike(m, e, step);
  if (!(q > 0) || (step + 1) % m->every) return true;
  for (int i = 0; i < rows; i++) e->error[i] = z[i] - e->target[step * rows + i];
  rls_update(e->rls, e->r, q, e->gain);
  e->pending = true;
  return true;
}

double trainee_loss(const Trainee *e, int64_t steps) {
  double sum = 0, weight = 0;
  for (int64_t k = 0; k < steps * e->of.rows; k++) {
    double error = e->out[k] - e->target[k];
    if (e->mask[k] != 0) sum += e->mask[k] * error * error, weight += e->mask[k];
  }
  return weight > 0 ? sum / weight : 0;
}
