/* auto.c: the method that chooses: dopri5 while its steps are those that accuracy asks for, and
   where stability would hold them down rodas4 for small systems, bdf for large ones. Stiffness
   shows in the product of the step and the fastest rate, which dopri5 has from its last two stages
   (Hairer & Wanner, Solving Ordinary Differential Equations II (1996), section IV.2, equation 2.41
   and the test of their code DOPRI5) and the stiff ones from their Jacobian. As in Petzold,
   "Automatic selection of methods for solving stiff and nonstiff systems", SIAM J. Sci. Stat.
   Comput. 4 (1983) 136, the costs decide: a step of rodas4 takes as long as about 1 + n/4 of dopri5
   and one of bdf as 1 + n/40 (measured on rate networks), so that larger systems change over later
   and back sooner, and no system does near its end. */
#include "num/integrate.h"

static const double stable = 3.25; /* the bound of dopri5 on the negative axis is 3.3 */

enum { SMALL = 20, HITS = 15, MISSES = 6, STARTING = 20 /* steps to find the pace */ };

typedef struct Chooser {
  double cost; /* of a step of the stiff method, in steps of dopri5 */
  bool stiff, change;
  double hits, misses; /* steps that spoke for a change, and those since that did not */
  double t1, h;        /* the end; the last step */
} Chooser;

const char *auto_stiff_method(int64_t n) {
  return n <= SMALL ? "rodas4" : "bdf";
}

static bool look(void *ctx, double t, double h, double stretch) {
  Chooser *c = ctx;
  bool hit = c->stiff ? stretch < stable * c->cost / 2 : stretch > stable;
  c->h = h;
  c->misses = hit ? 0 : c->misses + 1;
  c->hits = hit ? c->hits + 1 : c->misses >= MISSES ? 0 : c->hits;
  double enough = c->stiff ? STARTING : STARTING * (c->cost - 1);
  bool early = c->stiff || c->t1 - t > STARTING * c->cost * h;
  c->change = early && hit && c->hits >= HITS && c->hits >= enough;
  return !c->change;
}

Status auto_solve(const Stepper *stepper, const OdeProblem *p, const OdeOptions *o, double *t,
                  double t1, double *y, const OdeObserver *obs, OdeStats *stats) {
  (void)stepper;
  OdeStats own = {0};
  OdeOptions options = *o;
  Chooser c = {.cost = 1 + (double)p->n / (p->n <= SMALL ? 4 : 40)};
  OdeWatch watch = {look, &c};
  Status st;
  if (!stats) stats = &own;
  options.watch = p->jac ? &watch : NULL;
  do {
    c = (Chooser){.cost = c.cost, .stiff = stats->stiff, .t1 = t1};
    const Stepper *method = stepper_find(c.stiff ? auto_stiff_method(p->n) : "dopri5");
    st = method->solve(method, p, &options, t, t1, y, obs, stats);
    if (!c.change) break;
    stats->stiff = !c.stiff;
    stats->changes++;
    options.h0 = c.h;
  } while (!st.code && *t < t1);
  return st;
}
