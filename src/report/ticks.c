/* ticks.c: see ticks.h. Steps are 1, 2 or 5 times a power of ten. */
#include "report/ticks.h"

#include <math.h>

#include "report/label.h"

/* The smallest even step that is not below x. */
static double even_step(double x) {
  double base = pow(10, floor(log10(x)));
  static const double steps[] = {1, 2, 5, 10};
  for (int i = 0; i < 4; i++)
    if (steps[i] * base >= x * (1 - 1e-9)) return steps[i] * base;
  return 10 * base;
}

/* Numbers that are far from 1 are written without their power of ten. */
static int common_exponent(double lo, double hi) {
  double most = fmax(fabs(lo), fabs(hi));
  if (!(most > 0) || (most < 1e5 && most >= 1e-3)) return 0;
  return (int)floor(log10(most) + 1e-9);
}

static int decimals_of(double step) {
  int decimals = (int)ceil(-log10(step) - 1e-9);
  return decimals < 0 ? 0 : decimals > 15 ? 15 : decimals;
}

void ticks_linear(Arena *a, double lo, double hi, int most, bool whole, Ticks *out) {
  *out = (Ticks){.exponent = whole ? 0 : common_exponent(lo, hi)};
  double scale = pow(10, out->exponent);
  double low = lo / scale, high = hi / scale;
  if (most > TICKS_MOST) most = TICKS_MOST;
  if (most < 2) most = 2;
  double room = 1e-9 * (high - low);
  double step, first, last, least = most < 4 ? 1 : 2;
  do { /* finer, as long as there are too few to tell the scale */
    step = even_step((high - low) / most);
    first = ceil((low - room) / step);
    last = floor((high + room) / step);
    most += most / 2;
  } while (last - first < least && most < TICKS_MOST);
  if (whole && step < 1) {
    step = 1;
    first = ceil(low - room);
    last = floor(high + room);
  }
  for (double k = first; k <= last && out->n < TICKS_MOST; k++) {
    out->at[out->n] = k * step * scale;
    out->text[out->n++] = label_fixed(a, k * step, decimals_of(step));
  }
}

/* 2, 5 and what lies between the decades. */
static void add_small(Ticks *t, double lo, double hi) {
  for (double decade = floor(lo); decade <= hi; decade++)
    for (int k = 2; k <= 9 && t->nsmall < SMALL_MOST; k++) {
      double at = decade + log10(k);
      if (at >= lo && at <= hi) t->small[t->nsmall++] = at;
    }
}

/* Less than two decades: 1, 2 and 5 have numbers of their own. */
static void label_short(Arena *a, double lo, double hi, Ticks *t) {
  static const int steps[] = {1, 2, 5};
  for (double decade = floor(lo); decade <= hi; decade++)
    for (int k = 0; k < 3 && t->n < TICKS_MOST; k++) {
      double at = decade + log10(steps[k]);
      if (at < lo - 1e-9 || at > hi + 1e-9) continue;
      t->at[t->n] = at;
      t->text[t->n++] = label_number(a, steps[k] * pow(10, decade), 6);
    }
}

void ticks_log(Arena *a, double lo, double hi, int most, Ticks *out) {
  *out = (Ticks){0};
  if (hi - lo <= 12) add_small(out, lo, hi);
  if (hi - lo < 2) {
    label_short(a, lo, hi, out);
    if (out->n >= 2) return;
    out->n = 0;
    for (int k = 0; k <= 2; k++) { /* within one step: ends and middle */
      out->at[out->n] = lo + (hi - lo) * k / 2;
      out->text[out->n] = label_number(a, pow(10, out->at[out->n]), 3);
      out->n++;
    }
    return;
  }
  if (most > TICKS_MOST) most = TICKS_MOST;
  double step = ceil((floor(hi) - ceil(lo) + 1) / (most < 2 ? 2 : most));
  for (double k = ceil(lo - 1e-9); k <= hi + 1e-9 && out->n < TICKS_MOST;
       k += step < 1 ? 1 : step) {
    out->at[out->n] = k;
    out->text[out->n++] = label_power(a, (int)k);
  }
}

size_t ticks_width(const Ticks *t) {
  size_t most = 0;
  for (int i = 0; i < t->n; i++) {
    size_t n = label_length(t->text[i]);
    most = n > most ? n : most;
  }
  return most;
}
