/* dim.c: arithmetic on dimensions, the reading of units, and names for both. The units are the rows
   of unit.def. A compound unit is a product of names, each with an exponent:

     factor ((* | / | blank) factor)*     factor: 1, NAME, NAME^-2, NAME^0.5, NAME^(1/3)

   where `/` divides by the one factor behind it, so `mol/m^2/s` and `1/ms` read as written. */
#include "base/dim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TWELFTHS = 12, BASES = DIM_TIME };

typedef struct Unit {
  const char *name;
  double factor;
  bool shown;
  int8_t e[BASES];
} Unit;

static const Unit units[] = {
#define UNIT(name, factor, shown, m, kg, s, a, k, mol, cd) \
  {name, factor, shown, {m, kg, s, a, k, mol, cd}},
#include "base/unit.def"
#undef UNIT
};

static const char *const unit_name_list[] = {
#define UNIT(name, factor, shown, m, kg, s, a, k, mol, cd) name,
#include "base/unit.def"
#undef UNIT
};

enum { UNITS = sizeof units / sizeof units[0] };

/* Compound units that axes may choose for dimensions without a unit of their own. */
static const char *const compound_units[] = {"mS/cm^2", "uF/cm^2", "uA/cm^2", "mV/ms"};

enum { COMPOUNDS = sizeof compound_units / sizeof compound_units[0] };

const Dim DIM_ONE = {{0}, false};
const Dim DIM_ANY = {{0}, true};

/* ---- arithmetic ------------------------------------------------------------------------------ */

static int16_t clamp_exponent(long e) {
  return (int16_t)(e > INT16_MAX ? INT16_MAX : e < INT16_MIN ? INT16_MIN : e);
}

static Dim dim_base(int which) {
  Dim d = DIM_ONE;
  d.e[which] = TWELFTHS;
  return d;
}

Dim dim_seconds(void) {
  return dim_base(DIM_S);
}

Dim dim_time(void) {
  return dim_base(DIM_TIME);
}

/* a * b^sign */
static Dim combine(Dim a, Dim b, int sign) {
  if (a.any || b.any) return DIM_ANY;
  for (int i = 0; i < DIM_N; i++) a.e[i] = clamp_exponent((long)a.e[i] + sign * (long)b.e[i]);
  return a;
}

Dim dim_mul(Dim a, Dim b) {
  return combine(a, b, 1);
}

Dim dim_div(Dim a, Dim b) {
  return combine(a, b, -1);
}

bool dim_pow(Dim a, double p, Dim *out) {
  Dim d = a;
  for (int i = 0; i < DIM_N; i++) {
    if (!a.e[i]) continue;
    double e = a.e[i] * p, whole = nearbyint(e);
    /* 1/3 is no double: 12 * (1/3) is whole only up to rounding. */
    if (!(fabs(e - whole) <= 1e-9 * fmax(1, fabs(e))) || fabs(whole) > INT16_MAX) return false;
    d.e[i] = (int16_t)whole;
  }
  *out = d;
  return true;
}

static bool same(Dim a, Dim b) {
  return memcmp(a.e, b.e, sizeof a.e) == 0;
}

bool dim_is_one(Dim a) {
  return a.any || same(a, DIM_ONE);
}

Dim dim_resolve(Dim a, TimeKind k) {
  if (k == TIME_UNKNOWN) return a;
  if (k == TIME_SECONDS) a.e[DIM_S] = clamp_exponent((long)a.e[DIM_S] + a.e[DIM_TIME]);
  a.e[DIM_TIME] = 0;
  return a;
}

bool dim_agree(Dim a, Dim b, TimeKind *time, Dim *out) {
  TimeKind known = time ? *time : TIME_UNKNOWN;
  Dim joined = dim_resolve(a.any ? b : a, known);
  bool agree = a.any || b.any || same(dim_resolve(a, known), dim_resolve(b, known));
  for (int k = TIME_SECONDS; !agree && time && known == TIME_UNKNOWN && k <= TIME_PLAIN; k++) {
    agree = same(dim_resolve(a, (TimeKind)k), dim_resolve(b, (TimeKind)k));
    if (!agree) continue;
    *time = (TimeKind)k;
    joined = dim_resolve(a, (TimeKind)k);
  }
  if (agree && out) *out = joined;
  return agree;
}

/* ---- units ----------------------------------------------------------------------------------- */

static const Unit *unit_find(const char *text, size_t n) {
  for (size_t i = 0; i < UNITS; i++) {
    if (strlen(units[i].name) == n && memcmp(units[i].name, text, n) == 0) return &units[i];
  }
  return NULL;
}

bool unit_is_name(const char *text, size_t n) {
  return unit_find(text, n) != NULL;
}

size_t unit_names(const char *const **names) {
  *names = unit_name_list;
  return UNITS;
}

static Dim unit_dim(const Unit *u) {
  Dim d = DIM_ONE;
  for (int i = 0; i < BASES; i++) d.e[i] = (int16_t)(u->e[i] * TWELFTHS);
  return d;
}

/* A product of units on its way. Numerator and denominator are kept apart because both are mostly
   powers of ten above one, which are exact: 1 [mS/cm^2] is 1e4 / 1e3. */
typedef struct UnitReader {
  const char *p, *end;
  double up, down;
  Dim dim;
} UnitReader;

static void skip_blanks(UnitReader *r) {
  while (r->p < r->end && (*r->p == ' ' || *r->p == '\t')) r->p++;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool accept(UnitReader *r, char c) {
  if (r->p == r->end || *r->p != c) return false;
  r->p++;
  return true;
}

/* Digits, with a fraction if `fraction` allows one. */
static bool read_number(UnitReader *r, bool fraction, double *out) {
  char copy[24];
  size_t n = 0;
  bool point = false;
  for (; r->p < r->end && n + 1 < sizeof copy; r->p++) {
    if (*r->p == '.' && fraction && !point && n) {
      point = true;
    } else if (!is_digit(*r->p)) {
      break;
    }
    copy[n++] = *r->p;
  }
  copy[n] = '\0';
  *out = strtod(copy, NULL);
  return n > 0;
}

static bool read_exponent(UnitReader *r, double *out) {
  bool parens = accept(r, '(');
  double sign = accept(r, '-') ? -1 : 1, below = 1;
  if (!read_number(r, true, out)) return false;
  if (parens) {
    if (accept(r, '/') && (!read_number(r, false, &below) || below == 0)) return false;
    if (!accept(r, ')')) return false;
  }
  *out *= sign / below;
  return true;
}

/* x^p, exact for small whole p and exact products. */
static double power(double x, double p) {
  if (p != nearbyint(p) || p < 0 || p > 16) return pow(x, p);
  double y = 1;
  for (int i = 0; i < (int)p; i++) y *= x;
  return y;
}

static void scale_by(UnitReader *r, double factor, double p) {
  double inverse = nearbyint(1 / factor);
  bool small = factor < 1 && 1 / inverse == factor;
  if (small) factor = inverse;
  if (p < 0) small = !small;
  *(small ? &r->down : &r->up) *= power(factor, fabs(p));
}

static bool read_factor(UnitReader *r, int sign) {
  skip_blanks(r);
  if (r->p < r->end && *r->p == '1') {
    r->p++;
    return r->p == r->end || !(is_digit(*r->p) || *r->p == '.');
  }
  const char *start = r->p;
  while (r->p < r->end && is_letter(*r->p)) r->p++;
  const Unit *u = unit_find(start, (size_t)(r->p - start));
  if (!u) {
    r->p = start;
    return false;
  }
  double p = 1;
  if (accept(r, '^') && !read_exponent(r, &p)) return false;
  p *= sign;
  Dim d;
  if (!dim_pow(unit_dim(u), p, &d)) return false;
  r->dim = dim_mul(r->dim, d);
  scale_by(r, u->factor, p);
  return true;
}

/* The word at p, or else the single character there: what is wrong with a unit. */
static const char *offending_part(Arena *a, const char *p, const char *end) {
  const char *q = p;
  while (q < end && (is_letter(*q) || is_digit(*q) || (unsigned char)*q >= 0x80)) q++;
  if (q == p && q < end) q++;
  return arena_strndup(a, p, (size_t)(q - p));
}

bool unit_parse(const char *text, size_t n, Dim *dim, double *factor, Arena *a, const char **bad) {
  UnitReader r = {text, text + n, 1, 1, DIM_ONE};
  bool ok = read_factor(&r, 1);
  while (ok) {
    skip_blanks(&r);
    if (r.p == r.end) break;
    int sign = accept(&r, '/') ? -1 : 1;
    if (sign > 0) accept(&r, '*');
    ok = read_factor(&r, sign);
  }
  if (!ok) {
    if (bad) *bad = offending_part(a, r.p, r.end);
    return false;
  }
  *dim = r.dim;
  *factor = r.up / r.down;
  return true;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const base_names[DIM_N] = {"m", "kg", "s", "A", "K", "mol", "cd", "time"};

/* A dimension as a power of one named unit times powers of the base units. */
typedef struct Spelling {
  const char *unit; /* NULL: base units only */
  int exponent;     /* of the unit, in twelfths */
  Dim rest;
} Spelling;

/* How hard a spelling is to read: fewer factors first, then a plain unit over a power of it. */
static int spelling_cost(const Spelling *s) {
  int cost = 0;
  for (int i = 0; i < DIM_N; i++) cost += s->rest.e[i] ? 3 : 0;
  if (s->unit) cost += s->exponent == TWELFTHS ? 2 : s->exponent == -TWELFTHS ? 3 : 4;
  return cost;
}

/* Takes the power of u out of d that leaves only metres and seconds; false if there is none. */
static bool spell_with(const Unit *u, Dim d, Spelling *out) {
  Dim unit = unit_dim(u);
  int by = unit.e[DIM_KG] ? DIM_KG : unit.e[DIM_A] ? DIM_A : -1;
  if (by < 0 || u->factor != 1 || !d.e[by]) return false;
  Dim part;
  if (!dim_pow(unit, (double)d.e[by] / unit.e[by], &part)) return false;
  *out = (Spelling){u->name, d.e[by] * TWELFTHS / unit.e[by], dim_div(d, part)};
  return !out->rest.e[DIM_KG] && !out->rest.e[DIM_A];
}

static Spelling spell(Dim d) {
  Spelling best = {NULL, 0, d};
  for (size_t i = 0; i < UNITS; i++) {
    Spelling s;
    if (spell_with(&units[i], d, &s) && spelling_cost(&s) < spelling_cost(&best)) best = s;
  }
  return best;
}

/* "^2", "^0.5", "^(1/3)", "": the exponent's size, in twelfths. */
static const char *exponent_text(Arena *a, int e) {
  e = abs(e);
  if (e == TWELFTHS) return "";
  if (e % 3 == 0) return arena_printf(a, "^%g", (double)e / TWELFTHS);
  int common = e % 4 == 0 ? 4 : e % 2 == 0 ? 2 : 1;
  return arena_printf(a, "^(%d/%d)", e / common, TWELFTHS / common);
}

/* Appends one factor to the text of those with exponents of one sign. */
static const char *join_factor(Arena *a, const char *text, const char *name, int e) {
  const char *join = e < 0 ? "/" : *text ? "*" : "";
  return arena_printf(a, "%s%s%s%s", text, join, name, exponent_text(a, e));
}

static const char *spelling_text(Arena *a, const Spelling *s) {
  const char *text = "";
  for (int sign = 1; sign >= -1; sign -= 2) {
    if (sign < 0 && !*text) text = "1";
    if (s->unit && s->exponent * sign > 0) text = join_factor(a, text, s->unit, s->exponent);
    for (int i = 0; i < DIM_N; i++) {
      if (s->rest.e[i] * sign > 0) text = join_factor(a, text, base_names[i], s->rest.e[i]);
    }
  }
  return text;
}

static const Unit *coherent_unit(Dim d) {
  for (size_t i = 0; i < UNITS; i++) {
    if (units[i].factor == 1 && same(unit_dim(&units[i]), d)) return &units[i];
  }
  return NULL;
}

const char *dim_name(Arena *a, Dim d) {
  if (d.any) return "any dimension";
  if (dim_is_one(d)) return "a plain number";
  const Unit *u = coherent_unit(d);
  if (u) return u->name;
  Spelling s = spell(d);
  return spelling_text(a, &s);
}

/* Is `factor` a better choice than `best` for a quantity of this size: the largest unit in which
   it is at least one, else the smallest unit? */
static bool suits_better(double factor, double best, double magnitude) {
  bool fits = factor <= magnitude * (1 + 1e-12), best_fits = best <= magnitude * (1 + 1e-12);
  if (fits != best_fits) return fits;
  return fits ? factor > best : factor < best;
}

const char *unit_suited(Arena *a, Dim d, double magnitude, double *factor) {
  *factor = 1;
  if (dim_is_one(d)) return "";
  const char *name = NULL;
  if (!(magnitude > 0) || isinf(magnitude)) return dim_name(a, d);
  for (size_t i = 0; i < UNITS + COMPOUNDS; i++) {
    const char *text = i < UNITS ? units[i].name : compound_units[i - UNITS];
    if (i < UNITS && !units[i].shown) continue;
    Dim dim;
    double f;
    if (!unit_parse(text, strlen(text), &dim, &f, a, NULL) || !same(dim, d)) continue;
    if (name && !suits_better(f, *factor, magnitude)) continue;
    name = text;
    *factor = f;
  }
  return name ? name : dim_name(a, d);
}
