/* kern_random.c: the op `random`. The numbers are drawn in double in both precisions. */
#include "run/kernel.h"
#include "run/random.h"

enum { PLACES = 3, MAX_PARAMETERS = 4 }; /* arguments: step, trial, update, then the parameters */

/* Update 0 is what is drawn outside of training: it has the key as it is. */
static RandomPlace place(const KernCall *c, int64_t b) {
  double update = kern_get(c, 2, b);
  uint64_t key = c->attr->key;
  return (RandomPlace){.key = update == 0 ? key : random_key_mix(key, (uint64_t)update),
                       .trial = (uint32_t)(int64_t)kern_get(c, 1, b),
                       .step = (uint32_t)(int64_t)kern_get(c, 0, b)};
}

/* Parameters as doubles; converted ones lie in `work`. */
static int64_t parameters(const KernCall *c, int64_t b, int64_t batch, double *work,
                          const double **param, int64_t *nparam) {
  int64_t used = 0;
  for (int k = PLACES; k < c->nin; k++) {
    int64_t n = shape_count(c->shape[k]) / batch;
    nparam[k - PLACES] = n;
    param[k - PLACES] = c->single ? work + used : (const double *)c->in[k] + b * n;
    for (int64_t i = 0; c->single && i < n; i++, used++) work[used] = kern_get(c, k, b * n + i);
  }
  return used;
}

Status kern_random(const KernCall *c) {
  int lead = c->attr->axis2 ? 1 : 0;
  int64_t batch = lead ? c->out_shape.n[0] : 1;
  Shape each = shape_tail(c->out_shape, lead);
  int64_t count = shape_count(each);
  if (c->nin > PLACES + MAX_PARAMETERS)
    return (Status){STATUS_INVALID, 0, -1, "too many parameters"};
  for (int64_t b = 0; b < batch; b++) {
    const double *param[MAX_PARAMETERS];
    int64_t nparam[MAX_PARAMETERS];
    int64_t used = parameters(c, b, batch, c->work, param, nparam);
    double *out = c->single ? (double *)c->work + used : (double *)c->out + b * count;
    random_fill((RandomKind)c->attr->axis, place(c, b), each, param, nparam, out);
    for (int64_t i = 0; c->single && i < count; i++)
      ((float *)c->out)[b * count + i] = (float)out[i];
  }
  return STATUS_FINE;
}
