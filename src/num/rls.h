/* rls.h: recursive least squares: P = (alpha I + sum q r r')^-1 over the observations r, each of
   weight q. The updates of P are kept and applied together, by blocks: that reads and writes P once
   for all of them. */
#ifndef DYN_NUM_RLS_H
#define DYN_NUM_RLS_H

#include "base/arena.h"

typedef struct Rls Rls;

Rls *rls_new(Arena *a, int64_t n, double alpha);

/* Takes the observation r [n] of weight q > 0. A solution w, which was best for those before it, is
   best for all after w -= e * gain, where e is its error w r - y. */
void rls_update(Rls *m, const double *r, double q, double *gain);

/* P [n, n] with all updates applied: its lower triangle and diagonal. It may be set to another's.
 */
double *rls_inverse(Rls *m);

#endif
