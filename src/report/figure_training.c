/* figure_training.c: a training among the results has a figure of its loss and scores, unless the
   model draws its loss itself. */
#include <string.h>

#include "lang/core.h"
#include "report/figure.h"

static bool draws(const Figure *f, const double *data) {
  for (int i = 0; i < f->nparts; i++)
    if (draws(f->part[i], data)) return true;
  for (size_t i = 0; f->axes && i < f->axes->marks.n; i++)
    if (f->axes->marks.at[i].y.at == data) return true;
  return false;
}

static bool is_drawn(const Ev *ev, const Value *loss) {
  for (size_t i = 0; i < ev->figures.n; i++)
    if (draws(ev->figures.at[i]->figure, loss->tensor->data)) return true;
  return false;
}

/* The loss of each update; NULL: no training, or one of a single update. */
static const Value *loss_of(const Value *v) {
  if (v->kind != V_RECORD || !v->type || strcmp(v->type, "train") != 0) return NULL;
  const Value *loss = value_field(v, "loss");
  return loss && value_is_known(loss) && shape_count(value_shape(loss)) > 1 ? loss : NULL;
}

void figure_trainings(Ev *ev) {
  for (size_t i = 0; i < ev->results.n; i++) {
    const Result *r = &ev->results.at[i];
    const Value *loss = loss_of(r->value);
    if (!loss || is_drawn(ev, loss)) continue;
    Figure *f = figure_of_record(ev, &(Call){.at = r->at}, r->value, r->at);
    if (!f) continue;
    *(f->axes ? &f->axes->title : &f->title) = arena_printf(ev->arena, "training of %s", r->name);
    f->name = r->name;
    figure_value(ev, f);
  }
}
