/* butcher.c: the rows of butcher.def as tableaux, and the interpolants of the adaptive methods. */
#include "num/tableau.h"

#include <string.h>

#define LIST(...) __VA_ARGS__

static const TableauExtras bs23_extras = {.beta = 0.04};

/* HNW section II.6: Shampine's interpolant of order 4 in the form of the code DOPRI5. */
static const double dopri5_d[1][7] = {{-12715105075. / 11282082432, 0, 87487479700. / 32700410799,
                                       -10690763975. / 1880347072, 701980252875. / 199316789632,
                                       -1453857185. / 822651844, 69997945. / 29380423}};
static const TableauExtras dopri5_extras = {.beta = 0.04, .nd = 1, .width = 7, .d = dopri5_d[0]};

/* The estimate of order 3 and the interpolant of order 7 of the code DOP853 (HNW section II.10). */
static const double more853_low[12] = {-0.18980075407240762,
                                       0,
                                       0,
                                       0,
                                       0,
                                       4.450312892752409,
                                       1.8915178993145003,
                                       -5.801203960010585,
                                       -0.4226823213237919,
                                       -0.1521609496625161,
                                       0.20136540080403034,
                                       0.02265179219836082};
static const double more853_c[3] = {0.1, 0.2, 0.7777777777777778};
static const double more853_a[3][15] = {
    {0.056167502283047954, 0, 0, 0, 0, 0, 0.25350021021662483, -0.2462390374708025,
     -0.12419142326381637, 0.15329179827876568, 0.00820105229563469, 0.007567897660545699,
     -0.008298},
    {0.03183464816350214, 0, 0, 0, 0, 0.028300909672366776, 0.053541988307438566,
     -0.05492374857139099, 0, 0, -0.00010834732869724932, 0.0003825710908356584,
     -0.00034046500868740456, 0.1413124436746325},
    {-0.42889630158379194, 0, 0, 0, 0, -4.697621415361164, 7.683421196062599, 4.06898981839711,
     0.3567271874552811, 0, 0, 0, -0.0013990241651590145, 2.9475147891527724, -9.15095847217987}};
static const double more853_d[4][16] = {
    {-8.428938276109013, 0, 0, 0, 0, 0.5667149535193777, -3.0689499459498917, 2.38466765651207,
     2.117034582445028, -0.871391583777973, 2.2404374302607883, 0.6315787787694688,
     -0.08899033645133331, 18.148505520854727, -9.194632392478356, -4.436036387594894},
    {10.427508642579134, 0, 0, 0, 0, 242.28349177525817, 165.20045171727028, -374.5467547226902,
     -22.113666853125306, 7.733432668472264, -30.674084731089398, -9.332130526430229,
     15.697238121770845, -31.139403219565178, -9.35292435884448, 35.81684148639408},
    {19.985053242002433, 0, 0, 0, 0, -387.0373087493518, -189.17813819516758, 527.8081592054236,
     -11.57390253995963, 6.8812326946963, -1.0006050966910838, 0.7777137798053443,
     -2.778205752353508, -60.19669523126412, 84.32040550667716, 11.99229113618279},
    {-25.69393346270375, 0, 0, 0, 0, -154.18974869023643, -231.5293791760455, 357.6391179106141,
     93.40532418362432, -37.45832313645163, 104.0996495089623, 29.8402934266605, -43.53345659001114,
     96.32455395918828, -39.17726167561544, -149.72683625798564}};
static const TableauExtras dop853_extras = {.e_low = more853_low,
                                            .stages = 3,
                                            .a = more853_a[0],
                                            .c = more853_c,
                                            .nd = 4,
                                            .width = 16,
                                            .d = more853_d[0]};

#define FIXED(name, stages, order, doc, c, a, b)           \
  static const double name##_a[stages][stages] = {LIST a}; \
  static const double name##_b[stages] = {LIST b}, name##_c[stages] = {LIST c};
#define PAIR(name, stages, order, fsal, doc, c, a, b, e, extras) \
  FIXED(name, stages, order, doc, c, a, b)                       \
  static const double name##_e[stages] = {LIST e};
#include "num/butcher.def"
#undef FIXED
#undef PAIR

#define FIXED(name, stages, order, doc, c, a, b)                                  \
  const Tableau tableau_##name = {#name,    doc,      stages, order, name##_a[0], \
                                  name##_b, name##_c, NULL,   false, NULL};
#define PAIR(name, stages, order, fsal, doc, c, a, b, e, extras)                    \
  const Tableau tableau_##name = {#name,    doc,      stages,   order, name##_a[0], \
                                  name##_b, name##_c, name##_e, fsal,  &extras};
#include "num/butcher.def"
#undef FIXED
#undef PAIR

static const Tableau *const tableaux[] = {
#define FIXED(name, stages, order, doc, c, a, b) &tableau_##name,
#define PAIR(name, stages, order, fsal, doc, c, a, b, e, extras) &tableau_##name,
#include "num/butcher.def"
#undef FIXED
#undef PAIR
};

enum { TABLEAUX = sizeof tableaux / sizeof tableaux[0] };

const Tableau *tableau_at(int i) {
  return i >= 0 && i < TABLEAUX ? tableaux[i] : NULL;
}

const Tableau *tableau_find(const char *name) {
  for (int i = 0; i < TABLEAUX; i++)
    if (strcmp(tableaux[i]->name, name) == 0) return tableaux[i];
  return NULL;
}
