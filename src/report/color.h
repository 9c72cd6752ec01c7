/* color.h: colours that people with any kind of colour vision can tell apart, and maps whose steps
   look equally large. */
#ifndef DYN_REPORT_COLOR_H
#define DYN_REPORT_COLOR_H

#include "base/arena.h"

typedef struct Rgb {
  uint8_t r, g, b;
} Rgb;

Rgb palette_color(int i);                    /* of the i-th curve */
bool color_read(const char *text, Rgb *out); /* "blue", "#0072b2" */
const char *const *color_names(size_t *n);

typedef struct ColorMap ColorMap;
struct ColorMap {
  const char *name;
  int n;
  const uint32_t *at; /* 0xrrggbb, evenly spaced */
};

const ColorMap *map_find(const char *name); /* NULL: there is none */
const char *const *map_names(size_t *n);
Rgb map_color(const ColorMap *m, double x); /* x from 0 to 1 */
extern const Rgb COLOR_MISSING;             /* of a value that is not finite */

#endif
