/* sim_jump.c: is it a jump of the vector field at which an adaptive method got stuck? The field is
   compared on both sides of a state, along itself: a difference that stays as it is on the way to
   the state, while the sides come a thousand times nearer to each other, is a jump. */
#include <math.h>
#include <string.h>

#include "verb/sim.h"

enum { STRIDE = 1000 };

static const double nearest = 1e-15,
                    farthest = 1e-3; /* of the run's length: how far the sides are */
static const double small = 1e-3;    /* change of a derivative that is no jump */

typedef struct Sides {
  Sim *m;
  SimProgram *field;
  double t;
  int64_t lane;
  double *const *x;
  double *at[2]; /* the derivatives on both sides, flat */
} Sides;

/* The derivative at x + h d, flat; d NULL: at x. */
static bool field_at(Sides *s, double h, const double *d, double *out) {
  Sim *m = s->m;
  const System *sys = m->s.sys;
  double **x = ARENA_ARRAY(m->arena, double *, sys->states.n + 1);
  void **dx = ARENA_ARRAY(m->arena, void *, sys->states.n + 1);
  sim_at_lane(m, s->field, s->t, s->lane, s->x);
  for (size_t i = 0; i < sys->states.n; i++) {
    const SysState *q = &sys->states.at[i];
    int64_t n = shape_count(q->q.shape);
    x[i] = ARENA_ARRAY(m->arena, double, n + 1);
    dx[i] = out + q->offset;
    for (int64_t k = 0; k < n; k++)
      x[i][k] = s->x[i][s->lane * n + k] + (d ? h * d[q->offset + k] : 0);
  }
  sim_bind_states(m, s->field, x);
  return program_run(s->field->p, s->field->in, dx).code == STATUS_OK;
}

static double difference(const Sides *s, int64_t k) {
  return s->at[1][k] - s->at[0][k];
}

/* Does element k differ as much as before, and by more than a smooth function would? */
static bool is_jump(const Sides *s, int64_t k, double before) {
  double now = difference(s, k), size = fmax(fabs(s->at[0][k]), fabs(s->at[1][k]));
  return fabs(now) > small * size && fabs(now - before) <= small * fabs(before);
}

static SimJump jump_of(const Sides *s, int64_t k) {
  const System *sys = s->m->s.sys;
  int i = 0;
  while (i + 1 < (int)sys->states.n && sys->states.at[i + 1].offset <= k) i++;
  return (SimJump){i, k - sys->states.at[i].offset, s->at[0][k], s->at[1][k]};
}

bool sim_jumps(Sim *m, double t, int64_t lane, double *const *x, SimJump *jump) {
  int64_t n = m->s.sys->dim, best = -1;
  Sides s = {.m = m, .t = t, .lane = lane, .x = x};
  s.field = sim_program(m, NULL, 0, false, true);
  double *d = ARENA_ARRAY(m->arena, double, n + 1), *last = ARENA_ARRAY(m->arena, double, n + 1);
  for (int k = 0; k < 2; k++) s.at[k] = ARENA_ARRAY(m->arena, double, n + 1);
  if (!field_at(&s, 0, NULL, d)) return false;
  for (double h = farthest * m->length; h > nearest * m->length && best < 0; h /= STRIDE) {
    if (!field_at(&s, -h, d, s.at[0]) || !field_at(&s, h, d, s.at[1])) return false;
    for (int64_t k = 0; k < n; k++) {
      bool larger = best < 0 || fabs(difference(&s, k)) > fabs(difference(&s, best));
      if (is_jump(&s, k, last[k]) && larger) best = k;
      last[k] = difference(&s, k);
    }
  }
  if (best >= 0) *jump = jump_of(&s, best);
  return best >= 0;
}
