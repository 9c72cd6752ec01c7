/* sim_sound.c: are the outputs that a run has recorded finite? States are looked at in every step;
   an output may fail by itself. Rows that are not in memory are not looked at. */
#include <math.h>

#include "verb/sim.h"
#include "verb/sim_rows.h"

typedef struct Unsound {
  int64_t count, row, at; /* how many; the first row, and there the place in the record */
} Unsound;

/* Trials follow each other; each has `rows` rows of `n` numbers. */
static Unsound unsound_of(const double *x, int64_t count, int64_t rows, int64_t n) {
  Unsound u = {.row = rows};
  for (int64_t i = 0; i < count; i++) {
    if (isfinite(x[i])) continue;
    int64_t row = i / n % rows;
    if (row < u.row) u.row = row, u.at = i;
    u.count++;
  }
  return u;
}

static void check_column(Sim *m, const Quantity *q, const SimColumn *c) {
  const Tensor *times = m->rec->times.tensor;
  int64_t rows = sim_may_be_short(m) ? m->rows : c->shape.n[m->trials >= 0];
  int64_t lanes = m->trials >= 0 ? m->trials : 1;
  if (!c->tensor || !times || c->n == 0 || rows == 0) return;
  Unsound u = unsound_of(c->tensor->data, lanes * rows * c->n, rows, c->n);
  if (u.count == 0) return;
  Ev *ev = m->s.ev;
  double x = c->tensor->data[u.at];
  Diag *d = diag_add(
      ev->diag, W0619, q->at, "`%s` is %s at t = %s%s", q->name,
      isnan(x) ? "not a number" : "infinite", setup_time_text(&m->s, times->data[u.row]),
      u.count > 1 ? arena_printf(ev->arena, ", and %lld more times", (long long)u.count - 1) : "");
  sim_note_run(m, d);
}

void sim_check_outputs(Sim *m) {
  for (size_t i = 0; i < m->recorded.n; i++)
    check_column(m, &m->recorded.at[i], &m->rec->column[i]);
}
