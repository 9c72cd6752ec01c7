/* dim.h: physical dimensions and units. A Dim is a vector of exponents over (m, kg, s, A, K, mol,
   cd) in twelfths, so that square and cube roots are exact, plus the exponent of the network's
   time, which is unknown until the first equation settles it (it is seconds or a plain number).
   `any` marks a literal 0 (or inf), which fits every dimension. Values are held in SI. */
#ifndef DYN_BASE_DIM_H
#define DYN_BASE_DIM_H

#include "base/arena.h"

enum { DIM_M, DIM_KG, DIM_S, DIM_A, DIM_K, DIM_MOL, DIM_CD, DIM_TIME, DIM_N };

typedef struct Dim {
  int16_t e[DIM_N]; /* exponents in twelfths; e[DIM_TIME] is of the unknown time */
  bool any;
} Dim;

/* What the network's time is: DIM_TIME exponents mean nothing outside a network. */
typedef enum TimeKind { TIME_UNKNOWN, TIME_SECONDS, TIME_PLAIN } TimeKind;

extern const Dim DIM_ONE; /* a plain number */
extern const Dim DIM_ANY;
Dim dim_seconds(void);
Dim dim_time(void); /* the unknown time to the power one */

Dim dim_mul(Dim a, Dim b); /* any * d = any */
Dim dim_div(Dim a, Dim b);
bool dim_pow(Dim a, double p, Dim *out); /* false when the exponent is no twelfth */
bool dim_is_one(Dim a);                  /* dimensionless; any counts */
Dim dim_resolve(Dim a, TimeKind k);      /* replaces the unknown time, once it is known */

/* Do a and b agree? Where `time` is TIME_UNKNOWN and exponents of it differ, agreement may settle
   it: then *time is set. The joined dimension (any yields to the other) goes to *out if not
   NULL. */
bool dim_agree(Dim a, Dim b, TimeKind *time, Dim *out);

/* Reads "ms", "mS/cm^2", "Hz^0.5", "1/ms". False if it is no unit; *bad then is the offending
   part. */
bool unit_parse(const char *text, size_t n, Dim *dim, double *factor, Arena *a, const char **bad);
bool unit_is_name(const char *text, size_t n); /* one of the unit names of the language? */
size_t unit_names(const char *const **names);

/* "V", "S/m^2", "a plain number": for messages. */
const char *dim_name(Arena *a, Dim d);
/* The unit that suits a size, for axes and tables: returns its name ("ms", "" if plain) and the
   factor to SI. */
const char *unit_suited(Arena *a, Dim d, double magnitude, double *factor);

#endif
