/* label.h: numbers and units as people write them, in UTF-8: "10⁻³", "mS/cm²", "−0.5". */
#ifndef DYN_REPORT_LABEL_H
#define DYN_REPORT_LABEL_H

#include "base/dim.h"

const char *label_unit(Arena *a, const char *unit);          /* "us" -> "µs", "S/m^2" -> "S/m²" */
const char *label_power(Arena *a, int exponent);             /* "10⁻³" */
const char *label_superscript(Arena *a, const char *digits); /* "-3" -> "⁻³" */
const char *label_number(Arena *a, double x, int digits); /* so many significant digits, at most */
const char *label_fixed(Arena *a, double x, int decimals);
/* Bytes that are no UTF-8 and control characters become blanks. */
const char *label_clean(Arena *a, const char *text);
/* A doc comment's title, on one line: its first sentence, of a long one what stands before the
   colon; if none ends, its first paragraph. And what follows it, as a sentence of its own. */
const char *label_title(Arena *a, const char *doc);
const char *label_after_title(Arena *a, const char *doc);
size_t label_length(const char *text); /* in characters */

#endif
