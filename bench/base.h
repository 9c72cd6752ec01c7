/* base.h: what the hand-written workloads share. Each file of workloads gives its rows to the table
   in base.c by a function from nothing to a checksum. The models in bench/models do the same
   arithmetic on the same numbers, so that the checksums agree. */
#ifndef BENCH_BASE_H
#define BENCH_BASE_H

#include <stddef.h>

/* Zeros, aligned to a cache line. */
double *numbers(size_t n);

/* Weights from a formula that both sides can write down: as good as random. [n, n] */
double formula(double gain, int n, int i, int j);

double rate200(void), rate1000(void), adaptive200(void);    /* base_rate.c */
double lorenz_rk4(void), lorenz_short(void);                /* base_cells.c */
double hh(void), hh1024(void);                              /* base_cells.c */
double vdp(void), robertson(void), stiff200(void);          /* base_stiff.c */
double ou(void);                                            /* base_noise.c */
double rnn128(void), rnn128_double(void), rnn512(void);     /* base_train.c */
double force1000(void);                                     /* base_train.c */
double sweep1000(void);                                     /* base_sweep.c */
double points128(void), lyapunov100(void), lyapunov3(void); /* base_analysis.c */

#endif
