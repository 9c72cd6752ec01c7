/* conditioning.c: how much a result may differ on another machine. Rounding differs there, as if
   starts and draws had been changed in a late digit (Higham, Accuracy and Stability of Numerical
   Algorithms, 2nd ed., SIAM 2002, section 1.5: backward error). So runs from starts and draws that
   are changed a little show how far each result answers to that: its tolerance is a multiple of
   their largest distance from the run that is not changed, and never below what rounding alone
   makes. A result whose tolerance would be of its own size is chaotic: of it the statistics are
   compared, each with the interval that it has over these runs (Student's t for one more
   observation: Kendall & Stuart, The Advanced Theory of Statistics, vol. 2, section 20.32). */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "compare/runs.h"

static const double times_nearby = 10;   /* of the largest distance: the tolerance */
static const double chaotic_from = 1e-3; /* relative distance that is no more a rounding */
static const double outside = 1e-4;      /* of draws of a statistic, outside of its interval */

enum { RUNS_MOST = 16, STATISTICS = 6 };

typedef struct Numbers {
  double *at; /* NULL: there are none */
  int64_t n;
} Numbers;

static Numbers numbers_of(Arena *a, const RunFolder *f, const Compared *x) {
  Numbers out = {0};
  if (strcmp(x->what, "file") == 0) {
    out.at = file_numbers(a, path_join(a, f->path, x->name), &out.n);
    return out;
  }
  hid_t file = H5Fopen(f->results, H5F_ACC_RDONLY, H5P_DEFAULT);
  const Quantity *q = quantities_find(&f->quantities, x->name);
  if (file >= 0 && q && q->kind != QUANTITY_TEXT)
    out.at = quantity_numbers(a, file, x->name, &out.n);
  if (file >= 0) H5Fclose(file);
  return out;
}

static double largest(Numbers x) {
  double most = 0;
  for (int64_t i = 0; i < x.n; i++)
    if (isfinite(x.at[i])) most = fmax(most, fabs(x.at[i]));
  return most;
}

/* Infinite where they are not of one length, or finite in different places. */
static double distance(Numbers x, Numbers y) {
  double most = 0;
  if (!x.at || !y.at || x.n != y.n) return INFINITY;
  for (int64_t i = 0; i < x.n; i++) {
    if (x.at[i] == y.at[i] || (isnan(x.at[i]) && isnan(y.at[i]))) continue;
    most = fmax(most, isfinite(x.at[i] - y.at[i]) ? fabs(x.at[i] - y.at[i]) : INFINITY);
  }
  return most;
}

/* ---- statistics ------------------------------------------------------------------------------ */

static const char *const statistic_names[STATISTICS] = {
    "number", "mean", "standard deviation", "5 % quantile", "median", "95 % quantile"};

static void describe(Arena *a, Numbers x, double s[STATISTICS]) {
  static const double levels[] = {0.05, 0.5, 0.95};
  double *sorted = ARENA_ARRAY(a, double, x.n + 1);
  size_t n = 0;
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < x.n; i++)
    if (isfinite(x.at[i])) sum += sorted[n++] = x.at[i];
  memset(s, 0, STATISTICS * sizeof *s);
  s[0] = (double)n;
  if (n == 0) return;
  s[1] = sum / (double)n;
  for (size_t i = 0; i < n; i++) squares += (sorted[i] - s[1]) * (sorted[i] - s[1]);
  s[2] = sqrt(squares / (double)n);
  gsl_sort(sorted, 1, n);
  for (int k = 0; k < 3; k++) s[3 + k] = sorted[(size_t)(levels[k] * (double)(n - 1))];
}

/* Does one more value belong to these? */
static bool is_one_more(const double *x, int n, double value, double floor) {
  double mean = 0, squares = 0;
  for (int i = 0; i < n; i++) mean += x[i] / n;
  for (int i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  double sd = sqrt(squares / (n - 1));
  double t = gsl_cdf_tdist_Qinv(outside / 2, n - 1);
  return fabs(value - mean) <= t * sd * sqrt(1 + 1.0 / n) + floor;
}

/* own[0] is the run that was not changed. */
static void judge_statistics(Arena *a, Numbers recorded, const Numbers *own, int n, double floor,
                             Compared *x) {
  double s[STATISTICS], all[STATISTICS][RUNS_MOST + 1], one[STATISTICS];
  describe(a, recorded, s);
  for (int k = 0; k < n; k++) {
    describe(a, own[k], one);
    for (int i = 0; i < STATISTICS; i++) all[i][k] = one[i];
  }
  x->verdict = VERDICT_ALIKE;
  x->note = "chaotic: compared by number, mean, deviation and quantiles";
  for (int i = 0; i < STATISTICS; i++) {
    if (is_one_more(all[i], n, s[i], floor)) continue;
    x->verdict = VERDICT_OTHER;
    x->note = arena_printf(a, "chaotic, and its %s is another", statistic_names[i]);
    return;
  }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void judge_numbers(Arena *a, const RunFolder *first, const RunFolder *second,
                          const Nearby *near, Compared *x) {
  Numbers recorded = numbers_of(a, first, x), own[RUNS_MOST + 1];
  double spread = 0;
  own[0] = numbers_of(a, second, x);
  if (!recorded.at || !own[0].at) return;
  double scale = largest(own[0]);
  for (int k = 0; k < near->n; k++) {
    own[k + 1] = numbers_of(a, &near->runs[k], x);
    if (!own[k + 1].at) return;
    spread = fmax(spread, distance(own[0], own[k + 1]));
  }
  if (!(spread <= chaotic_from * scale)) {
    judge_statistics(a, recorded, own, near->n + 1, near->floor * scale, x);
    return;
  }
  x->tolerance = near->floor + (spread > 0 ? times_nearby * spread / scale : 0);
  if (x->difference <= x->tolerance) x->verdict = VERDICT_WITHIN;
}

/* A claim that comes out in both ways within rounding says nothing about the machine. */
static void judge_claim(const RunFolder *second, const Nearby *near, Compared *x) {
  for (int k = 0; k < near->n; k++) {
    Comparison c = {.arena = arena_new()};
    compare_runs(second, &near->runs[k], &c);
    const Compared *other = comparison_find(&c, "claim", x->name);
    if (other && other->verdict == VERDICT_OTHER) {
      x->verdict = VERDICT_ALIKE;
      x->note = "it depends on the last digits";
    }
    arena_free(c.arena);
  }
}

/* How the run ended follows from its claims: it is no difference of its own where they are none. */
static void judge_outcome(Comparison *c) {
  Compared *outcome = NULL;
  bool alike = false;
  for (size_t i = 0; i < c->of.n; i++) {
    Compared *x = &c->of.at[i];
    if (strcmp(x->what, "outcome") == 0) outcome = x;
    if (strcmp(x->what, "claim") == 0 && x->verdict == VERDICT_OTHER) return;
    alike = alike || (strcmp(x->what, "claim") == 0 && x->verdict == VERDICT_ALIKE);
  }
  if (outcome && outcome->verdict == VERDICT_OTHER && alike) outcome->verdict = VERDICT_ALIKE;
}

void compare_nearby(const RunFolder *first, const RunFolder *second, const Nearby *near,
                    Comparison *c) {
  for (size_t i = 0; i < c->of.n; i++) {
    Compared *x = &c->of.at[i];
    if (x->verdict != VERDICT_OTHER) continue;
    bool claim = strcmp(x->what, "claim") == 0;
    bool numbers = strcmp(x->what, "result") == 0 || strcmp(x->what, "file") == 0;
    if (claim) judge_claim(second, near, x);
    if (numbers) judge_numbers(c->arena, first, second, near, x);
  }
  judge_outcome(c);
}
