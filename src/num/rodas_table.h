/* rodas_table.h: the coefficients of RODAS, order 4 (Hairer & Wanner, Solving Ordinary Differential
   Equations II (1996), section IV.7 and VI.4; those of their code RODAS, first set), in the form
   for the transformed stages. The last two rows are those of the interpolant. */
#ifndef DYN_NUM_RODAS_TABLE_H
#define DYN_NUM_RODAS_TABLE_H

enum { RODAS_STAGES = 6 };

static const double rodas_gamma = 0.25;
static const double rodas_a[RODAS_STAGES][RODAS_STAGES] = {
    {0},
    {1.544},
    {0.9466785280815826, 0.2557011698983284},
    {3.314825187068521, 2.896124015972201, 0.9986419139977817},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1}};
static const double rodas_c[RODAS_STAGES][RODAS_STAGES] = {
    {0},
    {-5.6688},
    {-2.430093356833875, -0.2063599157091915},
    {-0.1073529058151375, -9.594562251023355, -20.47028614809616},
    {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160},
    {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136,
     -6.058818238834054}};

#endif
