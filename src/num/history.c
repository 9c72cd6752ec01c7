/* history.c: see history.h. Interpolation is the barycentric formula at Chebyshev points of the
   second kind (Berrut & Trefethen, "Barycentric Lagrange interpolation", SIAM Review 46 (2004) 501,
   equations 4.2 and 5.4), which is stable for every degree. */
#include "num/history.h"

#include <math.h>
#include <string.h>

enum { MAX_NODES = 16, FIRST_STEPS = 64 };

typedef struct Step {
  double t0, t1;
} Step;

struct History {
  int64_t n, first, end, room; /* the steps are first .. end - 1 */
  int nodes;
  Step *step;
  double *data; /* [room, nodes, n] */
};

static void release(void *p) {
  History *h = p;
  mem_free(h->step);
  mem_free(h->data);
}

History *history_new(Arena *a, int64_t n, int degree) {
  History *h = ARENA_NEW(a, History);
  *h = (History){.n = n, .nodes = degree + 1 < MAX_NODES ? degree + 1 : MAX_NODES};
  arena_defer(a, release, h);
  return h;
}

void history_clear(History *h) {
  h->first = h->end = 0;
}

int64_t history_steps(const History *h) {
  return h->end - h->first;
}

int history_nodes(const History *h) {
  return h->nodes;
}

static size_t step_size(const History *h) {
  return (size_t)(h->n * h->nodes);
}

/* The steps move to the front, of a larger block where more than half are still needed. */
static void make_room(History *h) {
  int64_t count = history_steps(h), room = h->room ? h->room : FIRST_STEPS;
  if (2 * count > room) room *= 2;
  Step *step = mem_alloc((size_t)room * sizeof *step);
  double *data = mem_alloc((size_t)room * step_size(h) * sizeof *data + 1);
  if (count) {
    memcpy(step, h->step + h->first, (size_t)count * sizeof *step);
    memcpy(data, h->data + (size_t)h->first * step_size(h),
           (size_t)count * step_size(h) * sizeof *data);
  }
  release(h);
  h->step = step;
  h->data = data;
  h->room = room;
  h->first = 0;
  h->end = count;
}

double *history_push(History *h, double t0, double t1) {
  if (h->end == h->room) make_room(h);
  h->step[h->end] = (Step){t0, t1};
  return h->data + (size_t)h->end++ * step_size(h);
}

void history_pop(History *h) {
  h->end--;
}

const double *history_last(const History *h) {
  return h->data + (size_t)(h->end - 1) * step_size(h);
}

double history_node(const History *h, int k, double t0, double t1) {
  if (k == 0) return t0;
  if (k == h->nodes - 1) return t1;
  const double pi = 3.14159265358979323846;
  return t0 + (t1 - t0) * 0.5 * (1 - cos(pi * k / (h->nodes - 1)));
}

void history_forget(History *h, double t) {
  while (h->first < h->end - 1 && h->step[h->first].t1 < t) h->first++;
}

/* The last step that begins at or before t. */
static int64_t find(const History *h, double t) {
  int64_t low = h->first, high = h->end;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (h->step[middle].t0 <= t)
      low = middle;
    else
      high = middle;
  }
  return low;
}

void history_read(const History *h, double t, int64_t first, int64_t count, double *out) {
  int64_t s = find(h, t);
  const Step *step = &h->step[s];
  const double *data = h->data + (size_t)s * step_size(h) + first;
  double w[MAX_NODES], sum = 0;
  for (int k = 0; k < h->nodes; k++) {
    double off = t - history_node(h, k, step->t0, step->t1);
    if (off == 0) {
      memcpy(out, data + k * h->n, (size_t)count * sizeof *out);
      return;
    }
    w[k] = (k % 2 ? -1 : 1) * (k == 0 || k == h->nodes - 1 ? 0.5 : 1) / off;
    sum += w[k];
  }
  memset(out, 0, (size_t)count * sizeof *out);
  for (int k = 0; k < h->nodes; k++)
    for (int64_t i = 0; i < count; i++) out[i] += w[k] / sum * data[k * h->n + i];
}
